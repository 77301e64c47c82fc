import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import type { OfficeProcess } from './office-process.ts';
import { DEMO_OFFICES } from './office-processes.ts';
import { memoryDuring } from './process-usage.ts';
import { sampleSale } from './sample-sales.ts';

const AT_ONCE = 16;

/** Three offices in one process, loaded with the sample sheet and in use. */
export const demoBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'demo.rss',
        what: 'most memory that the demo with three offices has in use, while sales are recorded, listed and synchronized',
        unit: 'MB',
        goal: { atMost: 350 },
      },
    ],
    prepare,
  },
];

async function prepare({ servers, offices, quick }: BenchSetting): Promise<Repetition> {
  const sales = quick ? 300 : 1_000;
  return async () => {
    const demo = await offices.demo(await servers.folder());
    const [course] = await memoryDuring([demo.pid], () => use(demo, sales));
    await offices.stopAll();
    return [{ value: course!.peakMb, limit: null }];
  };
}

/** Sales at both branches, and what a person looks at afterwards. */
async function use({ url }: OfficeProcess, sales: number): Promise<void> {
  const offices = officesAt(url);
  for (let at = 0; at < sales; at += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, (_, offset) => at + offset);
    await Promise.all(batch.map((index) => record(offices[1 + (index % (DEMO_OFFICES - 1))]!, index)));
  }
  for (const office of offices)
    for (const path of ['/api/sales?limit=500', '/api/events?limit=500', '/api/sync'])
      await read(`${office}${path}`);
}

function officesAt(url: string): string[] {
  const { protocol, hostname, port } = new URL(url);
  return Array.from(
    { length: DEMO_OFFICES },
    (_, index) => `${protocol}//${hostname}:${Number(port) + index}`,
  );
}

async function record(office: string, index: number): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${office}/api/sales`, {
    method: 'POST',
    headers,
    body: JSON.stringify(sampleSale(index)),
  });
  await answer.arrayBuffer();
  if (answer.status !== 201) throw new Error(`A sale was answered with ${answer.status}`);
}

async function read(url: string): Promise<void> {
  const answer = await fetch(url);
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}`);
}

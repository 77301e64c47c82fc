import { runProgram } from '../test/harness/run-program.ts';
import { freePort } from '../test/harness/ports.ts';
import { eventually } from '../test/harness/wait.ts';
import type { Benchmark, BenchSetting, Prepared } from './figure.ts';
import { type OfficeProcess, startProcess } from './office-process.ts';
import { sampleSale } from './sample-sales.ts';

const OFFICES = 3;
const SAMPLE_EVERY_MS = 100;
const AT_ONCE = 16;
const READY_MS = 60_000;

/** Three offices in one process, loaded with the sample sheet and in use. */
export const demoBenchmarks: readonly Benchmark[] = [
  {
    name: 'demo.rss',
    what: 'most memory that the demo with three offices has in use, while sales are recorded, listed and synchronized',
    unit: 'MB',
    goal: { atMost: 350 },
    prepare,
  },
];

async function prepare({ servers, quick }: BenchSetting): Promise<Prepared> {
  const sales = quick ? 300 : 2_000;
  let demo: OfficeProcess | null = null;
  return {
    once: async () => {
      demo = await startDemo(await servers.folder());
      const value = await peakMb(demo.pid, () => use(demo!, sales));
      await demo.stop();
      return { value, limit: null };
    },
    end: async () => demo?.stop(),
  };
}

/** It keeps its data under the folder where it is started. The branches take the ports that follow the head's. */
async function startDemo(cwd: string): Promise<OfficeProcess> {
  const port = await freePort();
  return startProcess({ args: ['demo', '--port', String(port)], env: {}, port, cwd });
}

/** Sales at both branches, and what a person looks at afterwards. */
async function use({ url }: OfficeProcess, sales: number): Promise<void> {
  const offices = officesAt(url);
  for (const office of offices) await eventually(() => read(`${office}/health/ready`), READY_MS);
  for (let at = 0; at < sales; at += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, (_, offset) => at + offset);
    await Promise.all(batch.map((index) => record(offices[1 + (index % (OFFICES - 1))]!, index)));
  }
  for (const office of offices)
    for (const path of ['/api/sales?limit=500', '/api/events?limit=500', '/api/sync'])
      await read(`${office}${path}`);
}

function officesAt(url: string): string[] {
  const { protocol, hostname, port } = new URL(url);
  return Array.from({ length: OFFICES }, (_, index) => `${protocol}//${hostname}:${Number(port) + index}`);
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

async function peakMb(pid: number, activity: () => Promise<void>): Promise<number> {
  let peak = await residentMb(pid);
  const look = async (): Promise<void> => void (peak = Math.max(peak, await residentMb(pid)));
  const timer = setInterval(() => void look().catch(() => {}), SAMPLE_EVERY_MS);
  try {
    await activity();
    await look();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

async function residentMb(pid: number): Promise<number> {
  return Number(await runProgram('ps', ['-o', 'rss=', '-p', String(pid)])) / 1024;
}

import { pageToken } from '../services/dataset/page-token.ts';
import { drainRate, type Pair, startCompany } from './drain.ts';
import {
  type Benchmark,
  type BenchSetting,
  type Measure,
  median,
  NotMeasured,
  type Repetition,
  type Sample,
} from './figure.ts';
import { importSales } from './import.ts';
import { countSales, connected, drained } from './office-processes.ts';
import type { OfficeProcess } from './office-process.ts';
import { projectionsOf, projectionsSettled } from './projections-settled.ts';
import { postSales } from './rest.ts';
import { BRANCH } from './sample-log.ts';

const CONNECTIONS = 64;
const PAGE = 100;
const PAGES = 200;
const LOOKS = 3;

const ABOUT = 'branch and head on PostgreSQL with 10,000 events against the same with 1,000,000 or 5,000,000';

/** One repetition, of which every rate is the median of three: filling the databases takes most of an hour. */
export const growthBenchmarks: readonly Benchmark[] = [
  {
    repetitions: 1,
    measures: [
      measureOf('growth', 'the worst of the three below'),
      measureOf('growth.append', 'POST /api/sales'),
      measureOf('growth.drain', 'draining 10,000 waiting sales'),
      measureOf('growth.list', `pages of ${PAGE} sales at the head, from all over the list`),
    ],
    prepare,
  },
];

function measureOf(name: string, what: string): Measure {
  return {
    name,
    what: `how many times slower ${what} becomes: ${ABOUT}`,
    unit: 'x slower',
    goal: { atMost: 1.3 },
  };
}

/** Of one size; each is better the higher it is. */
interface Rates {
  readonly append: number;
  readonly drain: number;
  readonly list: number;
}

async function prepare(setting: BenchSetting): Promise<Repetition> {
  if (!setting.growth) throw new NotMeasured('It takes most of an hour: ask for it with --growth');
  const database = await setting.servers.database('postgresql');
  const company = await startCompany(setting, database);
  await connected(company.branch);
  const { events, quick } = setting;
  return () => grow(company, [events / 100, events, 5 * events], quick ? 1 : 4);
}

async function grow(company: Pair, sizes: readonly number[], seconds: number): Promise<Sample[]> {
  const seen: Rates[] = [];
  for (const size of sizes) {
    const missing = size - (await countSales(company.branch));
    await importSales(company.branch, { sales: missing, from: size - missing });
    await drained(company.branch);
    if (seen.length === 0) await ratesOf(company, seconds); // warms up
    seen.push(await ratesOf(company, seconds));
  }
  const samples = (['append', 'drain', 'list'] as const).map((name) => sampleOf(seen, sizes, name));
  return [{ value: Math.max(...samples.map(({ value }) => value)), limit: null }, ...samples];
}

/** The largest step down, and the rates themselves. */
function sampleOf(seen: readonly Rates[], sizes: readonly number[], name: keyof Rates): Sample {
  const rates = seen.map((one) => one[name]);
  const details = Object.fromEntries(rates.map((rate, index) => [`perSecondAt${sizes[index]}`, rate]));
  return { value: Math.max(...rates.slice(1).map((rate) => rates[0]! / rate)), limit: null, details };
}

async function ratesOf({ head, branch }: Pair, seconds: number): Promise<Rates> {
  const [append, drain, list]: [number[], number[], number[]] = [[], [], []];
  for (let look = 0; look < LOOKS; look++) {
    for (const office of [head, branch]) await projectionsSettled(projectionsOf(office));
    append.push((await postSales(branch, CONNECTIONS, seconds)).rate);
    await drained(branch);
    drain.push(await drainSome(head, branch));
    list.push(await pageRate(head, await somePlaces(head)));
  }
  return { append: median(append), drain: median(drain), list: median(list) };
}

const DRAINED = 10_000;

async function drainSome(head: OfficeProcess, branch: OfficeProcess): Promise<number> {
  await branch.ask('POST', '/api/sync/pause');
  await importSales(branch, { sales: DRAINED });
  return drainRate(head, branch, DRAINED);
}

/** Ids of sales from all over the log, and so from all over the list. */
async function somePlaces(head: OfficeProcess): Promise<string[]> {
  const sales = await countSales(head);
  const places: string[] = [];
  while (places.length < PAGES) {
    const path = `/api/events?after=${Math.floor(Math.random() * (sales - 1))}&limit=1`;
    const { items } = await head.ask<{ items: readonly { readonly entityId: string }[] }>('GET', path);
    places.push(...items.map(({ entityId }) => entityId));
  }
  return places;
}

/** Pages a second, each of another place in the list. */
async function pageRate(office: OfficeProcess, places: readonly string[]): Promise<number> {
  let rows = 0;
  const startedMs = performance.now();
  for (const entityId of places) {
    const after = encodeURIComponent(pageToken({ scope: BRANCH, entityId }));
    const path = `/api/sales?limit=${PAGE}&after=${after}`;
    rows += (await office.ask<{ items: readonly unknown[] }>('GET', path)).items.length;
  }
  const rate = (places.length * 1_000) / (performance.now() - startedMs);
  // Those at the end of the list are shorter.
  if (rows < 0.9 * PAGE * places.length) throw new Error(`${places.length} pages had only ${rows} sales`);
  return rate;
}

import { drainWaiting, startCompany } from './drain.ts';
import type { Benchmark, BenchSetting, Repetition, Sample } from './figure.ts';
import { importSales } from './import.ts';
import { type MemoryCourse, memoryDuring } from './process-usage.ts';
import { BRANCH } from './sample-log.ts';

/** From the second quarter of the time to the last: what is more is not the heap settling. */
const FLAT = 1.15;
/** Nobody listens there. */
const DEAD_LINK = 'amqp://nobody:nothing@127.0.0.1:9/';

const WHO = {
  'drain.branch': 'a branch on SQLite while a million events drain to the head',
  'drain.head': 'the head on PostgreSQL while a branch drains a million events',
  append: 'a branch on SQLite that imports a million sales with the broker away',
} as const;
const most = { unit: 'MB', goal: { atMost: 250 } } as const;

/** One repetition: the worst of some thousand looks, ten a second. */
export const memoryBenchmarks: readonly Benchmark[] = [
  {
    repetitions: 1,
    measures: [
      { name: 'memory', what: 'most memory resident in any of the three below', ...most },
      ...Object.entries(WHO).map(([name, whose]) => ({
        name: `memory.${name}`,
        what: `most memory resident: ${whose}`,
        ...most,
      })),
      {
        name: 'memory.growth',
        what: 'most of the last quarter of the time to most of the second, the worst of the three',
        unit: 'x',
        goal: { atMost: FLAT },
      },
    ],
    prepare,
  },
];

async function prepare(setting: BenchSetting): Promise<Repetition> {
  const total = setting.events;
  const waiting = await setting.fixtures.copy('sqlite', { events: total, total });
  return async () => memorySamples([...(await drainCourses(setting, waiting)), await appendCourse(setting)]);
}

/** Of the branch and of the head. */
async function drainCourses(setting: BenchSetting, waiting: string): Promise<MemoryCourse[]> {
  const { head, branch } = await startCompany(setting, waiting);
  const courses = await memoryDuring([branch.pid, head.pid], () => drainWaiting(branch));
  await setting.offices.stopAll();
  return courses;
}

async function appendCourse({ servers, offices, events }: BenchSetting): Promise<MemoryCourse> {
  const database = await servers.database('sqlite');
  const branch = await offices.start({ id: BRANCH, database, link: DEAD_LINK });
  const [course] = await memoryDuring([branch.pid], () => importSales(branch, { sales: events }));
  await offices.stopAll();
  return course!;
}

export function memorySamples(courses: readonly MemoryCourse[]): Sample[] {
  const growths = courses.map(({ quartersMb }) => quartersMb[3] / quartersMb[1]);
  return [
    { value: Math.max(...courses.map(({ peakMb }) => peakMb)), limit: null },
    ...courses.map(({ peakMb, quartersMb: [firstMb, secondMb, thirdMb, lastMb] }) => {
      return { value: peakMb, limit: null, details: { firstMb, secondMb, thirdMb, lastMb } };
    }),
    { value: Math.max(...growths), limit: null },
  ];
}

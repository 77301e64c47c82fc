// The head's database is away for minutes while branches sell and push.
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMariaDb } from '../harness/mariadb.ts';
import { startPostgres } from '../harness/postgres.ts';
import { type RabbitMqServer, startRabbitMq } from '../harness/rabbitmq.ts';
import { messagesIn } from '../harness/rabbitmq-vhosts.ts';
import { eventually } from '../harness/wait.ts';
import { syncState } from '../e2e/sales.ts';
import { afterwards, selling, sold } from './afterwards.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { isFullRun } from './pairs.ts';
import { stopSelling } from './seller.ts';

const AWAY_MS = isFullRun ? 600_000 : 20_000;
const LOOK_EVERY_MS = isFullRun ? 20_000 : 4_000;
/** Of one branch: a window of eight batches, then probes and greetings, ever more seldom. */
const mostMessages = (sinceMs: number): number => 8 + Math.ceil((performance.now() - sinceMs) / 5_000);

const START = { postgresql: startPostgres, mariadb: startMariaDb } as const;
const heads = isFullRun ? (['postgresql', 'mariadb'] as const) : (['postgresql'] as const);
const branchKinds = isFullRun ? (['sqlite', 'postgresql', 'mariadb'] as const) : (['sqlite'] as const);

let broker: RabbitMqServer;

beforeAll(async () => {
  broker = await startRabbitMq();
}, 120_000);

afterAll(() => broker.remove(), 60_000);

/** Of the whole broker, since it was started. */
async function deliveries(): Promise<{ readonly delivered: number; readonly redelivered: number }> {
  const text = await broker.ctl('eval', 'rabbit_global_counters:overview().');
  const sum = (name: string): number => {
    const found = [...text.matchAll(new RegExp(`\\b${name} => (\\d+)`, 'g'))];
    expect(found.length).toBeGreaterThan(0);
    return found.reduce((total, [, digits]) => total + Number(digits), 0);
  };
  const delivered = sum('messages_delivered_consume_manual_ack_total');
  return { delivered, redelivered: sum('messages_redelivered_total') };
}

describe('branches that sell while the database of their head is away', () => {
  it('fill no queue, are handed out to nobody again and again, and lose and double nothing', async () => {
    const companies = await Promise.all(heads.map(openCompany));
    const shops = companies.flatMap(({ company, server }) =>
      company.branches.map((office) => ({ company, server, office, told: selling(office, 2, 50) })),
    );
    await Promise.all(shops.map(({ told }) => sold(told)));
    const awayAtMs = performance.now();
    await Promise.all(companies.map(({ server }) => server.stop()));
    await Promise.all(shops.map(({ told }) => sold(told)));
    await eventually(async () => {
      for (const { company } of companies)
        expect(await syncState(company.head)).toMatchObject({ problem: { type: 'database-unavailable' } });
    }, 60_000);
    const before = await deliveries();
    const untilMs = performance.now() + AWAY_MS;
    while (performance.now() < untilMs) {
      await after(LOOK_EVERY_MS); // the time is the fault
      for (const { company } of companies) {
        const queued = (await messagesIn(broker.managementUrl, company.linkUrl)).get('branchline.up')!;
        expect(queued).toBeLessThanOrEqual(mostMessages(awayAtMs) * company.branches.length);
      }
    }
    const { delivered, redelivered } = await deliveries();
    // What was in hand when the database went is in hand until it is back; heads and branches say little meanwhile.
    const most = mostMessages(awayAtMs) * shops.length;
    expect(delivered - before.delivered).toBeLessThan(most);
    expect(redelivered - before.redelivered).toBeLessThanOrEqual(most);
    await Promise.all(shops.map(({ told }) => sold(told)));
    await Promise.all(companies.map(({ server }) => server.restart()));
    await Promise.all(shops.map(({ told }) => stopSelling(told)));
    for (const { company, office, told } of shops)
      await reckon(company, office.settings['OFFICE_ID']!, told, 240_000);
  }, 1_500_000);

  async function openCompany(kind: (typeof heads)[number]) {
    const server = afterwards(await START[kind]());
    const url = await server.createDatabase('head');
    const linkUrl = await broker.createVhost(`of-${kind}`);
    const branches = Object.fromEntries(
      branchKinds.map((database) => [`on-${database}`, { database }] as const),
    );
    const company = afterwards(await Company.open({ linkUrl, head: { database: { url } }, branches }));
    return { company, server };
  }
});

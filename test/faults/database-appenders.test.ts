// Hundreds sell at once while somebody else's transaction keeps the office out of its own database.
import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { openRaw, type Raw } from '../contract/store-raw.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { paper, type Sale } from '../e2e/sales.ts';
import { type DatabaseKind, testDatabase } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { afterwards } from './afterwards.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { isFullRun } from './pairs.ts';
import type { Sold } from './seller.ts';

const APPENDERS = 500;
/** In a full run for longer than the office waits for a lock, or for the file. */
const HELD_MS = isFullRun ? 20_000 : 3_000;
/** What an office may say that cannot serve now. */
const CLEAR = /^urn:branchline:problem:(busy|too-many-waiting|database-unavailable|commit-unknown|timeout)$/;

const kinds = isFullRun
  ? (['sqlite', 'postgresql', 'mariadb'] as const)
  : (['sqlite', 'postgresql'] as const);

interface Answer {
  readonly status: number;
  readonly body: Sale & { readonly type?: string };
}

describe.each(kinds)('a branch on %s with 500 who sell at once', (kind) => {
  it('answers each of them once, or says clearly that it cannot, while another holds its log', async () => {
    const { url } = afterwards(await testDatabase(kind));
    const company = afterwards(
      await Company.open({ head: { database: 'postgresql' }, branches: { west: { database: { url } } } }),
    );
    const west = company.office('west');
    const holder = afterwards(await openRaw(kind, url));
    await hold(kind, holder);
    const requests = Array.from({ length: APPENDERS }, (_, number) => ({
      key: randomUUID(),
      sale: { ...paper(1 + (number % 90)), product: `sale ${randomUUID()}` },
    }));
    let answers = 0;
    const pending = requests.map(({ key, sale }) =>
      ask(west, key, sale).finally(() => {
        answers += 1;
      }),
    );
    await after(HELD_MS); // this is the fault
    const early = answers;
    await holder.run('commit');
    const first = await Promise.all(pending);
    const refused = first.filter(({ status }) => status !== 201);
    expect(refused.length).toBeGreaterThanOrEqual(early); // nothing can have been sold before
    expect(refused.filter(({ body }) => !CLEAR.test(body.type ?? ''))).toEqual([]);
    const told: Sold[] = await Promise.all(
      requests.map(async ({ key, sale }, at) => {
        const sold = first[at]!.status === 201 ? first[at]!.body : await untilSold(west, key, sale);
        return { label: sale.product, told: sold, isUnsure: false };
      }),
    );
    await reckon(company, 'west', [{ sold: told, refusals: [] }]);
    const count = await company.head.get<{ total: number }>('/api/sales?office=west&count=true&limit=1');
    expect(count.body.total).toBe(APPENDERS);
  }, 300_000);
});

async function hold(kind: DatabaseKind, holder: Raw): Promise<void> {
  await holder.run(kind === 'sqlite' ? 'begin immediate' : 'start transaction');
  if (kind !== 'sqlite') await holder.run('select * from log where id = 1 for update');
}

async function ask(office: OfficeProcess, key: string, sale: object): Promise<Answer> {
  return office.send<Answer['body']>('POST', '/api/sales', sale, { 'idempotency-key': key });
}

function untilSold(office: OfficeProcess, key: string, sale: object): Promise<Sale> {
  return eventually(async () => {
    const { status, body } = await ask(office, key, sale);
    expect({ status, body }).toMatchObject({ status: 201 });
    return body;
  }, 60_000);
}

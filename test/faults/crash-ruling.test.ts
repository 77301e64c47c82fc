// kill -9 in the middle of a conflict: both sides have amended one sale while the branch was away.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Moment } from '../../mixins/moments.ts';
import type { EventView } from '../../services/event-view.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { all, amend, type Case, paper, record, type Sale } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { HEAD } from './company.ts';
import { companies, forRun } from './pairs.ts';
import { sellers, stopSelling } from './seller.ts';
import { TrappedCompany } from './trapped.ts';

interface Death {
  readonly at: 'head' | 'branch';
  readonly moment: Moment;
}

const PAUSE_MS = 100;
const SETTLED_MS = 90_000;

/**
 * Who dies when, and what keeps the promise there. At the head:
 * case-judged       the case is open and committed: the next start looks at every open case;
 * ruling-committed  the case is settled in the ruling's own transaction, so that nobody rules again;
 * run-read          a ruling that was not published is pulled.
 * At the branch:
 * apply-written     what came down, the case and the cursor are one transaction.
 */
const DEATHS: readonly Death[] = [
  { at: 'head', moment: 'case-judged' },
  { at: 'head', moment: 'ruling-committed' },
  { at: 'head', moment: 'run-read' },
  { at: 'branch', moment: 'apply-written' },
];

let world: TrappedCompany;

afterEach(() => world.close(), 120_000);

describe.each(companies({ head: 'postgresql', branches: { north: 'mariadb' } }))(
  'a head on $head and its branches, in conflict',
  (databases) => {
    it('agree on one ruling, whoever is killed over it', async () => {
      world = await TrappedCompany.open(databases);
      for (const id of world.branches) {
        const selling = sellers(world.office(id), 1, PAUSE_MS);
        for (const { at, moment } of forRun(DEATHS, DEATHS.slice(0, 2))) {
          const sale = await amendOnBothSides(id);
          const dying = at === 'head' ? HEAD : id;
          world.setTrap(dying, moment);
          await world.office(id).send('POST', '/api/sync/resume');
          await world.dies(dying);
          await world.office(dying).start();
          await expectOneRuling(id, sale);
        }
        await stopSelling(selling);
        await world.reckonOneLife(id, selling);
      }
    }, 900_000);
  },
);

/** The branch is paused then. */
async function amendOnBothSides(id: string): Promise<Sale> {
  const branch = world.office(id);
  const sale = await record(branch, paper(1));
  await eventually(async () => {
    expect((await world.head.get(`/api/sales/${sale.id}`)).status).toBe(200);
  }, SETTLED_MS);
  await branch.send('POST', '/api/sync/pause');
  await amend(branch, sale.id, { qty: 2 });
  await amend(world.head, sale.id, { qty: 3 });
  return sale;
}

async function expectOneRuling(id: string, { id: entityId }: Sale): Promise<void> {
  const [head, branch] = [world.head, world.office(id)];
  await eventually(async () => {
    const seen = await sidesOf(branch, entityId);
    expect(seen).toMatchObject({ conflicted: false, cases: [['settled', 1]], rulings: 1, events: 4 });
    expect(await sidesOf(head, entityId)).toEqual(seen);
  }, SETTLED_MS);
}

/** How one office sees the sale and its conflict. */
async function sidesOf(office: OfficeProcess, entityId: string): Promise<object> {
  const { conflicted, qty } = (await office.get<Sale>(`/api/sales/${entityId}`)).body;
  const cases = (await all<Case>(office, '/api/conflicts'))
    .filter((one) => one.entityId === entityId)
    .map(({ status, rulings }) => [status, rulings.length]);
  const { items } = (await office.get<{ items: EventView[] }>(`/api/sales/${entityId}/history`)).body;
  const rulings = items.filter(({ type }) => type === 'ConflictResolved').length;
  return { conflicted, qty, cases, rulings, events: items.length };
}

import type { DomainEvent } from '../../domain/event.ts';
import { officeActivity } from '../../domain/projections/office-activity.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { eventually } from '../harness/wait.ts';
import { LogWriter } from './store-fixtures.ts';
import {
  byDay,
  change,
  type Node,
  ProjectionsWorld,
  record,
  SALE,
  settled,
  voidSale,
} from './projections-world.ts';

const DAY = { office: 'head', soldOn: '2026-04-01' };
const DEADLINE_MS = 60_000;

async function jobDone({ projections }: Node, name: string) {
  return eventually(async () => {
    const { job } = await projections.get(name);
    expect(job?.endedAt).not.toBeNull();
    return job!;
  }, DEADLINE_MS);
}

/** What projections promise, whatever the database. */
export function projectionsContract(kind: DatabaseKind): void {
  describe(`projections on ${kind}`, () => {
    const world = new ProjectionsWorld(kind);
    beforeEach(() => world.begin());
    afterEach(() => world.end());

    following(world);
    jobs(world);
    moments(world);
    trouble(world);
  });
}

function following(world: ProjectionsWorld): void {
  it('follow what is sold, changed and voided, to the last decimal', async () => {
    const node = await world.node();
    await record(node, 'a');
    await record(node, 'b', { qty: -1, cost: '99999999999999.9999', tax: '0.0001' });
    await record(node, 'c', { soldOn: '2026-04-02' });
    await change(node, 'a', { qty: 1 });
    await voidSale(node, 'c');
    await settled(node);
    expect(await byDay(node)).toEqual([
      {
        ...DAY,
        count: 2,
        qty: 0,
        amount: '-99999999999987.0499',
        tax: '66.1701',
        total: '-99999999999920.8798',
      },
    ]);
    const activity = { kind: 'lines', projection: officeActivity, table: 'office_activity' } as const;
    const [line] = await node.store.projections.lines(activity, null, 10);
    expect(line).toMatchObject({ recorded: 3, voided: 1, conflicted: 0 });
  });

  it('keep sums that no 64-bit number holds', async () => {
    const node = await world.node();
    for (const id of ['a', 'b', 'c', 'd'])
      await record(node, id, { qty: 1, cost: '99999999999999.9999', tax: '0' });
    await settled(node);
    for (let n = 0; n < 10; n++)
      await record(node, `e${n}`, { qty: 1, cost: '99999999999999.9999', tax: '0' });
    await settled(node);
    expect(await byDay(node)).toMatchObject([{ count: 14, amount: '1399999999999999.9986' }]);
  });

  it('go on after a restart where they were', async () => {
    const first = await world.node();
    await record(first, 'a');
    await settled(first);
    await first.stop();
    const idle = await world.node({ starts: false });
    await record(idle, 'b');
    expect(await byDay(idle)).toMatchObject([{ count: 1 }]);
    await idle.stop();
    const again = await world.node();
    await settled(again);
    expect(await byDay(again)).toMatchObject([{ count: 2, qty: 146 }]);
  });

  it('list how they stand, and give their lines page by page', async () => {
    const node = await world.node();
    for (const [n, soldOn] of ['2026-04-03', '2026-04-01', '2026-04-02'].entries())
      await record(node, `s${n}`, { soldOn });
    await settled(node);
    expect((await node.projections.list()).map(({ name, kind, position }) => [name, kind, position])).toEqual(
      [
        ['office_activity', 'projection', 3],
        ['sales', 'dataset', 3],
        ['sales_by_day', 'projection', 3],
        ['sales_by_office', 'projection', 3],
        ['sales_by_product', 'projection', 3],
      ],
    );
    const days = (lines: object[]) => lines.map((line) => (line as { soldOn: string }).soldOn);
    expect(days(await node.projections.lines('sales_by_day', null, 2))).toEqual(['2026-04-01', '2026-04-02']);
    expect(days(await node.projections.lines('sales_by_day', ['head', '2026-04-02'], 2))).toEqual([
      '2026-04-03',
    ]);
    expect(await node.projections.lines('sales', ['head', 's0'], 9)).toMatchObject([
      { id: 's1' },
      { id: 's2' },
    ]);
  });
}

function jobs(world: ProjectionsWorld): void {
  it.each(['sales_by_day', 'sales'])('rebuild %s while sales go on, and find it in order', async (name) => {
    const node = await world.node();
    for (let n = 0; n < 300; n++) await record(node, `s${n}`, { qty: n });
    await settled(node);
    const raw = await world.raw();
    if (name === 'sales') await raw.run(`update sales set qty = 1000 where entity_id = 's7'`);
    else await raw.run('update sales_by_day set qty = 1');
    await node.projections.verify(name, {});
    const found = await jobDone(node, name);
    expect(found).toMatchObject({ phase: 'done', problem: null });
    expect(found.difference).toMatchObject(
      name === 'sales'
        ? {
            key: { office: 'head', id: 's7' },
            table: { values: { qty: 1000 } },
            expected: { values: { qty: 7 } },
          }
        : { key: DAY, table: { qty: 1 }, expected: { qty: 44_850 } },
    );
    await node.projections.rebuild(name, {});
    for (let n = 300; n < 330; n++) await record(node, `s${n}`, { qty: n });
    for (let n = 0; n < 30; n++) await change(node, `s${n}`, { qty: 5 });
    expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
    await settled(node);
    await node.projections.verify(name, {});
    expect(await jobDone(node, name)).toMatchObject({ phase: 'done', difference: null });
    expect(await byDay(node)).toMatchObject([{ count: 330, qty: (329 * 330) / 2 - (29 * 30) / 2 + 150 }]);
    await record(node, 'last', { qty: 1 });
    expect(
      (await node.store.read.rowsById((await import('../../domain/datasets/sales.ts')).sales, 'last')).length,
    ).toBe(1);
    for (const left of [`${name}__new`, `${name}__old`, `${name}__check`])
      expect(await node.store.projections.hasTable(left)).toBe(false);
  });

  it('rebuild again and again', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    for (const name of ['sales_by_day', 'sales', 'sales_by_day', 'sales']) {
      await node.projections.rebuild(name, {});
      expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
    }
    expect(await byDay(node)).toMatchObject([{ count: 1 }]);
  });

  it('go on with a rebuild that another process began, and throw away what was cancelled', async () => {
    const first = await world.node();
    for (let n = 0; n < 20; n++) await record(first, `s${n}`);
    await settled(first);
    await first.projections.rebuild('sales_by_day', { maxLoad: 0.01 });
    await first.stop();
    const second = await world.node();
    expect(await jobDone(second, 'sales_by_day')).toMatchObject({ phase: 'done' });
    expect(await byDay(second)).toMatchObject([{ count: 20 }]);
    await second.projector.stop();
    await second.projections.rebuild('sales', {});
    await second.projections.cancel('sales');
    second.projector.start();
    expect(await jobDone(second, 'sales')).toMatchObject({ phase: 'cancelled' });
    expect(await second.store.projections.hasTable('sales__new')).toBe(false);
  });

  it('refuse two jobs at a time, and tables that are not there', async () => {
    const node = await world.node({ starts: false });
    await expect(node.projections.get('nothing')).rejects.toMatchObject({ type: 'unknown-projection' });
    node.projector.start();
    await settled(node);
    await node.projector.stop();
    await node.projections.rebuild('sales', {});
    await expect(node.projections.verify('sales', {})).rejects.toMatchObject({ type: 'projection-working' });
    await expect(node.projections.drop('sales')).rejects.toMatchObject({ type: 'not-allowed' });
  });

  it('drop a projection, and make it anew', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projections.drop('sales_by_day');
    await expect(node.projections.lines('sales_by_day', null, 1)).rejects.toMatchObject({
      type: 'projection-not-made',
    });
    await record(node, 'b');
    await node.projections.rebuild('sales_by_day', {});
    await settled(node);
    expect(await byDay(node)).toMatchObject([{ count: 2 }]);
  });
}

function moments(world: ProjectionsWorld): void {
  it('show what was known at a position, and what was written until some time', async () => {
    const node = await world.node();
    await record(node, 'a');
    await record(node, 'b');
    const [, second] = await node.store.read.eventsByPosition(0, { count: 2, bytes: 1e6 });
    const time = second!.event.at.slice(0, 24);
    await eventually(() => expect(new Date().toISOString() > time).toBe(true));
    await change(node, 'a', { qty: 1 });
    await settled(node);
    await node.projections.asOf('sales_by_day', { asOf: { position: 1 }, into: 'day_at_1' });
    await node.projections.asOf('sales_by_day', { asOf: { time }, into: 'day_then' });
    await node.projections.asOf('sales', { asOf: { position: 2 }, into: 'sales_at_2' });
    for (const name of ['day_at_1', 'day_then', 'sales_at_2']) {
      expect(await jobDone(node, name)).toMatchObject({ phase: 'done' });
    }
    expect(await node.projections.lines('day_at_1', null, 9)).toMatchObject([{ count: 1, qty: 73 }]);
    expect(await node.projections.lines('day_then', null, 9)).toMatchObject([{ count: 2, qty: 146 }]);
    expect(await node.projections.lines('sales_at_2', null, 9)).toMatchObject([{ qty: 73 }, { qty: 73 }]);
    await expect(
      node.projections.asOf('sales_by_day', { asOf: { position: 1 }, into: 'sales' }),
    ).rejects.toMatchObject({ type: 'projection-exists' });
    await node.projections.drop('day_at_1');
    await expect(node.projections.get('day_at_1')).rejects.toMatchObject({ type: 'unknown-projection' });
    expect(await node.store.projections.hasTable('day_at_1')).toBe(false);
  });
}

function trouble(world: ProjectionsWorld): void {
  it('are worked on by one process at a time', async () => {
    const nodes = [await world.node({ isAlone: false }), await world.node({ isAlone: false })];
    await Promise.all(
      nodes.map((node, one) =>
        Promise.all(Array.from({ length: 50 }, (_, n) => record(node, `${one}-${n}`))),
      ),
    );
    await nodes[0]!.projections.rebuild('sales_by_day', {}).catch(() => {}); // it may still be made for the first time
    await Promise.all(nodes.map(settled));
    expect(await byDay(nodes[0]!)).toMatchObject([{ count: 100, qty: 7_300 }]);
    await nodes[1]!.projections.verify('sales_by_day', {});
    expect(await jobDone(nodes[0]!, 'sales_by_day')).toMatchObject({ difference: null });
  });

  it('are taken over from a process that is dead, and from none before', async () => {
    const node = await world.node();
    for (let n = 0; n < 30; n++) await record(node, `s${n}`);
    await settled(node);
    await node.projector.stop();
    await node.projections.rebuild('sales_by_day', {});
    const store = node.store.projections;
    let nowMs = Date.now() + 60_000; // whatever the first process held is over
    const worker = (instance: string) => ({ instance, isAlone: false, nowMs: () => nowMs });
    const [one, other] = ['one', 'other'].map((name) => new JobRunner(store, worker(name), () => 5));
    const row = async () => (await store.row('sales_by_day'))!;
    expect(await one!.step(await row())).toBe('worked');
    const seen = await row();
    expect(seen).toMatchObject({ holder: 'one', job: { eventsDone: 4 } });
    expect(await other!.step(seen)).toBe('waits');
    nowMs += 60_000;
    expect(await other!.step(seen)).toBe('worked');
    expect(await row()).toMatchObject({ holder: 'other', token: seen.token + 1, job: { eventsDone: 8 } });
    expect(await one!.step(seen)).toBe('waits');
    nowMs += 60_000;
    await one!.step(seen); // may go on, but not from where it was
    expect(await row()).toMatchObject({ job: { eventsDone: 8 } });
    nowMs += 60_000;
    for (let at = await row(); at.job!.endedAtMs === null; at = await row()) await other!.step(at);
    expect(await byDay(node)).toMatchObject([{ count: 30 }]);
  });

  it('leave out an entity that they cannot enter, say so, and take it in when it is mended', async () => {
    const node = await world.node();
    await settled(node);
    const log = new LogWriter();
    const key = { office: 'east', dataset: 'sales', scope: 'head', entityId: 'odd' };
    const { soldOn: _, ...data } = SALE;
    const accept = (seq: number, changes: Partial<DomainEvent>) =>
      node.store.transaction(async (tx) => {
        const row = await tx.lockLog();
        const position = row.position + 1;
        await tx.insertEvents([log.event({ ...key, seq, ...changes }, position)]);
        await tx.saveLog({ ...row, position });
      });
    await accept(1, { type: 'SaleRecorded', data });
    await record(node, 'a');
    const failing = [
      {
        office: 'head',
        id: 'odd',
        reason: 'value-unknown',
        detail: expect.stringContaining('soldOn') as string,
      },
    ];
    const leavesOut = () =>
      eventually(async () => {
        const view = await node.projections.get('sales_by_day');
        expect(view).toMatchObject({ behind: 0, failures: 1, failing, state: 'live' });
        expect(view.job?.endedAt).not.toBeNull();
      }, DEADLINE_MS);
    await leavesOut();
    expect(await byDay(node)).toMatchObject([{ count: 1 }]);
    expect(await node.projections.get('sales_by_office')).toMatchObject({ failures: 0 });
    await node.projections.rebuild('sales_by_day', {});
    await jobDone(node, 'sales_by_day');
    await leavesOut();
    await accept(2, { type: 'SaleAmended', data: { soldOn: '2026-04-01' } });
    node.projector.committed();
    await settled(node);
    expect(await node.projections.get('sales_by_day')).toMatchObject({ failures: 0, failing: [] });
    expect(await byDay(node)).toMatchObject([{ count: 2, qty: 146 }]);
  });
}

import { officeActivity } from '../../domain/projections/office-activity.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { eventually } from '../harness/wait.ts';
import { projectionDamage } from './projections-damage.ts';
import { projectionAsOf } from './projections-as-of.ts';
import { projectionExchange } from './projections-exchange.ts';
import { projectionJobs } from './projections-jobs.ts';
import { projectionShapes } from './projections-shapes.ts';
import { projectionLeases } from './projections-leases.ts';
import { projectionVersions } from './projections-versions.ts';
import { projectionTrouble } from './projections-trouble.ts';
import { projectionViews } from './projections-views.ts';
import {
  byDay,
  change,
  DAY,
  jobDone,
  ProjectionsWorld,
  record,
  settled,
  voidSale,
} from './projections-world.ts';

/** What projections promise, whatever the database. */
export function projectionsContract(kind: DatabaseKind): void {
  describe(`projections on ${kind}`, () => {
    const world = new ProjectionsWorld(kind);
    beforeEach(() => world.begin());
    afterEach(() => world.end());

    following(world);
    projectionJobs(world);
    projectionExchange(world, kind);
    projectionViews(world, kind);
    projectionAsOf(world, kind);
    moments(world);
    projectionLeases(world);
    projectionTrouble(world);
    projectionDamage(world);
    projectionVersions(world);
    projectionShapes(world);
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
        ['products', 'dataset', 3],
        ['sales', 'dataset', 3],
        ['sales_by_day', 'projection', 3],
        ['sales_by_office', 'projection', 3],
        ['sales_by_product', 'projection', 3],
        ['stock', 'dataset', 3],
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

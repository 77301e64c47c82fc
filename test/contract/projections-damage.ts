import { JobRunner } from '../../mixins/projections/job-runner.ts';
import type { ProjectionStore } from '../../mixins/store/projections/projection-store.ts';
import { eventually } from '../harness/wait.ts';
import {
  byDay,
  DEADLINE_MS,
  jobDone,
  type ProjectionsWorld,
  record,
  settled,
  voidSale,
} from './projections-world.ts';

const UNREADABLE = 'the log cannot be read';

/** What goes wrong with one projection does not go wrong with the others, and can be mended. */
export function projectionDamage(world: ProjectionsWorld): void {
  it('go on without one that cannot be written, and have it back when it is rebuilt', async () => {
    const told: string[] = [];
    const node = await world.node({ told });
    await record(node, 'a');
    await settled(node);
    await (await world.raw()).run('drop table sales_by_day');
    await record(node, 'b');
    await eventually(async () => {
      const all = await node.projections.list();
      expect(Object.fromEntries(all.map(({ name, state, behind }) => [name, [state, behind]]))).toEqual({
        office_activity: ['live', 0],
        products: ['live', 0],
        sales: ['live', 0],
        sales_by_day: ['damaged', 1],
        sales_by_office: ['live', 0],
        sales_by_product: ['live', 0],
        stock: ['live', 0],
      });
    }, DEADLINE_MS);
    const detail = expect.stringContaining('sales_by_day') as string;
    const { job } = await node.projections.get('sales_by_day');
    expect(job).toMatchObject({ kind: 'follow', phase: 'failed', problem: { detail } });
    expect(told).toEqual([expect.stringContaining('projections rebuild sales_by_day')]);
    await node.projections.rebuild('sales_by_day', {});
    expect(await jobDone(node, 'sales_by_day')).toMatchObject({ kind: 'rebuild', phase: 'done' });
    await record(node, 'c');
    await settled(node);
    expect(await byDay(node)).toMatchObject([{ count: 3 }]);
  });

  it('end a verification of one that is damaged meanwhile', async () => {
    const told: string[] = [];
    const node = await world.node({ told });
    await record(node, 'a');
    await settled(node);
    await node.projector.stop();
    await (await world.raw()).run('delete from sales_by_day');
    await voidSale(node, 'a');
    await node.projections.verify('sales_by_day', {});
    node.projector.start();
    expect(await jobDone(node, 'sales_by_day')).toMatchObject({
      kind: 'verify',
      phase: 'failed',
      problem: { type: 'projection-not-made' },
    });
    expect(await node.projections.get('sales_by_day')).toMatchObject({ state: 'damaged' });
    expect(await node.store.projections.hasTable('sales_by_day__check')).toBe(false);
    await node.projections.rebuild('sales_by_day', {});
    await settled(node);
    expect(await byDay(node)).toEqual([]);
  });

  it('do what was asked for while nothing can be followed', async () => {
    const told: string[] = [];
    let isBroken = false;
    const node = await world.node({
      told,
      wrap: (store) => ({
        ...store,
        follow: (...of) => (isBroken ? Promise.reject(new Error(UNREADABLE)) : store.follow(...of)),
      }),
    });
    await settled(node);
    isBroken = true;
    await record(node, 'a');
    await eventually(() => expect(told).toEqual([expect.stringContaining(UNREADABLE)]), DEADLINE_MS);
    await node.projections.verify('sales', {});
    expect(await jobDone(node, 'sales')).toMatchObject({ kind: 'verify', phase: 'done', difference: null });
    expect(told).toHaveLength(1);
    isBroken = false;
    await settled(node);
    expect(await byDay(node)).toMatchObject([{ count: 1 }]);
  });

  it('hold no more rows at once than a few for each event, however many no event names', async () => {
    const most: number[] = [];
    const node = await world.node({ starts: false });
    for (const id of ['a', 'b', 'c']) await record(node, id);
    const { projections: store } = node.store;
    const storedEntities: ProjectionStore['storedEntities'] = async (...of) => {
      const rows = await store.storedEntities(...of);
      most.push(rows.length);
      return rows;
    };
    const runner = new JobRunner({ ...store, storedEntities }, node.worker, () => 2);
    const verified = async () => {
      for (;;) {
        const row = (await store.row('sales'))!;
        if (row.job?.endedAtMs !== null) return row.job;
        await runner.step(row);
      }
    };
    node.projector.start();
    await settled(node);
    await node.projector.stop();
    const raw = await world.raw();
    await raw.run(`create table planted as select * from sales where entity_id = 'c'`);
    for (let n = 0; n < 12; n++) {
      await raw.run(`update planted set entity_id = 'd${n}'`);
      await raw.run('insert into sales select * from planted');
    }
    await node.projections.verify('sales', {});
    expect(await verified()).toMatchObject({ difference: { key: { id: 'd0' }, expected: null } });
    expect(Math.max(...most)).toBeLessThanOrEqual(4);
  });

  it('say that somebody has dropped a table that is read', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projections.asOf('sales', { asOf: { position: 1 }, into: 'first' });
    await jobDone(node, 'first');
    const raw = await world.raw();
    for (const name of ['sales_by_day', 'first']) {
      expect(await node.projections.lines(name, null, 1)).toMatchObject([{ amount: '945.35', tax: '66.17' }]);
      await raw.run(`drop table ${name}`);
      await expect(node.projections.lines(name, null, 1)).rejects.toMatchObject({
        type: 'projection-not-made',
        message: expect.stringMatching(
          /Somebody has dropped the table.*(rebuild|ask for it again)/,
        ) as string,
      });
    }
  });

  it('show money as sales do', async () => {
    const node = await world.node();
    await record(node, 'a', { qty: 2, cost: '1.25', tax: '0.1' });
    await settled(node);
    const money = { amount: '2.50', tax: '0.10', total: '2.60' };
    expect(await node.projections.lines('sales_by_day', null, 1)).toMatchObject([money]);
    expect(await node.projections.lines('sales', null, 1)).toMatchObject([{ cost: '1.25', ...money }]);
    await (await world.raw()).run(`update sales_by_day set qty = 3`);
    await node.projections.verify('sales_by_day', {});
    expect((await jobDone(node, 'sales_by_day')).difference).toMatchObject({ table: money, expected: money });
    await (await world.raw()).run(`update sales set qty = 3`);
    await node.projections.verify('sales', {});
    const { difference } = await jobDone(node, 'sales');
    expect(difference).toMatchObject({ table: { values: money }, expected: { values: money } });
  });

  it('see an event that somebody made count, or not count, in the log', async () => {
    const node = await world.node();
    await record(node, 'a');
    await record(node, 'b');
    for (const status of ['parked', 'applied'] as const)
      await node.store.transaction(async (tx) => {
        await tx.lockLog();
        await tx.setEventStatus([1], status);
      });
    node.projector.wake();
    await settled(node);
    const verified = async () => {
      await node.projections.verify('sales', {});
      return jobDone(node, 'sales');
    };
    expect(await verified()).toMatchObject({ phase: 'done', difference: null });
    const raw = await world.raw();
    await raw.run(`update event set status = 'discarded' where position = 2`);
    expect(await verified()).toMatchObject({ difference: { key: { id: 'b' }, expected: null } });
    await raw.run(`update event set status = 'discarded' where position = 1`);
    const event = expect.stringMatching(/^head@\d+:1$/) as string;
    expect(await verified()).toMatchObject({
      difference: {
        key: { id: 'a' },
        table: { event, status: 'not applied' },
        expected: { event, status: 'applied' },
      },
    });
  });
}

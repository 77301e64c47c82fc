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

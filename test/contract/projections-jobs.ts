import { eventually } from '../harness/wait.ts';
import {
  byDay,
  change,
  DAY,
  DEADLINE_MS,
  jobDone,
  type ProjectionsWorld,
  record,
  settled,
  tablesBeside,
} from './projections-world.ts';

/** What is asked for: rebuild, verify, cancel, drop. */
export function projectionJobs(world: ProjectionsWorld): void {
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
    await eventually(async () => expect(await tablesBeside(world, node, name)).toEqual([]));
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
    expect(await second.projections.cancel('sales')).toMatchObject({
      job: { cancelled: true, endedAt: null },
    });
    second.projector.start();
    expect(await jobDone(second, 'sales')).toMatchObject({ phase: 'cancelled' });
    expect(await tablesBeside(world, second, 'sales')).toEqual([]);
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

  it('leave one that was dropped as it is when its rebuild is cancelled, also after a restart', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projections.drop('sales_by_day');
    await node.projector.stop();
    await node.projections.rebuild('sales_by_day', {});
    const lines = () => node.projections.lines('sales_by_day', null, 1);
    await expect(lines()).rejects.toThrow('is still being made');
    await node.projections.cancel('sales_by_day');
    node.projector.start();
    expect(await jobDone(node, 'sales_by_day')).toMatchObject({ phase: 'cancelled' });
    await expect(lines()).rejects.toThrow('was dropped; make it anew with rebuild');
    await node.stop();
    const again = await world.node();
    await record(again, 'b');
    await eventually(async () => {
      expect(await again.projections.get('sales_by_office')).toMatchObject({ behind: 0 });
    }, DEADLINE_MS);
    expect(await again.projections.get('sales_by_day')).toMatchObject({ state: 'dropped' });
  });

  it('say why a table could not be made', async () => {
    const page = () => Promise.reject(new Error('the log cannot be read'));
    const node = await world.node();
    await settled(node);
    await node.stop();
    const broken = await world.node({
      wrap: (store) => ({ ...store, scopes: () => Promise.resolve(['head']), page }),
    });
    await broken.projections.asOf('sales_by_day', { asOf: { position: 0 }, into: 'day_at_0' });
    expect(await jobDone(broken, 'day_at_0')).toMatchObject({ phase: 'failed' });
    await expect(broken.projections.lines('day_at_0', null, 1)).rejects.toThrow(
      '"day_at_0" was not made (the log cannot be read); drop it, and ask for it again',
    );
  });

  it('find a row of an office that no event names, before and behind those that are known', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    const raw = await world.raw();
    await raw.run('create table planted as select * from sales');
    for (const office of ['nowhere', 'aloft']) {
      await raw.run(`update planted set scope = '${office}'`);
      await raw.run('insert into sales select * from planted');
      await node.projections.verify('sales', {});
      const { difference } = await jobDone(node, 'sales');
      const table = { values: { qty: 73 } };
      expect(difference).toMatchObject({ key: { office, id: 'a' }, table, expected: null });
    }
    await node.projections.rebuild('sales', {});
    await jobDone(node, 'sales');
    await node.projections.verify('sales', {});
    expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', difference: null });
  });
}

import { JobRunner } from '../../mixins/projections/job-runner.ts';
import type { ProjectionStore } from '../../mixins/store/projections/projection-store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import {
  jobDone,
  type Node,
  type ProjectionsWorld,
  record,
  settled,
  tablesBeside,
} from './projections-world.ts';

async function office(world: ProjectionsWorld): Promise<Node> {
  const node = await world.node();
  await record(node, 'a');
  await settled(node);
  return node;
}

/** What others have made for reading: views, and who may read. */
export function projectionViews(world: ProjectionsWorld, kind: DatabaseKind): void {
  const all = ['sales_by_day', 'sales'];

  it.each(kind === 'postgresql' ? ['sales_by_day'] : all)(
    'are read by views through rebuilds of %s',
    async (name) => {
      const node = await office(world);
      const raw = await world.raw();
      await raw.run(`create view report as select sum(qty) as qty from ${name}`);
      for (const [n, id] of ['b', 'c'].entries()) {
        await node.projections.rebuild(name, {});
        expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
        await record(node, id);
        await settled(node);
        const [row] = await raw.run('select qty from report');
        expect(Number(row!['qty'])).toBe(73 * (n + 2));
      }
      expect(await tablesBeside(world, node, name)).toEqual([]);
    },
  );

  it('are rebuilt, and the rebuild is done, when the old table cannot be dropped', async () => {
    const node = await office(world);
    await node.projector.stop();
    await node.projections.rebuild('sales', {});
    const store = node.store.projections;
    const drop = () => Promise.reject(new Error('something stands on it'));
    const changeTables: ProjectionStore['changeTables'] = (work) =>
      store.changeTables((tx, tables) => work(tx, { ...tables, drop }));
    const runner = new JobRunner({ ...store, changeTables }, node.worker, () => 1_000);
    for (let row = await store.row('sales'); row!.job!.endedAtMs === null; row = await store.row('sales'))
      await runner.step(row!);
    expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', problem: null });
    expect(await tablesBeside(world, node, 'sales')).toEqual(['sales__old']);
    node.projector.start();
    await node.projections.rebuild('sales', {});
    expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', problem: null });
    expect(await tablesBeside(world, node, 'sales')).toEqual([]);
  });

  it.each(all)('are not rebuilt where the foreign key of another table leads to %s', async (name) => {
    const node = await office(world);
    const raw = await world.raw();
    const refer = async () => {
      for (const statement of referring(kind, name)) await raw.run(statement);
    };
    await refer();
    const inUse = {
      type: 'projection-in-use',
      message: expect.stringMatching(/foreign key .*note|constraint .*note/) as string,
    };
    await expect(node.projections.rebuild(name, {})).rejects.toMatchObject(inUse);
    await raw.run('drop table note');
    await node.projector.stop();
    await node.projections.rebuild(name, {});
    await refer();
    node.projector.start();
    const { phase, problem } = await jobDone(node, name);
    expect({ phase, type: problem?.type }).toEqual({ phase: 'failed', type: 'projection-in-use' });
    await record(node, 'b');
    await settled(node);
    await raw.run('drop table note');
    await node.projections.rebuild(name, {});
    expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
    expect(await tablesBeside(world, node, name)).toEqual([]);
  });

  if (kind === 'postgresql') onPostgres(world, all);
  if (kind === 'sqlite') onSqlite(world);
}

/** Makes a table of somebody else's, whose rows belong to those of `name`. */
function referring(kind: DatabaseKind, name: string): string[] {
  const key = name === 'sales' ? 'scope, entity_id' : 'office, sold_on';
  const foreign = `foreign key (${key}) references ${name} (${key})`;
  const like = `create table note as select ${key} from ${name}`;
  if (kind === 'sqlite')
    return [`create table note (${key}, ${foreign})`, `insert into note select ${key} from ${name}`];
  return [like, `alter table note add constraint note_of ${foreign}`];
}

function onSqlite(world: ProjectionsWorld): void {
  it('are rebuilt, and the rebuild is done, where a trigger forbids to delete', async () => {
    const node = await office(world);
    const raw = await world.raw();
    await raw.run(
      "create trigger kept before delete on sales begin select raise(abort, 'sales are kept'); end",
    );
    await node.projections.rebuild('sales', {});
    expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', problem: null });
    await node.projections.rebuild('sales_by_day', {});
    expect(await jobDone(node, 'sales_by_day')).toMatchObject({ phase: 'done', problem: null });
  });
}

function onPostgres(world: ProjectionsWorld, all: readonly string[]): void {
  it('are not rebuilt under a view that would stay with the old sales', async () => {
    const node = await office(world);
    const raw = await world.raw();
    await raw.run('create view report as select sum(qty) as qty from sales');
    const inUse = { type: 'projection-in-use', data: { uses: ['view report'] } };
    await expect(node.projections.rebuild('sales', {})).rejects.toMatchObject(inUse);
    await raw.run('drop view report');
    await node.projector.stop();
    await node.projections.rebuild('sales', {});
    await raw.run('create view report as select sum(qty) as qty from sales');
    node.projector.start();
    const { phase, problem } = await jobDone(node, 'sales');
    expect({ phase, type: problem?.type }).toEqual({ phase: 'failed', type: 'projection-in-use' });
    expect(problem?.detail).toContain('view report');
    await record(node, 'b');
    const [row] = await raw.run('select qty from report');
    expect(Number(row!['qty'])).toBe(146);
    expect(await tablesBeside(world, node, 'sales')).toEqual([]);
  });

  it.each(all)('are read by those who may read %s, through rebuilds', async (name) => {
    const node = await office(world);
    const raw = await world.raw();
    await raw.run(`grant select on ${name} to public`);
    await raw.run(`grant update (qty) on ${name} to pg_monitor with grant option`);
    const grants = () =>
      raw.run(
        `select relacl::text as of_table, (select attacl::text from pg_attribute where attrelid = c.oid and attname = 'qty')` +
          ` as of_column from pg_class c where oid = '${name}'::regclass`,
      );
    const before = await grants();
    expect(before).toMatchObject([{ of_column: expect.stringContaining('pg_monitor=w*') as string }]);
    await node.projections.rebuild(name, {});
    expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
    expect(await grants()).toEqual(before);
  });

  it('are rebuilt while somebody reads their lines for long', async () => {
    const node = await office(world);
    const raw = await world.raw();
    await raw.run('begin');
    await raw.run('select * from sales_by_day');
    await node.projections.rebuild('sales_by_day', {});
    expect(await jobDone(node, 'sales_by_day')).toMatchObject({ phase: 'done', problem: null });
    await raw.run('commit');
  });
}

import { DomainError } from '../../domain/errors.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { tableOfJob } from '../../mixins/projections/job.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import type { ProjectionStore, SwapSteps } from '../../mixins/store/projections/projection-store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { eventually } from '../harness/wait.ts';
import {
  byDay,
  DEADLINE_MS,
  jobDone,
  type Node,
  type ProjectionsWorld,
  record,
  settled,
  tablesBeside,
} from './projections-world.ts';

const NAMES = ['sales_by_day', 'sales'];
/** For whoever is killed, nothing comes after it. */
const KILLED = new DomainError('database-unavailable', 'killed');

async function sell(node: Node, prefix: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await record(node, `${prefix}${n}`);
}

/** Ten sales that all tables have, four that only the log and `sales` have, and a rebuild that nobody works on. */
async function askedFor(world: ProjectionsWorld, name: string): Promise<Node> {
  const node = await world.node();
  await sell(node, 'first', 10);
  await settled(node);
  await node.projector.stop();
  await sell(node, 'late', 4);
  await node.projections.rebuild(name, {});
  return node;
}

/** Works on the job, with other steps of the exchange, until it ends or fails. */
async function work(
  { store: { projections: store }, worker }: Node,
  name: string,
  changed: (steps: SwapSteps) => Partial<SwapSteps>,
): Promise<void> {
  const swap: ProjectionStore['swap'] = (target, names, steps) =>
    store.swap(target, names, { ...steps, ...changed(steps) });
  const runner = new JobRunner({ ...store, swap }, worker, () => 1_000);
  for (;;) {
    const row = await store.row(name);
    if (row!.job!.endedAtMs !== null) return;
    await runner.step(row!);
  }
}

async function isInOrder(node: Node, name: string, count: number): Promise<void> {
  await settled(node);
  expect(await byDay(node)).toMatchObject([{ count, qty: 73 * count }]);
  expect(await node.store.read.rows(sales, { deleted: 'with', limit: 100 })).toHaveLength(count);
  await node.projections.verify(name, {});
  expect(await jobDone(node, name)).toMatchObject({ phase: 'done', difference: null });
}

/** The tables are exchanged in three parts where a transaction cannot hold them together. */
export function projectionExchange(world: ProjectionsWorld, kind: DatabaseKind): void {
  const isInSteps = kind === 'mariadb' || kind === 'mysql';
  const parts = isInSteps ? (['hold', 'after'] as const) : (['after'] as const);
  const all = NAMES.flatMap((name) => parts.map((part) => [name, part] as const));

  it.each(all)('are right after a kill in the exchange of %s (%s), cancelled or not', async (name, part) => {
    const node = await askedFor(world, name);
    const killed = work(node, name, () => ({ [part]: () => Promise.reject(KILLED) }));
    await expect(killed).rejects.toBe(KILLED);
    if (part === 'after') await node.projections.cancel(name);
    await sell(node, 'soon', 4);
    node.projector.start();
    await isInOrder(node, name, 18);
  });

  it.each(NAMES)(
    'are right when the rebuild of %s is cancelled in the middle of the exchange',
    async (name) => {
      const node = await askedFor(world, name);
      let cancelled: Promise<unknown> = Promise.resolve();
      await work(node, name, (steps) => ({
        after: (tx) => {
          cancelled = node.projections.cancel(name);
          return steps.after(tx);
        },
      }));
      await cancelled;
      expect(await jobDone(node, name)).toMatchObject({ phase: 'done' });
      node.projector.start();
      await isInOrder(node, name, 14);
    },
  );

  it('wait for those who read the old sales for long, and let the others sell meanwhile', async () => {
    const node = await askedFor(world, 'sales');
    const raw = await world.raw();
    await raw.run('begin');
    await raw.run('select count(*) from sales');
    node.projector.start();
    if (kind !== 'sqlite') {
      await eventually(async () => {
        expect(await node.projections.get('sales')).toMatchObject({ job: { waitsFor: 'readers' } });
      }, DEADLINE_MS);
      await sell(node, 'soon', 4);
      await raw.run('commit');
    }
    expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', waitsFor: null });
    if (kind === 'sqlite') await raw.run('commit');
    await isInOrder(node, 'sales', kind === 'sqlite' ? 14 : 18);
  });

  if (!isInSteps) return;

  it.each(NAMES)('take in what was sold before the server came to the exchange of %s', async (name) => {
    const node = await askedFor(world, name);
    await expect(work(node, name, () => ({ hold: () => Promise.reject(KILLED) }))).rejects.toBe(KILLED);
    await sell(node, 'soon', 4);
    const raw = await world.raw();
    await raw.run(`rename table ${name} to ${name}__old, ${await freshOf(node, name)} to ${name}`);
    node.projector.start();
    await isInOrder(node, name, 18);
  });

  leftBehind(world);
}

/** Killed between the last step and the exchange: whose table stands where nobody knows until it is looked at. */
function leftBehind(world: ProjectionsWorld): void {
  const stopped = async (name: string): Promise<{ node: Node; rename: string }> => {
    const node = await askedFor(world, name);
    await expect(work(node, name, () => ({ hold: () => Promise.reject(KILLED) }))).rejects.toBe(KILLED);
    await sell(node, 'soon', 4);
    return { node, rename: `rename table ${name} to ${name}__old, ${await freshOf(node, name)} to ${name}` };
  };
  /** What comes late does nothing, and all is right, and can be made anew. */
  const isLeft = async (node: Node, name: string, rename: string): Promise<void> => {
    await expect((await world.raw()).run(rename)).rejects.toThrow(/__new/);
    await isInOrder(node, name, 18);
    await node.projections.rebuild(name, {});
    expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
    await isInOrder(node, name, 18);
    expect(await tablesBeside(world, node, name)).toEqual([]);
  };

  it.each(NAMES)('give up the exchange of %s when its last step fails for good', async (name) => {
    const { node, rename } = await stopped(name);
    const failing = () => Promise.reject(new Error('it cannot be written'));
    await work(node, name, () => ({ before: failing }));
    expect(await jobDone(node, name)).toMatchObject({
      phase: 'failed',
      problem: { detail: 'it cannot be written' },
    });
    node.projector.start();
    await isLeft(node, name, rename);
  });

  it.each(NAMES)('give up the exchange of %s when the program is an older one again', async (name) => {
    const { node, rename } = await stopped(name);
    const row = (await node.store.projections.row(name))!;
    const job = { ...row.job!, version: row.version + 1 };
    await node.store.projections.transaction((tx) => tx.saveRow({ ...row, job }));
    node.projector.start();
    const problem = { type: 'exchange-interrupted' };
    expect(await jobDone(node, name)).toMatchObject({ phase: 'failed', problem });
    await isLeft(node, name, rename);
  });

  it.each(NAMES)('give up the exchange of %s when it is cancelled, also over a kill', async (name) => {
    const { node, rename } = await stopped(name);
    const { projections: store } = node.store;
    await node.projections.cancel(name);
    const changeTables: ProjectionStore['changeTables'] = (steps) =>
      store.changeTables(async (tx, tables) => {
        await steps(tx, tables);
        throw KILLED;
      });
    const runner = new JobRunner({ ...store, changeTables }, node.worker, () => 1_000);
    await expect(runner.step((await store.row(name))!)).rejects.toBe(KILLED);
    node.projector.start();
    expect(await jobDone(node, name)).toMatchObject({ phase: 'cancelled', problem: null });
    await isLeft(node, name, rename);
  });

  it.each(NAMES)('take the new table of %s when the exchange came before the cancel', async (name) => {
    const { node, rename } = await stopped(name);
    await node.projections.cancel(name);
    await (await world.raw()).run(rename);
    node.projector.start();
    expect(await jobDone(node, name)).toMatchObject({ phase: 'done', problem: null });
    await isInOrder(node, name, 18);
  });
}

async function freshOf({ store }: Node, name: string): Promise<string> {
  const row = await store.projections.row(name);
  return tableOfJob(row!, row!.job!);
}

import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { Declarations } from '../../mixins/projections/declared.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import type { ProjectionRow, ProjectionStore } from '../../mixins/store/projections/projection-store.ts';
import {
  byDay,
  change,
  type Node,
  type ProjectionsWorld,
  record,
  settled,
  tablesBeside,
} from './projections-world.ts';

const NAME = 'sales_by_day';

/** Thirty sales, and a rebuild that only those work on whom a test tells to. */
async function askedFor(world: ProjectionsWorld): Promise<{ node: Node; row: () => Promise<ProjectionRow> }> {
  const node = await world.node();
  for (let n = 0; n < 30; n++) await record(node, `s${n}`);
  await settled(node);
  await node.projector.stop();
  await node.projections.rebuild(NAME, {});
  await expire(world); // whatever the projector held
  return { node, row: async () => (await node.store.projections.row(NAME))! };
}

/** Whoever works on it seems to be dead. */
async function expire(world: ProjectionsWorld, name = NAME): Promise<void> {
  const raw = await world.raw();
  await raw.run(`update projection set lease_until_ms = 0 where name = '${name}'`);
}

/** A process that takes five entities in a step, and whose clock may be wrong. */
function worker(store: ProjectionStore, instance: string, aheadMs = 0): JobRunner {
  const nowMs = () => Date.now() + aheadMs;
  return new JobRunner(
    store,
    { instance, isAlone: false, nowMs, declared: new Declarations(BUILT_IN) },
    () => 5,
  );
}

/** One process does the rest. */
async function finish(one: JobRunner, row: () => Promise<ProjectionRow>): Promise<ProjectionRow> {
  for (let at = await row(); ; at = await row()) {
    if (at.job!.endedAtMs !== null) return at;
    await one.step(at);
  }
}

/** Processes that follow each other, with each other's delays and clocks. */
export function projectionLeases(world: ProjectionsWorld): void {
  it('are taken over from a process that is dead, and from none before, whatever their clocks say', async () => {
    const { node, row } = await askedFor(world);
    const one = worker(node.store.projections, 'one');
    const other = worker(node.store.projections, 'other', 120_000);
    expect(await one.step(await row())).toBe('worked');
    const seen = await row();
    expect(seen).toMatchObject({ holder: 'one', job: { eventsDone: 4 } });
    expect(await other.step(seen)).toBe('waits');
    await expire(world);
    expect(await other.step(seen)).toBe('worked');
    expect(await row()).toMatchObject({ holder: 'other', token: seen.token + 1, job: { eventsDone: 8 } });
    expect(await one.step(seen)).toBe('waits');
    await expire(world);
    await one.step(seen); // may go on, but not from where it was
    expect(await row()).toMatchObject({ job: { eventsDone: 8 } });
    await expire(world);
    expect(await finish(other, row)).toMatchObject({ job: { phase: 'done' } });
    expect(await byDay(node)).toMatchObject([{ count: 30 }]);
  });

  it('keep what was filled in when a process comes late that was about to make the table', async () => {
    const { node, row } = await askedFor(world);
    const store = node.store.projections;
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: stalled, resolve: stall } = Promise.withResolvers<void>();
    const changeTables: ProjectionStore['changeTables'] = async (work) => {
      stall();
      await gate;
      return store.changeTables(work);
    };
    const late = worker({ ...store, changeTables }, 'late').step(await row());
    await stalled;
    await expire(world);
    const other = worker(store, 'other');
    for (let n = 0; n < 2; n++) expect(await other.step(await row())).toBe('worked');
    await expire(world);
    open();
    expect(await late).toBe('waits');
    await expire(world);
    expect(await finish(other, row)).toMatchObject({ job: { phase: 'done', problem: null } });
    expect(await byDay(node)).toMatchObject([{ count: 30 }]);
    expect(await tablesBeside(world, node, NAME)).toEqual([]);
  });

  it('leave the next rebuild alone when a process comes late that was about to throw the last one away', async () => {
    const { node, row } = await askedFor(world);
    const store = node.store.projections;
    const [late, other] = [worker(store, 'late'), worker(store, 'other')];
    await other.step(await row());
    await node.projections.cancel(NAME);
    const seen = await row();
    expect(await finish(other, row)).toMatchObject({ job: { phase: 'cancelled' } });
    expect(await tablesBeside(world, node, NAME)).toEqual([]);
    await node.projections.rebuild(NAME, {});
    await other.step(await row());
    await expire(world);
    expect(await late.step(seen)).toBe('waits');
    expect(await late.step({ ...seen, job: { ...seen.job!, phase: 'clearing' } })).toBe('waits');
    await expire(world);
    expect(await row()).toMatchObject({ job: { phase: 'filling', eventsDone: 4 } });
    expect(await finish(other, row)).toMatchObject({ job: { phase: 'done', problem: null } });
    expect(await byDay(node)).toMatchObject([{ count: 30 }]);
  });

  it('fold what a job asks for, and not what another one of the same name had read ahead', async () => {
    const node = await world.node();
    for (let n = 0; n < 30; n++) await record(node, `s${n}`);
    for (let n = 12; n < 22; n++) await change(node, `s${n}`, { qty: 1 }); // none of the first five
    await settled(node);
    await node.projector.stop();
    const store = node.store.projections;
    const [one, other] = [worker(store, 'one'), worker(store, 'other')];
    const row = async () => (await store.row('then'))!;
    const ask = (position: number) => node.projections.asOf(NAME, { asOf: { position }, into: 'then' });
    await ask(30);
    await one.step(await row());
    await node.projections.cancel('then');
    await expire(world, 'then');
    await other.step(await row());
    await ask(40);
    await other.step(await row());
    await expire(world, 'then');
    expect(await finish(one, row)).toMatchObject({ job: { phase: 'done', problem: null } });
    expect(await byDay(node, 'then')).toMatchObject([{ count: 30, qty: 20 * 73 + 10 }]);
  });
}

import { salesByDay } from '../../domain/projections/sales-by-day.ts';
import { newJob } from '../../mixins/projections/job.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import type { Job, ProjectionRow } from '../../mixins/store/projections/projection-store.ts';
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

const NAME = salesByDay.name;
const { version } = salesByDay;
const [OLDER, NEWER] = [version - 1, version + 1];

const rowOf = async ({ store }: Node, name = NAME) => (await store.projections.row(name))!;

/** As a process with another version of the program would leave it. */
async function leave(
  { store }: Node,
  change: (row: ProjectionRow) => Partial<ProjectionRow>,
  name = NAME,
): Promise<void> {
  await store.projections.transaction(async (tx) => {
    const row = (await tx.lockRow(name))!;
    await tx.saveRow({ ...row, ...change(row) });
  });
}

function rebuildOf(of: number, { checkpoint: moment }: ProjectionRow): Job {
  return newJob({ kind: 'rebuild', version: of, moment }, Date.now());
}

/** Processes with several versions of the program, as while an office is updated one by one. */
export function projectionVersions(world: ProjectionsWorld): void {
  it('leave to a newer program what it has asked for, and go on with the old table', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projector.stop();
    await leave(node, (row) => ({ job: rebuildOf(NEWER, row) }));
    node.projector.start();
    await record(node, 'b');
    await eventually(async () => {
      const { checkpoint, leaseUntilMs, job } = await rowOf(node);
      expect({ position: checkpoint.position, leaseUntilMs }).toEqual({ position: 2, leaseUntilMs: 0 });
      expect(job).toMatchObject({ phase: 'filling', eventsDone: 0 });
    }, DEADLINE_MS);
    expect(await node.projections.get(NAME)).toMatchObject({
      job: { waitsFor: 'newer-program', cancelled: false },
    });
    await node.projections.cancel(NAME);
    expect(await jobDone(node, NAME)).toMatchObject({ phase: 'cancelled', waitsFor: null, cancelled: true });
    expect(await rowOf(node)).toMatchObject({ version, state: 'live' });
    expect(await byDay(node)).toMatchObject([{ count: 2 }]);
  });

  it('make anew what an older program has made meanwhile', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await leave(node, () => ({ version: OLDER }));
    await record(node, 'b');
    await settled(node);
    expect(await rowOf(node)).toMatchObject({ version, job: { kind: 'rebuild', version } });
    expect(await byDay(node)).toMatchObject([{ count: 2 }]);
  });

  it('begin anew what an older program has begun', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projector.stop();
    await node.projections.rebuild(NAME, {});
    const runner = new JobRunner(node.store.projections, node.worker, () => 1_000);
    while ((await rowOf(node)).job!.phase === 'filling') await runner.step(await rowOf(node));
    const [made] = await tablesBeside(world, node, NAME);
    await (await world.raw()).run(`update ${made} set qty = 1`);
    await leave(node, ({ job }) => ({ version: OLDER, job: { ...job!, version: OLDER } }));
    node.projector.start();
    await settled(node);
    expect(await rowOf(node)).toMatchObject({ version, job: { phase: 'done', version } });
    expect(await byDay(node)).toMatchObject([{ count: 1, qty: 73 }]);
    expect(await tablesBeside(world, node, NAME)).toEqual([]);
  });

  it('say that one is outdated whose rebuild was cancelled, and make it anew at the next start', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projector.stop();
    await leave(node, (row) => ({ version: OLDER, job: { ...rebuildOf(version, row), isCancelled: true } }));
    node.projector.start();
    expect(await jobDone(node, NAME)).toMatchObject({ phase: 'cancelled' });
    await record(node, 'b');
    await eventually(async () => {
      expect(await node.projections.get('sales_by_office')).toMatchObject({ behind: 0 });
    }, DEADLINE_MS);
    const outdated = { state: 'outdated', version: OLDER, behind: 1, job: { phase: 'cancelled' } };
    expect(await node.projections.get(NAME)).toMatchObject(outdated);
    await expect(node.projections.verify(NAME, {})).rejects.toMatchObject({ type: 'projection-not-made' });
    await node.stop();
    const again = await world.node();
    await settled(again);
    expect(await rowOf(again)).toMatchObject({ version });
    expect(await byDay(again)).toMatchObject([{ count: 2 }]);
  });

  it('leave alone what a newer program has made, until they start', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    const { job } = await rowOf(node);
    await leave(node, () => ({ version: NEWER }));
    await record(node, 'b');
    await eventually(async () => {
      expect(await node.projections.get('sales_by_office')).toMatchObject({ behind: 0 });
    }, DEADLINE_MS);
    expect(await node.projections.get(NAME)).toMatchObject({ state: 'outdated', version: NEWER, behind: 1 });
    expect((await rowOf(node)).job).toEqual(job); // nothing was asked for
    await node.stop();
    const again = await world.node();
    await settled(again);
    expect(await rowOf(again)).toMatchObject({ version });
    expect(await byDay(again)).toMatchObject([{ count: 2 }]);
  });

  it('begin anew what an older program was to show as of a moment, at that moment', async () => {
    const node = await world.node();
    await record(node, 'a');
    await settled(node);
    await node.projector.stop();
    const into = 'day_at_1';
    await node.projections.asOf(NAME, { asOf: { position: 1 }, into });
    await leave(node, ({ job }) => ({ version: OLDER, job: { ...job!, version: OLDER } }), into);
    await record(node, 'b');
    node.projector.start();
    expect(await jobDone(node, into)).toMatchObject({ phase: 'done', position: 1 });
    expect(await rowOf(node, into)).toMatchObject({ version, state: 'live', job: { version } });
    expect(await byDay(node, into)).toMatchObject([{ count: 1 }]);
  });
}

import { DomainError } from '../../domain/errors.ts';
import { Projections } from '../../mixins/projections/projections.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { eventually } from '../harness/wait.ts';
import {
  DEADLINE_MS,
  jobDone,
  type Node,
  type ProjectionsWorld,
  record,
  settled,
} from './projections-world.ts';

const INTO = 'as_it_was';
const AS_OF = { asOf: { position: 1 }, into: INTO } as const;
const UNKNOWN = { type: 'unknown-projection' };

async function office(world: ProjectionsWorld): Promise<Node> {
  const node = await world.node();
  await record(node, 'a');
  await record(node, 'b');
  await settled(node);
  return node;
}

async function isGone({ projections, store }: Node): Promise<void> {
  await eventually(async () => {
    await expect(projections.get(INTO)).rejects.toMatchObject(UNKNOWN);
    expect(await store.projections.hasTable(INTO)).toBe(false);
  }, DEADLINE_MS);
}

/** Tables as of a moment, and what is left of them. */
export function projectionAsOf(world: ProjectionsWorld, kind: DatabaseKind): void {
  it('are made as of a moment under one name by one of those who ask at once', async () => {
    const node = await office(world);
    const asked = ['sales_by_day', 'sales', 'sales_by_office'].map((name) =>
      node.projections.asOf(name, AS_OF),
    );
    const settledAll = await Promise.allSettled(asked);
    const refused = settledAll.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown);
    expect(refused).toMatchObject([{ type: 'projection-exists' }, { type: 'projection-exists' }]);
    expect(await jobDone(node, INTO)).toMatchObject({ phase: 'done' });
    expect((await node.projections.lines(INTO, null, 9)).length).toBe(1);
  });

  it('leave nothing of one as of a moment when it is killed while it is dropped', async () => {
    const node = await office(world);
    const killed = new DomainError('database-unavailable', 'killed');
    const changeTables = () => Promise.reject(killed);
    await node.projections.asOf('sales', AS_OF);
    await jobDone(node, INTO);
    await node.projector.stop();
    const store = { ...node.store.projections, changeTables };
    await new Projections(store, node.worker, () => {}).drop(INTO);
    await expect(node.projections.lines(INTO, null, 9)).rejects.toMatchObject({
      type: 'projection-not-made',
    });
    node.projector.start();
    await isGone(node);
    await node.projections.asOf('sales_by_day', AS_OF);
    expect(await jobDone(node, INTO)).toMatchObject({ phase: 'done' });
    await node.projections.drop(INTO);
    await isGone(node);
  });

  if (kind === 'sqlite') return;

  it('say that they wait for those who read one that is to go', async () => {
    const node = await office(world);
    await node.projections.asOf('sales_by_day', AS_OF);
    await jobDone(node, INTO);
    const raw = await world.raw();
    await raw.run('begin');
    await raw.run(`select * from ${INTO}`);
    await node.projections.drop(INTO);
    await eventually(async () => {
      expect(await node.projections.get(INTO)).toMatchObject({
        job: { phase: 'clearing', waitsFor: 'readers' },
      });
    }, DEADLINE_MS);
    await raw.run('commit');
    await isGone(node);
  });

  if (kind !== 'postgresql') return;

  it('say what stands on one as of a moment that is to be dropped', async () => {
    const node = await office(world);
    await node.projections.asOf('sales_by_day', AS_OF);
    await jobDone(node, INTO);
    const raw = await world.raw();
    await raw.run(`create view report as select * from "${INTO}"`);
    const inUse = { type: 'projection-in-use', message: expect.stringContaining('depend') as string };
    await expect(node.projections.drop(INTO)).rejects.toMatchObject(inUse);
    await raw.run('drop view report');
    await node.projections.drop(INTO);
    await isGone(node);
  });
}

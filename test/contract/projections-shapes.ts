import { CATALOGUE_KEY } from '../../domain/datasets/definitions.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import {
  jobDone,
  type Node,
  type ProjectionsWorld,
  record,
  settled,
  tablesBeside,
} from './projections-world.ts';

const CHANNEL = { kind: 'enum', values: ['shop', 'web'] };
const GROWN = [
  { kind: 'add-field', field: 'channel', type: CHANNEL, default: 'shop' },
  { kind: 'widen-field', field: 'product', to: { maxLength: 2_000 } },
];
/** Too long for the key of `sales_by_product`, where it is set aside. */
const LONG = { product: 'x'.repeat(2_000), channel: 'web' };

async function grow({ ledger }: Node): Promise<void> {
  const command = { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: 'sales', changes: GROWN } as const;
  await ledger.submit({ command, actor: 'anna' });
}

/** A rebuild of the sales that has made its table and filled it, and has not exchanged it. */
async function filled(node: Node): Promise<JobRunner> {
  await record(node, 'old');
  await settled(node);
  await node.projector.stop();
  await node.projections.rebuild('sales', {});
  const runner = new JobRunner(node.store.projections, node.worker, () => 1_000);
  while ((await jobOf(node)).phase === 'filling') await runner.step((await rowOf(node))!);
  expect(await jobOf(node)).toMatchObject({ phase: 'following' });
  return runner;
}

const rowOf = ({ store }: Node) => store.projections.row('sales');
const jobOf = async (node: Node) => (await rowOf(node))!.job!;

async function hasGrown(node: Node): Promise<void> {
  await record(node, 'long', LONG);
  await node.projections.verify('sales', {});
  expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', difference: null });
  const sales = node.ledger.datasets.named('sales')!;
  const rows = await node.store.read.rows(sales, { deleted: 'with', limit: 9 });
  expect(rows.map(({ entityId, values }) => [entityId, values['channel']])).toEqual([
    ['long', 'web'],
    ['old', 'shop'],
  ]);
}

/** Datasets that the head changes while their tables are worked on. */
export function projectionShapes(world: ProjectionsWorld): void {
  it('begin a rebuild anew when its dataset has changed', async () => {
    const node = await world.node();
    await filled(node);
    await grow(node);
    node.projector.start();
    expect(await jobDone(node, 'sales')).toMatchObject({ phase: 'done', problem: null });
    await hasGrown(node);
    expect(await tablesBeside(world, node, 'sales')).toEqual([]);
  });

  it('never exchange a table for one that has less room, also where nobody has heard of the change', async () => {
    const unaware = await world.node({ isAlone: false });
    const runner = await filled(unaware);
    const aware = await world.node({ isAlone: false, starts: false });
    await grow(aware);
    await record(aware, 'meanwhile', LONG);
    expect(unaware.ledger.datasets.named('sales')).toMatchObject({ version: 1 });
    expect(await runner.step((await rowOf(unaware))!)).toBe('waits');
    expect(await jobOf(aware)).toMatchObject({ endedAtMs: null });
    const sales = aware.ledger.datasets.named('sales')!;
    expect(await aware.store.read.countRows(sales, { deleted: 'with', equals: { channel: 'web' } })).toBe(1);
    await unaware.stop();
    aware.projector.start();
    expect(await jobDone(aware, 'sales')).toMatchObject({ phase: 'done', problem: null });
    expect(await aware.store.read.countRows(sales, { deleted: 'with', equals: { channel: 'web' } })).toBe(1);
  }, 120_000);

  it('keep a table as of a moment in the shape in which it was made', async () => {
    const node = await world.node();
    await record(node, 'old');
    await settled(node);
    await node.projections.asOf('sales', { asOf: { position: 1 }, into: 'sales_then' });
    await jobDone(node, 'sales_then');
    await grow(node);
    const [line] = await node.projections.lines('sales_then', null, 9);
    expect(line).toMatchObject({ id: 'old', product: 'Paper' });
    expect(line).not.toHaveProperty('channel');
    expect((await node.projections.lines('sales', null, 9))[0]).toMatchObject({ channel: 'shop' });
  });
}

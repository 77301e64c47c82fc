import type { DomainEvent } from '../../domain/event.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import { eventually } from '../harness/wait.ts';
import { LogWriter } from './store-fixtures.ts';
import {
  byDay,
  DEADLINE_MS,
  jobDone,
  type ProjectionsWorld,
  record,
  SALE,
  settled,
} from './projections-world.ts';

/** Several processes, and entities that a projection cannot enter. */
export function projectionTrouble(world: ProjectionsWorld): void {
  it('are worked on by one process at a time', async () => {
    const nodes = [await world.node({ isAlone: false }), await world.node({ isAlone: false })];
    await Promise.all(
      nodes.map((node, one) =>
        Promise.all(Array.from({ length: 50 }, (_, n) => record(node, `${one}-${n}`))),
      ),
    );
    await nodes[0]!.projections.rebuild('sales_by_day', {}).catch(() => {}); // it may still be made for the first time
    await Promise.all(nodes.map(settled));
    expect(await byDay(nodes[0]!)).toMatchObject([{ count: 100, qty: 7_300 }]);
    await nodes[1]!.projections.verify('sales_by_day', {});
    expect(await jobDone(nodes[0]!, 'sales_by_day')).toMatchObject({ difference: null });
  });

  it('are taken over from a process that is dead, and from none before', async () => {
    const node = await world.node();
    for (let n = 0; n < 30; n++) await record(node, `s${n}`);
    await settled(node);
    await node.projector.stop();
    await node.projections.rebuild('sales_by_day', {});
    const store = node.store.projections;
    let nowMs = Date.now() + 60_000; // whatever the first process held is over
    const worker = (instance: string) => ({ instance, isAlone: false, nowMs: () => nowMs });
    const [one, other] = ['one', 'other'].map((name) => new JobRunner(store, worker(name), () => 5));
    const row = async () => (await store.row('sales_by_day'))!;
    expect(await one!.step(await row())).toBe('worked');
    const seen = await row();
    expect(seen).toMatchObject({ holder: 'one', job: { eventsDone: 4 } });
    expect(await other!.step(seen)).toBe('waits');
    nowMs += 60_000;
    expect(await other!.step(seen)).toBe('worked');
    expect(await row()).toMatchObject({ holder: 'other', token: seen.token + 1, job: { eventsDone: 8 } });
    expect(await one!.step(seen)).toBe('waits');
    nowMs += 60_000;
    await one!.step(seen); // may go on, but not from where it was
    expect(await row()).toMatchObject({ job: { eventsDone: 8 } });
    nowMs += 60_000;
    for (let at = await row(); at.job!.endedAtMs === null; at = await row()) await other!.step(at);
    expect(await byDay(node)).toMatchObject([{ count: 30 }]);
  });

  it('leave out an entity that they cannot enter, say so, and take it in when it is mended', async () => {
    const node = await world.node();
    await settled(node);
    const log = new LogWriter();
    const key = { office: 'east', dataset: 'sales', scope: 'head', entityId: 'odd' };
    const { soldOn: _, ...data } = SALE;
    const accept = (seq: number, changes: Partial<DomainEvent>) =>
      node.store.transaction(async (tx) => {
        const row = await tx.lockLog();
        const position = row.position + 1;
        await tx.insertEvents([log.event({ ...key, seq, ...changes }, position)]);
        await tx.saveLog({ ...row, position });
      });
    await accept(1, { type: 'SaleRecorded', data });
    await record(node, 'a');
    const failing = [
      {
        office: 'head',
        id: 'odd',
        reason: 'value-unknown',
        detail: expect.stringContaining('soldOn') as string,
      },
    ];
    const leavesOut = () =>
      eventually(async () => {
        const view = await node.projections.get('sales_by_day');
        expect(view).toMatchObject({ behind: 0, failures: 1, failing, state: 'live' });
        expect(view.job?.endedAt).not.toBeNull();
      }, DEADLINE_MS);
    await leavesOut();
    expect(await byDay(node)).toMatchObject([{ count: 1 }]);
    expect(await node.projections.get('sales_by_office')).toMatchObject({ failures: 0 });
    await node.projections.rebuild('sales_by_day', {});
    await jobDone(node, 'sales_by_day');
    await leavesOut();
    await accept(2, { type: 'SaleAmended', data: { soldOn: '2026-04-01' } });
    node.projector.committed();
    await settled(node);
    expect(await node.projections.get('sales_by_day')).toMatchObject({ failures: 0, failing: [] });
    expect(await byDay(node)).toMatchObject([{ count: 2, qty: 146 }]);
  });
}

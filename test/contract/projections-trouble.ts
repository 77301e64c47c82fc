import type { DomainEvent } from '../../domain/event.ts';
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

// What a program with a defect, or a newer one, would have left in an office's own log.
import { BUILT_IN } from '../../../domain/datasets/registry.ts';
import type { DomainEvent, LoggedEvent } from '../../../domain/event.ts';
import { DigestChange } from '../../../domain/projections/digest.ts';
import { writeFold } from '../../../mixins/ledger/write-plan.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { Store } from '../../../mixins/store/store.ts';
import { OfficeLog } from '../../unit/sync-log.ts';

/** Writes an event at the end of the office's own log, validly chained, as if its own decider had let it through. */
export async function poison(store: Store, changes: Partial<DomainEvent>): Promise<LoggedEvent> {
  return store.transaction(async (tx) => {
    const log = await tx.lockLog();
    const logged = new OfficeLog(log.office, log.tail).writes(changes);
    const position = log.position + 1;
    const { epoch, seq } = logged.event;
    await tx.insertEvents([{ ...logged, position, status: 'applied' }]);
    const digests = new DigestChange(machinePorts, log.headOffice);
    digests.eventHeld(logged);
    await writeFold(tx, { changes: [], cases: [], digests: digests.deltas() }, BUILT_IN.named);
    await tx.saveLog({ ...log, position, tail: { epoch, seq, hash: logged.hash } });
    return logged;
  });
}

import type { ConflictCase } from '../../domain/conflict/case.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { errorType } from '../../domain/errors.ts';
import { dotOf, entityKeyOf } from '../../domain/event.ts';
import type { ResolveConflict } from '../../domain/office/commands.ts';
import type { OfficeConfig } from '../../mixins/config.ts';
import { passed } from '../../mixins/moments.ts';
import type { Office } from '../../mixins/office.ts';

const ACTOR = 'resolver';

/** What of an office it takes to rule. */
export type Bench = Pick<Office, 'ledger' | 'ports' | 'datasets'> & {
  readonly config: Pick<OfficeConfig, 'office'>;
};

type Ruled = Pick<ResolveConflict, 'writes' | 'policies' | 'decision' | 'note'>;

/** The command that rules on a case as it stands. */
export function resolveCommand(conflict: ConflictCase, { policies }: Dataset, ruled: Ruled): ResolveConflict {
  return {
    type: 'resolve',
    ...entityKeyOf(conflict),
    caseId: conflict.id,
    contenders: standingContenders(conflict).map(dotOf),
    policyVersion: policies.version,
    base: conflict.base,
    ...ruled,
  };
}

/** The command that sets the last ruling on a settled case aside: it weighs every side that there ever was. */
export function overruleCommand(
  conflict: ConflictCase,
  { policies }: Dataset,
  ruled: Ruled,
): ResolveConflict {
  return {
    type: 'resolve',
    ...entityKeyOf(conflict),
    caseId: conflict.id,
    contenders: conflict.contenders.map(dotOf),
    policyVersion: policies.version,
    base: conflict.base,
    overrules: conflict.rulings.at(-1)?.eventId ?? '',
    ...ruled,
  };
}

/**
 * Rules on a case by its dataset's policies; what they leave to a person stays open. Doing it twice, here or on
 * another node, changes nothing: the id of the ruling follows from the case.
 */
export async function ruleAutomatically(office: Bench, caseId: string): Promise<void> {
  const ledger = office.ledger();
  const conflict = await ledger.read.case(caseId);
  const dataset = conflict === null ? null : office.datasets.named(conflict.dataset);
  if (conflict?.status !== 'open' || dataset === null) return;
  const { writes, policies } = ruleOn(conflict, dataset, office.config.office);
  if (Object.keys(writes).length === 0) return;
  const command = resolveCommand(conflict, dataset, { writes, policies, decision: 'automatic' });
  const eventId = resolutionEventId(conflict, dataset.policies.version, office.ports);
  passed('case-judged');
  await ledger.submit({ command, actor: ACTOR, eventId }).catch(ignoreSettled);
  passed('ruling-committed');
}

/** Somebody else ruled meanwhile, or a new edit came: whoever changed the case has it looked at again. */
function ignoreSettled(error: unknown): void {
  if (errorType(error) !== 'case-settled') throw error;
}

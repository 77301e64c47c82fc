import type { ConflictCase } from '../../domain/conflict/case.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { errorType } from '../../domain/errors.ts';
import { dotOf, entityKeyOf } from '../../domain/event.ts';
import type { ResolveConflict } from '../../domain/office/commands.ts';
import type { OfficeConfig } from '../../mixins/config.ts';
import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';
import { passed } from '../../mixins/moments.ts';
import type { Datasets } from '../../domain/datasets/catalogue.ts';
import type { Office } from '../../mixins/office.ts';

const ACTOR = 'resolver';

/** What of an office it takes to rule. */
export type Bench = Pick<Office, 'ledger' | 'ports'> & {
  readonly datasets: Datasets;
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

/** A case on which the ruling could not be committed. */
export interface NotRuled {
  readonly caseId: string;
  readonly error: unknown;
}

/**
 * Rules on cases, at most 1,000, by their datasets' policies; what those leave to a person stays open. Doing it twice, here or
 * on another node, changes nothing: the id of a ruling follows from its case.
 */
export async function ruleAutomatically(
  office: Bench,
  caseIds: readonly string[],
): Promise<readonly NotRuled[]> {
  const ledger = office.ledger();
  const open = await ledger.read.casesById(caseIds);
  const rulings = open.map((conflict) => rulingOn(conflict, office)).filter((ruling) => ruling !== null);
  if (rulings.length === 0) return [];
  passed('case-judged');
  const outcomes = await ledger.submitAll(rulings);
  passed('ruling-committed');
  return outcomes.flatMap((outcome, index) =>
    outcome.ok || isSettled(outcome.error)
      ? []
      : [{ caseId: rulings[index]!.command.caseId, error: outcome.error }],
  );
}

function rulingOn(
  conflict: ConflictCase,
  office: Bench,
): (CommandSubmission & { readonly command: ResolveConflict }) | null {
  const dataset = office.datasets.named(conflict.dataset);
  if (conflict.status !== 'open' || dataset === null) return null;
  const { writes, policies } = ruleOn(conflict, dataset, office.config.office);
  if (Object.keys(writes).length === 0) return null;
  const command = resolveCommand(conflict, dataset, { writes, policies, decision: 'automatic' });
  const eventId = resolutionEventId(conflict, dataset.policies.version, office.ports);
  return { command, actor: ACTOR, eventId };
}

/** Somebody else ruled meanwhile, or a new edit came: whoever changed the case has it looked at again. */
function isSettled(error: unknown): boolean {
  return errorType(error) === 'case-settled';
}

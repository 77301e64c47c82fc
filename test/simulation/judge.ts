import type { ConflictCase } from '../../domain/conflict/case.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { ruleByHand as rulingOf } from '../../domain/conflict/resolve-by-hand.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import { dotOf, type EntityKey, entityKeyOf, entityName } from '../../domain/event.ts';
import type { ResolveConflict } from '../../domain/office/commands.ts';
import { STATUS_FIELD } from '../../domain/office/entity-state.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { Oracle } from './oracle.ts';
import type { Prng } from './prng.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** How long a person looks at a case before ruling on it. */
const JUDGING_MS = 20_000;
/** How often those whose sale it is edit it meanwhile. */
const EDITED_MEANWHILE = 0.5;

/** What somebody who rules on cases needs. */
export interface Bench {
  readonly world: World;
  readonly oracle: Oracle;
  readonly chance: Prng;
  isOpen(): boolean;
  /** Values for all fields of a sale. */
  anything(): Record<string, unknown>;
  change(site: Site, sale: EntityKey): void;
}

/** Somebody at the head takes one side of an open case, of that sale if one is named, or does not get round to it. */
export async function ruleByHand(ledger: OfficeLedger, bench: Bench, sale?: EntityKey): Promise<void> {
  const { world, chance, oracle } = bench;
  try {
    const cases = await ledger.read.cases({ status: 'open', limit: 50 });
    const open = cases.filter(
      (one) => one.dataset === sales.name && (sale === undefined || entityName(one) === entityName(sale)),
    );
    const conflict = open.length === 0 ? null : chance.pick(open);
    if (conflict === null) return;
    if (chance.chance(EDITED_MEANWHILE)) goOnEditing(entityKeyOf(conflict), bench);
    await world.pause(chance.exponential(JUDGING_MS));
    if (!bench.isOpen()) return;
    await ledger.submit({
      command: commandFor(conflict, ledger.datasets.named(conflict.dataset)!, bench),
      actor: 'a person at the head',
    });
  } catch (error) {
    // Others have edited meanwhile, and left less of a dispute, or none.
    if (!isTransient(error) && errorType(error) !== 'case-settled')
      oracle.violated(`ruling by hand failed: ${String(error)}`);
  }
}

function commandFor(conflict: ConflictCase, dataset: Dataset, { chance, anything }: Bench): ResolveConflict {
  const sides = standingContenders(conflict);
  const side = chance.pick(sides);
  const other = (field: string): unknown => (field === STATUS_FIELD ? 'live' : anything()[field]);
  const values = Object.fromEntries(
    conflict.fields.map((field) => [field, side.values[field] ?? other(field)]),
  );
  const { writes, policies } = rulingOf(conflict, dataset, { values });
  return {
    type: 'resolve',
    ...entityKeyOf(conflict),
    caseId: conflict.id,
    contenders: sides.map(dotOf),
    writes,
    policies,
    policyVersion: dataset.policies.version,
    decision: 'manual',
  };
}

/** Those whose sale it is do not know that somebody is about to rule on it. */
function goOnEditing(sale: EntityKey, { world, chance, oracle, isOpen, change }: Bench): void {
  const owners = oracle.sites.filter(({ office, isRemoved }) => office === sale.scope && !isRemoved);
  for (const owner of owners)
    world.after(chance.exponential(JUDGING_MS / 4), () => {
      if (isOpen()) change(owner, sale);
    });
}

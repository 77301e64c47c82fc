import type { ConflictCase } from '../../domain/conflict/case.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import type { DatasetPolicies } from '../../domain/conflict/policy.ts';
import { ruleOn } from '../../domain/conflict/rule.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { dotOf, type DomainEvent, type JsonValue } from '../../domain/event.ts';
import { SALE, Teller } from './story.ts';

/** Three offices that know of one sale, which east recorded. */
export function offices(dataset: Dataset = sales): { east: Teller; head: Teller; west: Teller } {
  const [east, head, west] = ['east', 'head', 'west'].map((office) => new Teller(office, 1, dataset)) as [
    Teller,
    Teller,
    Teller,
  ];
  east.does({ type: 'record', fields: SALE });
  head.hearsAllFrom(east);
  west.hearsAllFrom(east);
  return { east, head, west };
}

export const amends = (teller: Teller, fields: Record<string, unknown>, minute?: number) =>
  teller.does({ type: 'amend', fields }, minute);

/** Both directions, each what it had before. */
export function meet(a: Teller, b: Teller): void {
  const heard = [...b.events];
  b.hearsAllFrom(a);
  for (const event of heard) a.hears(event);
}

/** The head rules by the dataset's policies on whatever they decide. */
export function rulesAt(head: Teller, dataset: Dataset): DomainEvent | null {
  const open = head.openCase!;
  const { writes, policies } = ruleOn(open, dataset, 'head');
  return resolves(head, open, writes, policies, 'automatic');
}

/** The head writes a ruling on the case as it stands. */
export function resolves(
  head: Teller,
  open: ConflictCase,
  writes: Readonly<Record<string, JsonValue>>,
  policies: Readonly<Record<string, string>>,
  decision: 'automatic' | 'manual',
): DomainEvent | null {
  const contenders = standingContenders(open).map(dotOf);
  const { id: caseId, base } = open;
  return head.does({
    type: 'resolve',
    caseId,
    contenders,
    writes,
    policies,
    policyVersion: 1,
    decision,
    base,
  });
}

export function withPolicies(change: Partial<DatasetPolicies>): Dataset {
  return { ...sales, policies: { ...sales.policies, ...change } };
}

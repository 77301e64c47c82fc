import type { Dataset, EventVerb } from './dataset.ts';

/** What offices report to each other about their logs: events without a table. */
export const INCIDENTS = 'incidents';

/** Which events the head has set aside for good: events of the head's alone, without a table. */
export const DISCARDS = 'discards';

/** How the declared datasets have changed since: events of the head's alone, without a table. */
export const DEFINITIONS = 'datasets';

const EVOLVED = 'evolved ';

/**
 * The pseudo field in which one version of a dataset is kept, as one life of the head made it: a head that was restored
 * may number another change like one that it had lost.
 */
export function evolutionField(dataset: string, to: number, epoch: number): string {
  return `${EVOLVED}${dataset} ${to} ${epoch}`;
}

const POLICIES = 'policies ';

/** The pseudo field in which one version of a dataset's policies is kept. */
export function policiesField(dataset: string, version: number): string {
  return `${POLICIES}${dataset} ${version}`;
}

export function isPoliciesField(field: string): boolean {
  return field.startsWith(POLICIES);
}

export function isEvolutionField(field: string): boolean {
  return field.startsWith(EVOLVED);
}

/** What the head remarks on conflicts: events of the head's alone, without a table. */
export const CASE_NOTES = 'case_notes';

const VERBS: readonly EventVerb[] = ['Recorded', 'Amended', 'Voided', 'Restored'];

/** `SaleRecorded`. */
export function eventType(dataset: Pick<Dataset, 'noun'>, verb: EventVerb): string {
  return `${dataset.noun}${verb}`;
}

/** The verb of one of the dataset's own event types; null for any other type. */
export function verbOf(dataset: Pick<Dataset, 'noun'>, type: string): EventVerb | null {
  return VERBS.find((verb) => type === eventType(dataset, verb)) ?? null;
}

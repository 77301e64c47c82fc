import { sales } from '../../domain/datasets/sales.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import type { Command } from '../../domain/office/commands.ts';
import { decide, type DecidedEvent, type DecisionContext } from '../../domain/office/decide.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { caught } from './caught.ts';

export interface Outcome {
  /** With exactly this data, of version 1 unless said otherwise. */
  then(type: string, data: DecidedEvent['data']): void;
  thenNothing(): void;
  thenRefused(type: string, data?: Record<string, unknown>): void;
}

const BRANCH: DecisionContext = { office: 'east', role: 'branch', dataset: sales };

/** given(state).by(office).when(command).then(event) */
export function given(state: EntityState | null, context: DecisionContext = BRANCH) {
  return {
    by: (office: string, role: 'head' | 'branch') => given(state, { ...context, office, role }),
    of: (dataset: Dataset | null) => given(state, { ...context, dataset }),
    when: (command: Command): Outcome => outcomeOf(() => decide(command, state, context)),
  };
}

function outcomeOf(run: () => ReturnType<typeof decide>): Outcome {
  return {
    then: (type, data) => expect(run()).toEqual({ event: { type, version: 1, data } }),
    thenNothing: () => expect(run()).toEqual({ noChange: true }),
    thenRefused: (type, data = {}) => expect(caught(run)).toMatchObject({ type, data }),
  };
}

import { START_OF_CHAIN } from '../../domain/chain.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { errorType } from '../../domain/errors.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import {
  type AppendOutcome,
  type AppendPlan,
  type AppendView,
  planAppend,
  type Submission,
} from '../../domain/office/append.ts';
import type { Command } from '../../domain/office/commands.ts';
import { SALE } from './story.ts';
import { newId } from './sync-log.ts';
import { TestPorts } from './sync-ports.ts';

export const PORTS = new TestPorts();
export const KEY = { dataset: 'sales', scope: 'west', entityId: 'a' };

export function view(changes: Partial<AppendView> = {}): AppendView {
  return {
    entities: new Map(),
    openCases: new Map(),
    history: () => [],
    office: 'west',
    role: 'branch',
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
    known: [],
    waiting: new Map(),
    datasetNamed: BUILT_IN.named,
    ...changes,
  };
}

export type Ask<C extends Command = Command> = C extends Command
  ? Omit<C, 'dataset' | 'scope' | 'entityId'>
  : never;

export function submission(ask: Ask, { entityId = 'a', eventId = newId() } = {}): Submission {
  return { command: { ...KEY, entityId, ...ask } as Command, actor: 'anna', eventId };
}

export const record = (entityId = 'a', fields: Record<string, unknown> = {}) =>
  submission({ type: 'record', fields: { ...SALE, ...fields } }, { entityId });
export const amend = (qty: number) => submission({ type: 'amend', fields: { qty } });

/** The database after a plan, for the next one. */
export function after(plan: AppendPlan, changes: Partial<AppendView> = {}): AppendView {
  const { tail, position, at } = plan;
  return view({
    tail,
    position,
    at,
    entities: new Map(plan.changes.map((change) => [change.name, change.after])),
    ...changes,
  });
}

export const append = (base: AppendView, ...submissions: Submission[]) =>
  planAppend(base, submissions, PORTS);
export const told = (outcome: AppendOutcome) =>
  outcome.ok ? (outcome.logged?.event.seq ?? 'no change') : errorType(outcome.error);

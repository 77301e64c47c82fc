import type { ConflictCase } from '../../domain/conflict/case.ts';
import { type DomainEvent, dotName, type EntityKey } from '../../domain/event.ts';
import { type AppendPlan, planAppend, type Submission } from '../../domain/office/append.ts';
import type { Command, ResolveConflict } from '../../domain/office/commands.ts';
import { newlyDiscarded } from '../../domain/office/discard.ts';
import { idempotencyName, isKeyed } from '../../domain/office/event-id.ts';
import type { Ports } from '../../domain/ports.ts';
import { flawOfText } from '../../domain/text.ts';
import { passed } from '../moments.ts';
import type { EventStatus, LogRow, Store, StoreTx } from '../store/store.ts';
import { casesNamed, distinctKeys, loadEntities, loadWaiting } from './fold-view.ts';
import { setAsideDiscarded } from './judge-again-tx.ts';
import type { Life } from './life.ts';
import type { FoldSetting } from './rebuild-tx.ts';
import { appliedRow, type DatasetNamed, digestsFor, withDefinitions, writeFold } from './write-plan.ts';

export interface AppendSetting {
  readonly store: Store;
  readonly ports: Ports;
  readonly datasetNamed: DatasetNamed;
  readonly life: Life;
}

/** Appends a group of submissions in one transaction. */
export async function appendGroup(
  setting: AppendSetting,
  group: readonly Submission[],
  again: boolean,
): Promise<AppendPlan> {
  const plan = await setting.store.transaction((tx) => append(tx, setting, group, again));
  if (plan.events.length > 0) passed('append-committed');
  return plan;
}

async function append(
  tx: StoreTx,
  { ports, datasetNamed, life }: AppendSetting,
  group: readonly Submission[],
  again: boolean,
): Promise<AppendPlan> {
  const log = await tx.lockLog();
  const keys = distinctKeys(group.map(({ command }) => command).filter(isAskable));
  const maybeKnown = group.filter(({ eventId, isFixed }) => again || isFixed || isKeyed(eventId));
  const [view, digests, waiting, known, standings, settled] = await Promise.all([
    loadEntities(tx, keys),
    digestsFor(tx, keys),
    log.waiting > 0 ? waitingEvents(tx, keys) : new Map<string, DomainEvent[]>(),
    knownEvents(tx, log.office, maybeKnown),
    standingsOf(tx, group),
    casesNamed(
      tx,
      group.flatMap(({ command }) => (isOverruling(command) ? [command.caseId] : [])),
    ),
  ]);
  const tail = life.tailFor(log, ports);
  const { office, role, position, at, hold } = log;
  const plan = planAppend(
    { ...view, office, role, tail, position, at, hold, known, waiting, datasetNamed, standings, settled },
    group,
    ports,
  );
  if (plan.events.length === 0) return { ...plan, tail: log.tail };
  const end = { tail: plan.tail, position: plan.position, at: plan.at };
  const moved = withDefinitions({ ...log, ...end }, plan.changes);
  const isDiscarding = newlyDiscarded(plan.changes).length > 0;
  await Promise.all([
    tx.insertEvents(plan.events.map(appliedRow)),
    writeFold(tx, plan, datasetNamed, digests),
    isDiscarding ? null : tx.saveLog(moved),
  ]);
  const cases = isDiscarding ? await discardNow(tx, { ports, datasetNamed }, moved, plan) : [];
  passed('append-written');
  return { ...plan, cases: [...plan.cases, ...cases] };
}

/** Returns the cases that this opens or ends. */
async function discardNow(
  tx: StoreTx,
  setting: FoldSetting,
  log: LogRow,
  { changes }: AppendPlan,
): Promise<readonly ConflictCase[]> {
  const rebuilt = await setAsideDiscarded(tx, setting, log, changes);
  await tx.saveLog(rebuilt.log);
  return rebuilt.cases;
}

function isOverruling(command: Command): command is ResolveConflict {
  return command.type === 'resolve' && command.overrules !== undefined;
}

async function standingsOf(tx: StoreTx, group: readonly Submission[]): Promise<Map<string, EventStatus>> {
  const dots = group.flatMap(({ command }) => (command.type === 'discard-event' ? [command.event] : []));
  const held = dots.length === 0 ? [] : await tx.eventsByDots(dots);
  return new Map(held.map(({ event, status }) => [dotName(event), status]));
}

/** Databases differ in what they say to text that no log can hold: it is left to the decider to refuse it. */
function isAskable({ dataset, scope, entityId }: EntityKey): boolean {
  return [dataset, scope, entityId].every((text) => typeof text === 'string' && flawOfText(text) === null);
}

async function waitingEvents(tx: StoreTx, keys: readonly EntityKey[]): Promise<Map<string, DomainEvent[]>> {
  const waiting = await loadWaiting(tx, keys);
  return new Map([...waiting].map(([name, events]) => [name, events.map(({ event }) => event)]));
}

/** Own events under the ids of these; a keyed id also finds one with the same key and another request. */
async function knownEvents(tx: StoreTx, office: string, maybeKnown: readonly Submission[]) {
  const keyed = maybeKnown.filter(({ eventId }) => isKeyed(eventId));
  const others = maybeKnown.filter(({ eventId }) => !isKeyed(eventId));
  const ids = new Set(others.map(({ eventId }) => eventId));
  const [byKey, ofEntities] = await Promise.all([
    keyed.length === 0 ? [] : tx.ownKeyed(keyed.map(({ eventId }) => idempotencyName(eventId))),
    others.length === 0 ? [] : tx.eventsOfEntities(others.map(({ command }) => command).filter(isAskable)),
  ]);
  return [...byKey, ...ofEntities.filter(({ event }) => event.office === office && ids.has(event.id))];
}

import canonicalize from 'canonicalize';
import { encodeEvent } from '../canonical.ts';
import { type ChainPoint, chainHash, sameBytes, toHex } from '../chain.ts';
import { covers, hasCauses, lifeOf, seenToo, type VectorClock } from '../clock.ts';
import { assertInvariant } from '../errors.ts';
import {
  type Dot,
  type DomainEvent,
  dotName,
  entityName,
  type JsonObject,
  type LoggedEvent,
} from '../event.ts';
import { derivedId } from '../conflict/derived-id.ts';
import { isKeyed } from '../office/event-id.ts';
import { INCIDENT_REPORTED, isRecording } from '../office/evolve.ts';
import type { Hasher } from '../ports.ts';
import type { Fork } from './fork.ts';
import { LIMITS } from './limits.ts';
import { countedInBoth, Recount } from './recount.ts';

/** The diverging events as they go on in the log after `fork.end`; doubles of accepted ones are left out. */
export function reappend(fork: Fork, hasher: Hasher): LoggedEvent[] {
  assertInvariant(fork.epoch > fork.end.epoch, 'a repair goes on in a later epoch', {
    expected: `> ${fork.end.epoch}`,
    actual: fork.epoch,
  });
  const accepted = new Map(fork.tail.map((logged) => [logged.event.id, logged.event]));
  const renames = new Renames(fork.tail.filter(({ event }) => event.seq > fork.commonSeq));
  const recount = new Recount(fork);
  const epochs = new Epochs(fork.epoch);
  const events: LoggedEvent[] = [];
  let { seq, hash } = fork.end;
  for (const logged of fork.diverging) {
    const { event } = logged;
    const twins = twinsOf(logged, accepted, fork, hasher);
    for (const twin of twins) renames.addTwin(event, twin);
    const data = restOf(event, twins, fork);
    if (data === null) continue;
    seq += 1;
    const dot = { office: event.office, epoch: epochs.after(event.epoch), seq };
    renames.add(event, dot);
    const id = accepted.has(event.id) ? renamedId(logged, hasher) : event.id;
    const clock = renames.withSeen(event, translateClock(event, fork));
    const renamed = recount.rebased(event, { ...event, ...dot, id, clock, data });
    const bytes = encodeEvent(renamed);
    hash = chainHash(hasher, hash, bytes);
    events.push({ event: renamed, bytes, hash });
  }
  return events;
}

/** New epochs, one for each former epoch, in the order of the log. */
class Epochs {
  readonly #first: number;
  readonly #given = new Map<number, number>();

  constructor(first: number) {
    this.#first = first;
  }

  after(former: number): number {
    const given = this.#given.get(former) ?? this.#first + this.#given.size;
    assertInvariant(given - this.#first < LIMITS.grantedEpochs, 'a repair joins a bounded number of epochs', {
      expected: `< ${LIMITS.grantedEpochs}`,
      actual: given - this.#first,
    });
    this.#given.set(former, given);
    return given;
  }
}

/** What became of the events of the other life, by entity. */
class Renames {
  readonly #entities = new Map<string, EntityRenames>();

  constructor(tail: readonly LoggedEvent[]) {
    for (const { event } of tail) this.#of(event).accepted.push(event);
  }

  add(event: DomainEvent, now: Dot): void {
    const { again } = this.#of(event);
    const known = again.get(lifeOf(event));
    if (known === undefined) again.set(lifeOf(event), [{ seq: event.seq, now }]);
    else known.push({ seq: event.seq, now });
  }

  addTwin(event: DomainEvent, twin: DomainEvent): void {
    this.#of(event).twins.push({ former: event, twin });
  }

  /** The clock with the new names of what the event had seen, its own among them, as far as they say no more than that. */
  withSeen(event: DomainEvent, clock: VectorClock): VectorClock {
    const { again, twins, accepted } = this.#of(event);
    let named = clock;
    for (const [life, renamed] of again) {
      const last = renamed.findLast(({ seq }) => seq <= (event.clock[life] ?? 0));
      if (last !== undefined) named = seenToo(named, last.now);
    }
    const seen = twins.filter(({ former }) => covers(event.clock, former)).map(({ twin }) => twin);
    if (seen.length === 0) return named;
    const bounds = firstUnseen(accepted, seen);
    for (const twin of seen.sort((a, b) => a.seq - b.seq)) {
      const isNamable = twin.seq < (bounds.get(lifeOf(twin)) ?? Infinity) && hasCauses(named, twin);
      if (isNamable) named = seenToo(named, twin);
    }
    return named;
  }

  #of(event: DomainEvent): EntityRenames {
    const name = entityName(event);
    const known = this.#entities.get(name);
    if (known !== undefined) return known;
    const nothing: EntityRenames = { accepted: [], again: new Map(), twins: [] };
    this.#entities.set(name, nothing);
    return nothing;
  }
}

interface EntityRenames {
  /** Accepted events that the other life did not share, in order. */
  readonly accepted: DomainEvent[];
  /** By life, in order. */
  readonly again: Map<string, { readonly seq: number; readonly now: Dot }[]>;
  readonly twins: { readonly former: Dot; readonly twin: DomainEvent }[];
}

/**
 * Of each life that has accepted events on the entity, the seq of the first that was not seen. Who names one behind it
 * would claim to have seen that, too, as would who names one that had itself seen more: a conflict too many can be
 * settled, a change overwritten unseen cannot.
 */
function firstUnseen(accepted: readonly DomainEvent[], seen: readonly Dot[]): Map<string, number> {
  const names = new Set(seen.map(dotName));
  const first = new Map<string, number>();
  for (const event of accepted) {
    const life = lifeOf(event);
    if (!names.has(dotName(event)) && !first.has(life)) first.set(life, event.seq);
  }
  return first;
}

/**
 * The same event in the accepted history: as it was, or as an earlier repair has written it again. Of a change of counts
 * the numbers do not matter: one request adds the same wherever it is carried out, and counts once.
 */
function twinsOf(
  logged: LoggedEvent,
  accepted: ReadonlyMap<string, DomainEvent>,
  { datasetNamed }: Fork,
  hasher: Hasher,
): DomainEvent[] {
  const { event } = logged;
  const twin = accepted.get(event.id);
  if (twin === undefined) return [];
  if (sameContent(twin, event) || sameRecording(twin, event)) return [twin];
  const again = accepted.get(renamedId(logged, hasher)) ?? sameReport(event, accepted);
  const isCounted = countedInBoth(twin, event, datasetNamed).size > 0;
  return [...(isCounted ? [twin] : []), ...(again === null ? [] : [again])];
}

/** What the event says that none of its twins does; null when they say it all. */
function restOf(
  event: DomainEvent,
  twins: readonly DomainEvent[],
  { datasetNamed }: Fork,
): JsonObject | null {
  if (twins.length === 0) return event.data;
  if (twins.some((twin) => sameRecording(twin, event))) return null;
  const isSaid = (field: string) =>
    twins.some(
      (twin) =>
        countedInBoth(twin, event, datasetNamed).has(field) ||
        canonicalize(twin.data[field]) === canonicalize(event.data[field]),
    );
  const rest = Object.entries(event.data).filter(([field]) => !isSaid(field));
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

/**
 * What several lives report of one command is one report: the first that was joined has got an id of its own, which the
 * next one's bytes do not give.
 */
function sameReport(event: DomainEvent, accepted: ReadonlyMap<string, DomainEvent>): DomainEvent | null {
  if (event.type !== INCIDENT_REPORTED) return null;
  for (const other of accepted.values()) if (sameContent(other, event)) return other;
  return null;
}

/** Two different events of one id: the second gets an id of its own, the same however often it is repaired. */
export function renamedId({ hash }: LoggedEvent, hasher: Hasher): string {
  return derivedId(hasher, ['renamed', toHex(hash)]);
}

/**
 * One request of one client, whose key and text the id tells: carried out under another version of the dataset, it has what
 * that one fills in besides.
 */
function sameRecording(a: DomainEvent, b: DomainEvent): boolean {
  return (
    isKeyed(a.id) && a.id === b.id && isRecording(a) && entityName(a) === entityName(b) && a.type === b.type
  );
}

/** Under whatever version: a field means the same in all of them. */
function sameContent(a: DomainEvent, b: DomainEvent): boolean {
  const content = ({ dataset, scope, entityId, type, data }: DomainEvent) => ({
    dataset,
    scope,
    entityId,
    type,
    data,
  });
  return canonicalize(content(a)) === canonicalize(content(b));
}

/** Says what the event had seen of what both histories share, and of others. */
function translateClock(event: DomainEvent, fork: Fork): VectorClock {
  const clock: Record<string, number> = {};
  const see = (life: string, seq: number) => {
    if (seq > 0) clock[life] = Math.max(clock[life] ?? 0, seq);
  };
  for (const [life, seq] of Object.entries(event.clock)) {
    const isForked = life.startsWith(`${event.office}@`) && seq > fork.commonSeq;
    see(life, isForked ? fork.lastSharedSeq(entityName(event), life) : seq);
  }
  return clock;
}

export interface Matched {
  /** Last place at which both logs agree. */
  readonly common: ChainPoint;
  /** What the other side holds after it. */
  readonly rest: readonly LoggedEvent[];
}

/** Compares what the head holds with the own log, place by place, from `before` (which both share). */
export function matchLogs(
  before: ChainPoint,
  theirs: readonly LoggedEvent[],
  own: readonly LoggedEvent[],
): Matched {
  let common = before;
  for (const [index, logged] of theirs.entries()) {
    const mine = own[index];
    if (mine === undefined || !sameBytes(mine.hash, logged.hash))
      return { common, rest: theirs.slice(index) };
    common = { epoch: logged.event.epoch, seq: logged.event.seq, hash: logged.hash };
  }
  return { common, rest: [] };
}

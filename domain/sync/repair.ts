import canonicalize from 'canonicalize';
import { encodeEvent } from '../canonical.ts';
import { type ChainPoint, chainHash, sameBytes, toHex } from '../chain.ts';
import { covers, lifeOf, type VectorClock } from '../clock.ts';
import { assertInvariant } from '../errors.ts';
import { type Dot, type DomainEvent, dotName, dotOf, entityName, type LoggedEvent } from '../event.ts';
import { derivedId } from '../conflict/derived-id.ts';
import { INCIDENT_REPORTED } from '../office/evolve.ts';
import type { Hasher } from '../ports.ts';
import { LIMITS } from './limits.ts';

/**
 * Repairs a fork of one office's log. The head holds the accepted history; events that another life of the office
 * wrote after the last common place are written again after it, in an epoch that the head granted, with the
 * context they really had: their new clocks claim to have seen what they saw, and nothing of the accepted tail,
 * so that an edit made blindly in both lives is found to be concurrent. What an earlier repair had joined stays
 * apart too: events that were in different epochs before are in different ones again.
 */
export interface Fork {
  /** Last place that both histories share. */
  readonly commonSeq: number;
  /** What the accepted history holds after it, as far as it may have the same events. */
  readonly tail: readonly LoggedEvent[];
  /** What the other life wrote after it, in order. */
  readonly diverging: readonly LoggedEvent[];
  /** Where the log goes on: the end of the accepted history. */
  readonly end: ChainPoint;
  /** The first of the epochs granted; every epoch of the other life takes the next one. */
  readonly epoch: number;
  /** Highest seq, up to the common place, of a life's events on an entity; 0 for none. */
  readonly lastSharedSeq: (entity: string, life: string) => number;
}

/** The diverging events as they go on in the log after `fork.end`; doubles of accepted ones are left out. */
export function reappend(fork: Fork, hasher: Hasher): LoggedEvent[] {
  assertInvariant(fork.epoch > fork.end.epoch, 'a repair goes on in a later epoch', {
    expected: `> ${fork.end.epoch}`,
    actual: fork.epoch,
  });
  const accepted = new Map(fork.tail.map((logged) => [logged.event.id, logged.event]));
  const renames = new Renames(fork.tail.filter(({ event }) => event.seq > fork.commonSeq));
  const epochs = new Epochs(fork.epoch);
  const events: LoggedEvent[] = [];
  let { seq, hash } = fork.end;
  for (const logged of fork.diverging) {
    const { event } = logged;
    const twin = twinOf(logged, accepted, hasher);
    if (twin !== null) {
      renames.add(event, dotOf(twin));
      continue;
    }
    seq += 1;
    const dot = { office: event.office, epoch: epochs.after(event.epoch), seq };
    renames.add(event, dot);
    const id = accepted.has(event.id) ? renamedId(logged, hasher) : event.id;
    const clock = translateClock(event, fork, renames.seenBy(event));
    const renamed: DomainEvent = { ...event, ...dot, id, clock };
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
  readonly #of = new Map<string, { readonly former: Dot; readonly now: Dot }[]>();
  /** Accepted events of each entity that the other life did not share, in order. */
  readonly #accepted = new Map<string, DomainEvent[]>();

  constructor(tail: readonly LoggedEvent[]) {
    for (const { event } of tail) {
      const known = this.#accepted.get(entityName(event));
      if (known === undefined) this.#accepted.set(entityName(event), [event]);
      else known.push(event);
    }
  }

  add(event: DomainEvent, now: Dot): void {
    const name = entityName(event);
    const known = this.#of.get(name);
    if (known === undefined) this.#of.set(name, [{ former: dotOf(event), now }]);
    else known.push({ former: dotOf(event), now });
  }

  /** The new names of what an event had seen, its own among them, as far as they say no more than that. */
  seenBy(event: DomainEvent): Dot[] {
    const known = this.#of.get(entityName(event)) ?? [];
    const seen = known.filter(({ former }) => covers(event.clock, former)).map(({ now }) => now);
    const bounds = this.#firstUnseen(entityName(event), seen);
    return seen.filter((now) => now.seq < (bounds.get(lifeOf(now)) ?? Infinity));
  }

  /**
   * Of each life that has accepted events on the entity, the seq of the first that was not seen. Who names one behind it
   * would claim to have seen that, too: a conflict too many can be settled, a change overwritten unseen cannot.
   */
  #firstUnseen(entity: string, seen: readonly Dot[]): Map<string, number> {
    const accepted = this.#accepted.get(entity) ?? [];
    const names = new Set(accepted.length === 0 ? [] : seen.map(dotName));
    const first = new Map<string, number>();
    for (const event of accepted) {
      const life = lifeOf(event);
      if (!names.has(dotName(event)) && !first.has(life)) first.set(life, event.seq);
    }
    return first;
  }
}

/** The same event in the accepted history: as it was, or as an earlier repair has written it again. */
function twinOf(
  logged: LoggedEvent,
  accepted: ReadonlyMap<string, DomainEvent>,
  hasher: Hasher,
): DomainEvent | null {
  const twin = accepted.get(logged.event.id);
  if (twin === undefined) return null;
  if (sameContent(twin, logged.event)) return twin;
  return accepted.get(renamedId(logged, hasher)) ?? sameReport(logged.event, accepted);
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

function sameContent(a: DomainEvent, b: DomainEvent): boolean {
  const content = ({ dataset, scope, entityId, type, version, data }: DomainEvent) => ({
    dataset,
    scope,
    entityId,
    type,
    version,
    data,
  });
  return canonicalize(content(a)) === canonicalize(content(b));
}

/** Says what the event had seen in the names that the repaired log gives: shared events keep theirs. */
function translateClock(event: DomainEvent, fork: Fork, seen: readonly Dot[]): VectorClock {
  const clock: Record<string, number> = {};
  const see = (life: string, seq: number) => {
    if (seq > 0) clock[life] = Math.max(clock[life] ?? 0, seq);
  };
  for (const [life, seq] of Object.entries(event.clock)) {
    const isForked = life.startsWith(`${event.office}@`) && seq > fork.commonSeq;
    see(life, isForked ? fork.lastSharedSeq(entityName(event), life) : seq);
  }
  for (const renamed of seen) see(lifeOf(renamed), renamed.seq);
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

import canonicalize from 'canonicalize';
import { encodeEvent } from '../canonical.ts';
import { type ChainPoint, chainHash, sameBytes, toHex } from '../chain.ts';
import { lifeOf, type VectorClock } from '../clock.ts';
import { assertInvariant } from '../errors.ts';
import { type Dot, type DomainEvent, dotOf, entityName, type LoggedEvent } from '../event.ts';
import { derivedId } from '../conflict/derived-id.ts';
import type { Hasher } from '../ports.ts';

/**
 * Repairs a fork of one office's log. The head holds the accepted history; events that another life of the office
 * wrote after the last common place are written again after it, in an epoch that the head granted, with the
 * context they really had: their new clocks claim to have seen what they saw, and nothing of the accepted tail,
 * so that an edit made blindly in both lives is found to be concurrent.
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
  const seenOn = new Map<string, Dot[]>();
  const events: LoggedEvent[] = [];
  let { seq, hash } = fork.end;
  for (const logged of fork.diverging) {
    const { event } = logged;
    const name = entityName(event);
    const seen = seenOn.get(name) ?? [];
    seenOn.set(name, seen);
    const twin = twinOf(logged, accepted, hasher);
    if (twin !== null) {
      seen.push(dotOf(twin));
      continue;
    }
    seq += 1;
    const dot = { office: event.office, epoch: fork.epoch, seq };
    const id = accepted.has(event.id) ? renamedId(logged, hasher) : event.id;
    const renamed: DomainEvent = { ...event, ...dot, id, clock: translateClock(event, dot, fork, seen) };
    seen.push(dot);
    const bytes = encodeEvent(renamed);
    hash = chainHash(hasher, hash, bytes);
    events.push({ event: renamed, bytes, hash });
  }
  return events;
}

/** The same event in the accepted history: as it was, or as an earlier repair has written it again. */
function twinOf(
  logged: LoggedEvent,
  accepted: ReadonlyMap<string, DomainEvent>,
  hasher: Hasher,
): DomainEvent | null {
  const twin = accepted.get(logged.event.id);
  if (twin === undefined) return null;
  return sameContent(twin, logged.event) ? twin : (accepted.get(renamedId(logged, hasher)) ?? null);
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
function translateClock(event: DomainEvent, dot: Dot, fork: Fork, seen: readonly Dot[]): VectorClock {
  const clock: Record<string, number> = {};
  const see = (life: string, seq: number) => {
    if (seq > 0) clock[life] = Math.max(clock[life] ?? 0, seq);
  };
  for (const [life, seq] of Object.entries(event.clock)) {
    const isForked = life.startsWith(`${event.office}@`) && seq > fork.commonSeq;
    see(life, isForked ? fork.lastSharedSeq(entityName(event), life) : seq);
  }
  for (const renamed of [...seen, dot]) see(lifeOf(renamed), renamed.seq);
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

import { DomainError } from './errors.ts';

/** `^[a-z][a-z0-9-]{1,31}$` */
export type OfficeId = string;

/** Values that an event may carry: no fractions (decimals are canonical strings), no undefined. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Names an event for ever. */
export interface Dot {
  readonly office: OfficeId;
  /** Which life of the office wrote it, from 1. */
  readonly epoch: number;
  /** 1-based, gap-free place in the office's log; goes on across epochs. */
  readonly seq: number;
}

export interface EntityKey {
  readonly dataset: string;
  /** Who owns and sees the entity: an office id, or `shared`. */
  readonly scope: string;
  readonly entityId: string;
}

/**
 * Vector clock of one entity: `office@epoch` -> highest seq of that life's events on this entity that the
 * author knew, its own dot included. Fidge and Mattern 1988; keyed per life of an office so that a life
 * after a fork is concurrent with what it did not see.
 */
export type VectorClock = Readonly<Record<string, number>>;

/** A fact in the past tense, immutable. */
export interface DomainEvent extends Dot, EntityKey {
  /** UUID, unique per office. */
  readonly id: string;
  /** `SaleRecorded`, `SaleAmended`, ... */
  readonly type: string;
  /** Schema version of `data`, from 1. */
  readonly version: number;
  /** What the author knew of this entity, its own dot included. */
  readonly clock: VectorClock;
  /** Hybrid logical time, see hlc.ts. */
  readonly at: string;
  /** Who did it. */
  readonly actor: string;
  readonly data: JsonObject;
}

/** An event as the log keeps it: the canonical bytes are the truth, the rest is read from them. */
export interface LoggedEvent {
  readonly event: DomainEvent;
  /** Canonical JSON of `event`, encoded once at append, never re-serialised. */
  readonly bytes: Uint8Array;
  /** SHA-256(previous hash in the author's log || bytes). */
  readonly hash: Uint8Array;
}

export const SHARED_SCOPE = 'shared';
/** The stream of the feed that has everything. */
export const ALL_STREAM = 'all';
/** Names of streams that would be taken for an office's. */
const RESERVED: readonly string[] = [SHARED_SCOPE, ALL_STREAM];
export const OFFICE_ID_PATTERN = /^[a-z][a-z0-9-]{1,31}$/;
export const MAX_EVENT_BYTES = 2 * 1024 * 1024;

export function isOfficeId(id: string): boolean {
  return OFFICE_ID_PATTERN.test(id) && !RESERVED.includes(id);
}

export function assertOfficeId(id: string): void {
  if (isOfficeId(id)) return;
  throw new DomainError('invalid-office-id', `"${id}" is not an office id`, {
    expected: OFFICE_ID_RULE,
    actual: id,
  });
}

/** Completes a sentence that begins with the setting's name. */
export const OFFICE_ID_RULE =
  'must be 2 to 32 characters of a-z, 0-9 and -, begin with a letter, and be neither "shared" nor "all"';

export function dotName(dot: Dot): string {
  return `${dot.office}@${dot.epoch}:${dot.seq}`;
}

/** Reads what `dotName` wrote; null for any other text. */
export function dotNamed(name: string): Dot | null {
  const [, office = '', epoch, seq] =
    /^([a-z][a-z0-9-]{1,31})@([1-9]\d{0,15}):([1-9]\d{0,15})$/.exec(name) ?? [];
  const dot = { office, epoch: Number(epoch), seq: Number(seq) };
  return Number.isSafeInteger(dot.epoch) && Number.isSafeInteger(dot.seq) ? dot : null;
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a.seq === b.seq && a.epoch === b.epoch && a.office === b.office;
}

export function dotOf({ office, epoch, seq }: Dot): Dot {
  return { office, epoch, seq };
}

export function entityKeyOf({ dataset, scope, entityId }: EntityKey): EntityKey {
  return { dataset, scope, entityId };
}

/** One string per entity, for maps and for the key order in which rows are locked. */
export function entityName(key: EntityKey): string {
  return `${key.dataset}\n${key.scope}\n${key.entityId}`;
}

/** Byte order of UTF-8 for well-formed text, the same as every database's: never the locale's. */
export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unit !== other) return inCodePointOrder(unit) - inCodePointOrder(other);
  }
  return a.length - b.length;
}

/** UTF-16 puts U+E000 to U+FFFF behind the surrogates, which stand for all that comes after them. */
function inCodePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

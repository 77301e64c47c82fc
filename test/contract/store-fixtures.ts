import { createHash } from 'node:crypto';
import { encodeEvent } from '../../domain/canonical.ts';
import { ZERO_HASH } from '../../domain/chain.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { multiplyDecimals } from '../../domain/decimal.ts';
import type { DomainEvent, JsonObject, JsonValue } from '../../domain/event.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { presentRow } from '../../domain/office/present.ts';
import { NOTHING_QUARANTINED } from '../../domain/sync/messages.ts';
import type { EntityWrite, EventRow, OfficeRow, WaitingRow } from '../../mixins/store/store.ts';

export const PLENTY = { count: 1000, bytes: 1e9 };
export const WITH = { deleted: 'with' } as const;
export const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** A dataset with every kind of field, and with names that databases know as words of their own. */
export const things: Dataset = {
  name: 'things',
  noun: 'Thing',
  scope: 'office',
  version: 1,
  fields: {
    name: { kind: 'text', maxLength: 200, required: false, label: 'Name' },
    order: { kind: 'text', maxLength: 2_000_000, required: false, label: 'Order' },
    pieces: {
      kind: 'integer',
      min: -9007199254740991,
      max: 9007199254740991,
      required: false,
      label: 'Pieces',
    },
    amount: { kind: 'decimal', precision: 18, scale: 4, required: false, label: 'Amount' },
    wholeSum: { kind: 'decimal', precision: 14, scale: 0, required: false, label: 'Whole sum' },
    soldOn: { kind: 'date', required: false, label: 'Sold on' },
    seenAt: { kind: 'timestamp', required: false, label: 'Seen at' },
    open: { kind: 'boolean', required: false, label: 'Open' },
    group: { kind: 'enum', values: ['A', 'a', 'a '], required: false, label: 'Group' },
    parent: { kind: 'reference', dataset: 'things', required: false, label: 'Parent' },
  },
  computed: {
    twice: {
      type: { kind: 'decimal', precision: 18, scale: 4 },
      label: 'Twice',
      compute: ({ amount }) => (typeof amount === 'string' ? multiplyDecimals(amount, '2') : null),
    },
  },
  policies: { version: 1, rows: 'merge-fields', default: 'latest', fields: {}, void: 'void-wins' },
};

export const NO_VALUES: JsonObject = Object.fromEntries(
  [...Object.keys(things.fields), ...Object.keys(things.computed)].map((name) => [name, null]),
);

const uuid = (number: number): string => `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

/** Writes logs: events chained per office, at the positions they are given. */
export class LogWriter {
  readonly #hashes = new Map<string, Uint8Array>();
  #made = 0;

  /** The next event of an office's log; whatever is not said is unremarkable. */
  event(changes: Partial<DomainEvent> & { office: string; seq: number }, position: number): EventRow {
    const epoch = changes.epoch ?? 1;
    const event: DomainEvent = {
      id: uuid(++this.#made),
      epoch,
      dataset: 'things',
      scope: changes.office,
      entityId: `thing-${changes.seq}`,
      type: 'ThingRecorded',
      version: 1,
      clock: { [`${changes.office}@${epoch}`]: changes.seq },
      at: `2026-04-01T09:30:00.${String(changes.seq % 1000).padStart(3, '0')}Z/0000`,
      actor: 'anna',
      data: { name: 'Paper' },
      ...changes,
    };
    const bytes = encodeEvent(event);
    const previous = this.#hashes.get(event.office) ?? ZERO_HASH;
    const hash = new Uint8Array(createHash('sha256').update(previous).update(bytes).digest());
    this.#hashes.set(event.office, hash);
    return { event, bytes, hash, position, status: 'applied' };
  }
}

/** What an append would write for a thing recorded with these values. */
export function recorded(entityId: string, data: JsonObject, scope = 'west', seq = 1): EntityWrite {
  const { event } = new LogWriter().event(
    { office: scope === 'shared' ? 'head' : scope, seq, scope, entityId, data },
    seq,
  );
  const state = evolve(null, event);
  return { state, row: presentRow(things, state), isNew: true };
}

/** For comparing megabytes: jest goes through arrays byte by byte. */
export function readable(rows: readonly EventRow[]): object[] {
  return rows.map((row) => ({ ...row, bytes: Buffer.from(row.bytes).toString('latin1') }));
}

export function officeRow(office: string, changes: Partial<OfficeRow> = {}): OfficeRow {
  return {
    office,
    name: `Office "${office}" \\ 'ø' 😀 `,
    status: 'active',
    subscribe: 'own',
    cursor: { epoch: 2, seq: 7, hash: new Uint8Array(32).fill(0xfe) },
    grantedEpoch: 3,
    session: 4,
    sessionConfirmed: true,
    instance: 'a1',
    leaseUntilMs: 1_790_000_000_123,
    lastContactAtMs: 1_790_000_000_001,
    safeSeq: 5,
    addedAtMs: 1_780_000_000_000,
    quarantined: NOTHING_QUARANTINED,
    datasets: { evolutions: 1, versions: { sales: 3, things: 1 } },
    ...changes,
  };
}

export function waitingRow(
  position: number,
  entityId: string,
  changes: Partial<WaitingRow> = {},
): WaitingRow {
  return {
    position,
    office: 'west',
    dataset: 'things',
    scope: 'west',
    entityId,
    status: 'parked',
    reason: 'cause-missing',
    detail: `needs 'west'@1:\\ "5" 😀`,
    sinceMs: 1_790_000_000_000,
    ...changes,
  };
}

export function conflictCase(number: number, changes: Partial<ConflictCase> = {}): ConflictCase {
  const value: JsonValue = { nested: ['\\', `'`, '"', '?', '$1', ':a', '😀 '] };
  return {
    id: uuid(number),
    dataset: 'things',
    scope: 'west',
    entityId: 'thing-1',
    status: 'open',
    openedAt: '2026-04-01T09:30:00.000Z/0001',
    settledAt: null,
    fields: ['name'],
    base: { name: value },
    contenders: [
      {
        office: 'west',
        epoch: 1,
        seq: 2,
        at: '2026-04-01T09:30:00.000Z/0001',
        wroteAt: { name: '2026-04-01T09:30:00.000Z/0001' },
        actor: 'anna',
        clock: { 'west@1': 2 },
        values: { name: 'x' },
      },
    ],
    overruled: [],
    rulings: [],
    ...changes,
  };
}

/** Text in which a careless store changes something. */
export const HOSTILE_TEXTS = [
  '',
  ' ',
  'trailing blank ',
  'trailing tab\t',
  'line\r\nbreak\n',
  '😀 👩‍👩‍👧‍👦',
  'e\u0301 is not \u00e9',
  '\u202eright to left',
  '\ufeffbyte order mark',
  `it's "quoted" \\ back\\\\slash \`tick\``,
  `'; drop table things; --`,
  '? ?? $1 $2::text :a @b %s {0} ${c} \\u0000 \\0',
  '\u0001\u001f\u007f\uffff',
  '\u{10ffff}',
  'NULL',
  '0x00',
];

import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { DatasetRow } from '../../domain/datasets/dataset.ts';
import { dotName, type EntityKey, entityName } from '../../domain/event.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import type { DigestRow, EventRow, LogRow, OfficeRow, WaitingRow } from '../../mixins/store/store.ts';

/** How to take back what a transaction has done so far. */
export class Journal {
  #steps: (() => void)[] = [];

  note(undo: () => void): void {
    this.#steps.push(undo);
  }

  rollBack(): void {
    for (const undo of this.#steps.reverse()) undo();
    this.#steps = [];
  }

  forget(): void {
    this.#steps = [];
  }
}

/** A map whose changes the journal can take back. */
export class Table<V, K = string> {
  readonly #rows: Map<K, V>;
  readonly #journal: Journal;

  constructor(journal: Journal, rows: Iterable<readonly [K, V]> = []) {
    this.#journal = journal;
    this.#rows = new Map(rows);
  }

  get(key: K): V | undefined {
    return this.#rows.get(key);
  }

  has(key: K): boolean {
    return this.#rows.has(key);
  }

  set(key: K, row: V): void {
    const before = this.#rows.get(key);
    if (this.#rows.has(key)) this.#journal.note(() => void this.#rows.set(key, before as V));
    else this.#journal.note(() => void this.#rows.delete(key));
    this.#rows.set(key, row);
  }

  insert(key: K, row: V): void {
    if (this.#rows.has(key)) throw new Error(`constraint violated: ${String(key)} is there already`);
    this.set(key, row);
  }

  delete(key: K): void {
    if (!this.#rows.has(key)) return;
    const before = this.#rows.get(key) as V;
    this.#journal.note(() => void this.#rows.set(key, before));
    this.#rows.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#rows.entries();
  }
}

/** Positions of events in some order of their own, by a key. */
class Index {
  readonly #lists = new Map<string, number[]>();
  readonly #isBefore: (a: number, b: number) => boolean;
  readonly #journal: Journal;

  constructor(journal: Journal, isBefore: (a: number, b: number) => boolean) {
    this.#journal = journal;
    this.#isBefore = isBefore;
  }

  of(key: string): readonly number[] {
    return this.#lists.get(key) ?? [];
  }

  add(key: string, position: number): void {
    this.#put(key, position);
    this.#journal.note(() => this.#take(key, position));
  }

  remove(key: string, position: number): void {
    this.#take(key, position);
    this.#journal.note(() => this.#put(key, position));
  }

  #put(key: string, position: number): void {
    const list = this.#lists.get(key);
    if (list === undefined) {
      this.#lists.set(key, [position]);
      return;
    }
    let at = list.length;
    while (at > 0 && this.#isBefore(position, list[at - 1]!)) at -= 1;
    list.splice(at, 0, position);
  }

  #take(key: string, position: number): void {
    const list = this.#lists.get(key)!;
    list.splice(list.lastIndexOf(position), 1);
  }
}

/** The valid events with their ways in. */
export class EventTable {
  readonly rows: Table<EventRow, number>;
  readonly #order: Index;
  readonly #bySeq: Index;
  readonly #byEntity: Index;
  readonly #byId: Index;
  readonly #byDot: Table<number>;

  constructor(journal: Journal, rows: Iterable<EventRow> = []) {
    const byPosition = (a: number, b: number) => a < b;
    this.rows = new Table<EventRow, number>(journal);
    this.#order = new Index(journal, byPosition);
    this.#byEntity = new Index(journal, byPosition);
    this.#byId = new Index(journal, byPosition);
    this.#bySeq = new Index(journal, (a, b) => this.#isEarlier(a, b));
    this.#byDot = new Table<number>(journal);
    for (const row of rows) this.insert(row);
  }

  insert(row: EventRow): void {
    const { event, position } = row;
    this.rows.insert(position, row);
    this.#byDot.insert(dotName(event), position);
    this.#order.add('', position);
    this.#bySeq.add(event.office, position);
    this.#byEntity.add(entityName(event), position);
    this.#byId.add(`${event.office}\n${event.id}`, position);
  }

  remove(row: EventRow): void {
    const { event, position } = row;
    this.#bySeq.remove(event.office, position); // needs the row for its order
    this.#order.remove('', position);
    this.#byEntity.remove(entityName(event), position);
    this.#byId.remove(`${event.office}\n${event.id}`, position);
    this.#byDot.delete(dotName(event));
    this.rows.delete(position);
  }

  at(position: number): EventRow | undefined {
    return this.rows.get(position);
  }

  byDot(name: string): EventRow | undefined {
    const position = this.#byDot.get(name);
    return position === undefined ? undefined : this.at(position);
  }

  inOrder(): EventRow[] {
    return this.#list(this.#order.of(''));
  }

  /** Positions after one, ascending. */
  positionsAfter(position: number): readonly number[] {
    const all = this.#order.of('');
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? all : all.slice(low);
  }

  positions(): readonly number[] {
    return this.#order.of('');
  }

  ofOffice(office: string): EventRow[] {
    return this.#list(this.#bySeq.of(office));
  }

  /** By seq and epoch, from the first one with a seq after `seq`. */
  ofOfficeAfter(office: string, seq: number): EventRow[] {
    const all = this.#bySeq.of(office);
    let first = all.length;
    while (first > 0 && this.at(all[first - 1]!)!.event.seq > seq) first -= 1;
    return this.#list(all.slice(first));
  }

  ofEntity(key: EntityKey): EventRow[] {
    return this.#list(this.#byEntity.of(entityName(key)));
  }

  ofId(office: string, id: string): EventRow[] {
    return this.#list(this.#byId.of(`${office}\n${id}`));
  }

  #list(positions: readonly number[]): EventRow[] {
    return positions.map((position) => this.at(position)!);
  }

  #isEarlier(a: number, b: number): boolean {
    const [one, other] = [this.at(a)!.event, this.at(b)!.event];
    return one.seq === other.seq ? one.epoch < other.epoch : one.seq < other.seq;
  }
}

/** As text, as a database keeps it. */
export interface EntityRecord extends EntityKey {
  readonly state: string;
  readonly row: DatasetRow | null;
}

/** Everything that an office's database holds. Rows are never changed in place, so that copies may share them. */
export class Tables {
  readonly journal = new Journal();
  readonly log: Table<LogRow>;
  readonly offices: Table<OfficeRow>;
  readonly events: EventTable;
  readonly displaced: Table<EventRow, number>;
  readonly entities: Table<EntityRecord>;
  readonly waiting: Table<WaitingRow, number>;
  readonly cases: Table<string>;
  readonly openCases: Table<readonly string[]>;
  readonly digests: Table<DigestRow>;

  constructor(from: Tables | null = null) {
    const { journal } = this;
    this.log = new Table(journal, from?.log.entries());
    this.offices = new Table(journal, from?.offices.entries());
    this.events = new EventTable(journal, from?.events.inOrder());
    this.displaced = new Table(journal, from?.displaced.entries());
    this.entities = new Table(journal, from?.entities.entries());
    this.waiting = new Table(journal, from?.waiting.entries());
    this.cases = new Table(journal, from?.cases.entries());
    this.openCases = new Table(journal, from?.openCases.entries());
    this.digests = new Table(journal, from?.digests.entries());
    journal.forget();
  }

  caseNamed(id: string): ConflictCase | null {
    const body = this.cases.get(id);
    return body === undefined ? null : (JSON.parse(body) as ConflictCase);
  }
}

export function newLogRow(office: string, role: LogRow['role']): LogRow {
  return {
    office,
    role,
    headOffice: role === 'head' ? office : '',
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
    paused: false,
    waiting: 0,
    session: 0,
    acked: START_OF_CHAIN,
    safeSeq: 0,
    feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
    feedEpoch: 1,
    feedForks: [],
  };
}

import { dotName, type EntityKey, entityName } from '../../domain/event.ts';
import { lifeOf } from '../../domain/clock.ts';
import type { EventRow } from '../../mixins/store/store.ts';

type IsBefore = (a: number, b: number) => boolean;
const byPosition: IsBefore = (a, b) => a < b;
/** Of an id: what its client chose, if it is keyed. */
const PREFIX = 18;

/** Positions of events in some order of their own, by a key. */
class Index {
  readonly #lists: Map<string, number[]>;
  readonly #isBefore: IsBefore;

  constructor(isBefore: IsBefore, from?: Index) {
    this.#isBefore = isBefore;
    this.#lists = new Map();
    if (from !== undefined) for (const [key, list] of from.#lists) this.#lists.set(key, list.slice());
  }

  of(key: string): readonly number[] {
    return this.#lists.get(key) ?? [];
  }

  put(key: string, position: number): void {
    const list = this.#lists.get(key);
    if (list === undefined) {
      this.#lists.set(key, [position]);
      return;
    }
    let at = list.length;
    while (at > 0 && this.#isBefore(position, list[at - 1]!)) at -= 1;
    if (at === list.length) list.push(position);
    else list.splice(at, 0, position);
  }

  take(key: string, position: number): void {
    const list = this.#lists.get(key)!;
    if (list.length === 1) this.#lists.delete(key);
    else list.splice(list.lastIndexOf(position), 1);
  }
}

type Indexes = Record<'order' | 'bySeq' | 'byLife' | 'byAuthor' | 'byScope' | 'byEntity' | 'byPrefix', Index>;

/** Of tables that have one like this among them. */
interface EventJournal {
  note(undo: (tables: { readonly events: EventTable }) => void): void;
}

/** The valid events with their ways in. */
export class EventTable {
  readonly #rows: Map<number, EventRow>;
  readonly #byDot: Map<string, number>;
  readonly #indexes: Indexes;
  /** How many events of each life of an office, by epoch. */
  readonly #lives = new Map<string, Map<number, number>>();
  readonly #journal: EventJournal;

  constructor(journal: EventJournal, from: EventTable | null = null) {
    this.#journal = journal;
    this.#rows = new Map(from === null ? [] : from.#rows);
    this.#byDot = new Map(from === null ? [] : from.#byDot);
    const was = from === null ? null : from.#indexes;
    if (from !== null) for (const [office, lives] of from.#lives) this.#lives.set(office, new Map(lives));
    this.#indexes = {
      order: new Index(byPosition, was?.order),
      bySeq: new Index((a, b) => this.#isEarlier(a, b), was?.bySeq),
      byLife: new Index((a, b) => this.#isEarlier(a, b), was?.byLife),
      byAuthor: new Index(byPosition, was?.byAuthor),
      byScope: new Index(byPosition, was?.byScope),
      byEntity: new Index(byPosition, was?.byEntity),
      byPrefix: new Index(byPosition, was?.byPrefix),
    };
  }

  get rows(): ReadonlyMap<number, EventRow> {
    return this.#rows;
  }

  insert(row: EventRow): void {
    const name = dotName(row.event);
    if (this.#rows.has(row.position) || this.#byDot.has(name))
      throw new Error(`constraint violated: ${name} or position ${row.position} is there already`);
    this.#put(row, name);
    this.#journal.note((tables) => tables.events.#take(row));
  }

  remove(row: EventRow): void {
    this.#take(row);
    this.#journal.note((tables) => tables.events.#put(row));
  }

  /** Another row of the same event. */
  replace(row: EventRow): void {
    const before = this.#rows.get(row.position)!;
    this.#rows.set(row.position, row);
    this.#journal.note((tables) => void tables.events.#rows.set(row.position, before));
  }

  at(position: number): EventRow | undefined {
    return this.#rows.get(position);
  }

  byDot(name: string): EventRow | undefined {
    const position = this.#byDot.get(name);
    return position === undefined ? undefined : this.at(position);
  }

  inOrder(): EventRow[] {
    return this.#list(this.#indexes.order.of(''));
  }

  /** Positions after one, ascending. */
  positionsAfter(position: number): readonly number[] {
    const all = this.#indexes.order.of('');
    return all.slice(firstAfter(all, position));
  }

  /** Ascending. */
  positions(): readonly number[] {
    return this.#indexes.order.of('');
  }

  /** The last one of an author in a scope up to a position; 0 without one. */
  lastPositionIn(author: string, scope: string, upTo: number): number {
    const all = this.#indexes.byScope.of(`${author}\n${scope}`);
    return all[firstAfter(all, upTo) - 1] ?? 0;
  }

  countOf(office: string): number {
    return this.#indexes.bySeq.of(office).length;
  }

  /** By seq and epoch. */
  ofOffice(office: string): EventRow[] {
    return this.#list(this.#indexes.bySeq.of(office));
  }

  /** The same, from the first one with a seq after `seq`. */
  ofOfficeAfter(office: string, seq: number): EventRow[] {
    const all = this.#indexes.bySeq.of(office);
    return this.#list(all.slice(firstAfter(all, seq, (position) => this.at(position)!.event.seq)));
  }

  /** The first and the last seq of an office that has events. */
  seqsOf(office: string): [first: number, last: number] {
    const all = this.#indexes.bySeq.of(office);
    return [this.at(all[0]!)!.event.seq, this.at(all.at(-1)!)!.event.seq];
  }

  /** The last one of an office with this seq, or with a lower one. */
  lastUpTo(office: string, seq: number): EventRow | undefined {
    const all = this.#indexes.bySeq.of(office);
    return this.at(all[firstAfter(all, seq, (position) => this.at(position)!.event.seq) - 1] ?? 0);
  }

  /** The one at the highest position. */
  newestOf(office: string): EventRow | undefined {
    return this.at(this.#indexes.byAuthor.of(office).at(-1) ?? 0);
  }

  /** The last one by seq of each life, latest life first. */
  newestOfLives(office: string): EventRow[] {
    const epochs = [...(this.#lives.get(office)?.keys() ?? [])].sort((a, b) => b - a);
    return epochs.map((epoch) => this.at(this.#indexes.byLife.of(lifeOf({ office, epoch })).at(-1)!)!);
  }

  ofEntity(key: EntityKey): EventRow[] {
    return this.#list(this.#indexes.byEntity.of(entityName(key)));
  }

  ofId(office: string, id: string): EventRow[] {
    return this.ofIdPrefix(office, id);
  }

  /** Whether there is one with this id. */
  holds(office: string, id: string): boolean {
    const maybe = this.#indexes.byPrefix.of(`${office}\n${id.slice(0, PREFIX)}`);
    return maybe.some((position) => this.at(position)!.event.id === id);
  }

  /** Whether it is there, and where that one says. */
  holdsRow({ event, position }: EventRow): boolean {
    return this.at(position)?.event === event;
  }

  ofIdPrefix(office: string, prefix: string): EventRow[] {
    const maybe = this.#list(this.#indexes.byPrefix.of(`${office}\n${prefix.slice(0, PREFIX)}`));
    return maybe.filter(({ event }) => event.id.startsWith(prefix));
  }

  #put(row: EventRow, name = dotName(row.event)): void {
    const { event, position } = row;
    this.#rows.set(position, row);
    this.#byDot.set(name, position);
    this.#change('put', row);
    this.#countLife(event, 1);
  }

  #take(row: EventRow): void {
    const { event, position } = row;
    this.#change('take', row);
    this.#countLife(event, -1);
    this.#byDot.delete(dotName(event));
    this.#rows.delete(position);
  }

  #countLife({ office, epoch }: EventRow['event'], by: number): void {
    const lives = this.#lives.get(office) ?? new Map<number, number>();
    this.#lives.set(office, lives);
    const count = (lives.get(epoch) ?? 0) + by;
    if (count > 0) lives.set(epoch, count);
    else lives.delete(epoch);
  }

  #change(how: 'put' | 'take', { event, position }: EventRow): void {
    const { office, scope, id } = event;
    const { order, bySeq, byLife, byAuthor, byScope, byEntity, byPrefix } = this.#indexes;
    order[how]('', position);
    bySeq[how](office, position);
    byLife[how](lifeOf(event), position);
    byAuthor[how](office, position);
    byScope[how](`${office}\n${scope}`, position);
    byEntity[how](entityName(event), position);
    byPrefix[how](`${office}\n${id.slice(0, PREFIX)}`, position);
  }

  #list(positions: readonly number[]): EventRow[] {
    return positions.map((position) => this.at(position)!);
  }

  #isEarlier(a: number, b: number): boolean {
    const [one, other] = [this.at(a)!.event, this.at(b)!.event];
    return one.seq === other.seq ? one.epoch < other.epoch : one.seq < other.seq;
  }
}

/** The place of the first one above `bound` in a list that is in ascending order of what `of` gives. */
function firstAfter(all: readonly number[], bound: number, of = (at: number): number => at): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(all[middle]!) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

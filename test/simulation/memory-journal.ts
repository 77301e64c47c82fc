/** Takes one change back, in any copy of the tables that has it. */
type Undo<T> = (tables: T) => void;

/** How to take back what a transaction has done so far, and what was committed since some place. */
export class Journal<T> {
  #steps: Undo<T>[] = [];
  /** Of the last commit, while it is written and not yet safe. */
  #written: Undo<T>[] = [];
  /** Committed, and still wanted by somebody who may go back behind it. */
  #past: Undo<T>[] = [];
  /** How many committed ones nobody can go back behind any more. */
  #forgotten = 0;
  #isKept = false;

  note(undo: Undo<T>): void {
    this.#steps.push(undo);
  }

  rollBack(tables: T): void {
    for (const undo of this.#steps.reverse()) undo(tables);
    this.#steps = [];
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** What was done so far stays when the transaction is rolled back; until it is committed it can be lost all the same. */
  write(): void {
    this.#written = this.#steps;
    this.#steps = [];
  }

  loseWritten(tables: T): void {
    for (const undo of this.#written.reverse()) undo(tables);
    this.#written = [];
  }

  /** What was written is safe. */
  commit(): void {
    if (this.#isKept) for (const undo of this.#written) this.#past.push(undo);
    else this.#forgotten += this.#written.length;
    this.#written = [];
  }

  /** The place up to which all is committed. */
  get mark(): number {
    return this.#forgotten + this.#past.length;
  }

  /** Nobody goes back behind this place; null: nobody goes back at all. */
  keepFrom(mark: number | null): void {
    this.#isKept = mark !== null;
    const over = (mark ?? this.mark) - this.#forgotten;
    this.#past.splice(0, over);
    this.#forgotten += over;
  }

  /** Makes of a copy of the tables as they are now what they were at that place. */
  undoTo(mark: number, tables: T): void {
    for (let at = this.#steps.length - 1; at >= 0; at--) this.#steps[at]!(tables);
    for (let at = this.#written.length - 1; at >= 0; at--) this.#written[at]!(tables);
    for (let at = this.#past.length - 1; at >= mark - this.#forgotten; at--) this.#past[at]!(tables);
  }
}

/** A map whose changes the journal can take back. `twin` finds it in a copy of the tables. */
export class Table<T, V, K = string> {
  readonly #rows: Map<K, V>;
  readonly #journal: Journal<T>;
  readonly #twin: (tables: T) => Table<T, V, K>;

  constructor(
    journal: Journal<T>,
    twin: (tables: T) => Table<T, V, K>,
    rows: Iterable<readonly [K, V]> = [],
  ) {
    this.#journal = journal;
    this.#twin = twin;
    this.#rows = new Map(rows);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: K): V | undefined {
    return this.#rows.get(key);
  }

  has(key: K): boolean {
    return this.#rows.has(key);
  }

  set(key: K, row: V): void {
    const before = this.#rows.get(key);
    if (before === undefined) this.#journal.note((tables) => void this.#twin(tables).#rows.delete(key));
    else this.#journal.note((tables) => void this.#twin(tables).#rows.set(key, before));
    this.#rows.set(key, row);
  }

  insert(key: K, row: V): void {
    if (this.#rows.has(key)) throw new Error(`constraint violated: ${String(key)} is there already`);
    this.set(key, row);
  }

  delete(key: K): void {
    const before = this.#rows.get(key);
    if (before === undefined) return;
    this.#journal.note((tables) => void this.#twin(tables).#rows.set(key, before));
    this.#rows.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#rows.values();
  }

  keys(): IterableIterator<K> {
    return this.#rows.keys();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#rows.entries();
  }
}

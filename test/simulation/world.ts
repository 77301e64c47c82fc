import { hash } from 'node:crypto';
import type { Ports } from '../../domain/ports.ts';
import { Prng } from './prng.ts';
import { Trace } from './trace.ts';

interface Entry {
  readonly atMs: number;
  /** Breaks ties of time by chance. */
  readonly tie: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

const STEPS_PER_TURN = 32;

/** 1 April 2026: the day on which every simulated world begins. */
export const BEGINNING_MS = Date.UTC(2026, 3, 1);

/**
 * Virtual time. One step takes the next event of the queue, runs it, and lets the program's promises settle; nothing
 * else moves the world, so the same seed gives the same history.
 */
export class World {
  readonly seed: number;
  readonly trace: Trace;
  readonly #ties: Prng;
  readonly #heap: Entry[] = [];
  #nowMs = BEGINNING_MS;
  #order = 0;
  #steps = 0;
  #failure: Error | null = null;

  constructor(seed: number, trace = new Trace(false)) {
    this.seed = seed;
    this.trace = trace;
    this.#ties = new Prng(seed).fork('ties');
  }

  /** True time, which no office knows. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  chance(label: string): Prng {
    return new Prng(this.seed).fork(label);
  }

  /** Calls `task` in `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void {
    const atMs = this.#nowMs + Math.max(0, delayMs);
    const entry = { atMs, tie: this.#ties.next(), order: this.#order++, task, cancelled: false };
    push(this.#heap, entry);
    return () => {
      entry.cancelled = true;
    };
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  say(who: string, what: string): void {
    this.trace.say(this.#nowMs - BEGINNING_MS, who, what);
  }

  /** Something that must never happen has happened outside of any promise that the simulator holds. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  /** Runs until that time, or until `isDone` says so after a step. Says whether it was done. */
  async run(untilMs: number, isDone: () => boolean = () => false): Promise<boolean> {
    await Promise.resolve(); // so that what follows is a microtask: only then does a tick come behind all others
    for (;;) {
      if (isDone()) return true;
      const next = this.#pop();
      if (next === null || next.atMs > untilMs) {
        if (next !== null) push(this.#heap, next);
        this.#nowMs = Math.max(this.#nowMs, untilMs);
        return false;
      }
      this.#nowMs = next.atMs;
      next.task();
      this.#steps += 1;
      await settled();
      if (this.#steps % STEPS_PER_TURN === 0) await machineTurn();
      if (this.#failure !== null) throw this.#failure;
    }
  }

  #pop(): Entry | null {
    for (;;) {
      const entry = pop(this.#heap);
      if (entry === null || !entry.cancelled) return entry;
    }
  }
}

/** All promises that can settle have settled: a tick comes when no microtask is left. Much cheaper than a turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The machine's own loop has its turn now and then: it reports promises whose failure nobody handles. */
function machineTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** One office's wall clock: wrong by a constant, and set anew at times. */
export class OfficeClock {
  readonly #world: World;
  skewMs: number;
  #highestMs = 0;

  constructor(world: World, skewMs: number) {
    this.#world = world;
    this.skewMs = skewMs;
  }

  nowMs(): number {
    const nowMs = Math.floor(this.#world.nowMs + this.skewMs);
    this.#highestMs = Math.max(this.#highestMs, nowMs);
    return nowMs;
  }

  /** The latest time that it ever told anybody. */
  get highestMs(): number {
    return this.#highestMs;
  }

  elapsedMs(): number {
    return this.#world.nowMs - BEGINNING_MS;
  }
}

/** What one process has instead of the machine: hashing is real, time and chance are the world's. */
export function portsOf(clock: OfficeClock, chance: Prng): Ports {
  return {
    sha256: (...parts) => hash('sha256', parts.length === 1 ? parts[0]! : Buffer.concat(parts), 'buffer'),
    nowMs: () => clock.nowMs(),
    elapsedMs: () => clock.elapsedMs(),
    newId: () => uuidV7(clock.nowMs(), chance),
    random: () => chance.next(),
  };
}

export function uuidV7(nowMs: number, chance: Prng): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const random = chance.hex(18);
  const variant = (8 + (Number.parseInt(random[3]!, 16) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(6, 18)}`;
}

// ---------------------------------------------------------------- a binary heap, the earliest first

function isBefore(a: Entry, b: Entry): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.tie === b.tie ? a.order < b.order : a.tie < b.tie;
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | null {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) return null;
  if (heap.length > 0) sink(heap, last);
  return first;
}

function sink(heap: Entry[], entry: Entry): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, entry)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = entry;
}

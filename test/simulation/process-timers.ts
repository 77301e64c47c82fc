import type { Scheduler } from '../../mixins/sync/scheduler.ts';
import type { World } from './world.ts';

interface Timer {
  readonly task: () => void;
  stop: () => void;
}

/**
 * The timers of one process: they end with it. While its machine rests (see `Site.stayAwake`) those that are due wait
 * until it wakes, as on a machine that is put to sleep; what comes over the network is dealt with all the same.
 */
export class ProcessTimers implements Scheduler {
  readonly #world: World;
  readonly #isAwake: () => boolean;
  readonly #running = new Set<Timer>();
  #held: Timer[] = [];
  #isOver = false;

  constructor(world: World, isAwake: () => boolean = () => true) {
    this.#world = world;
    this.#isAwake = isAwake;
  }

  after(delayMs: number, task: () => void): () => void {
    if (this.#isOver) return () => {};
    const timer: Timer = { task, stop: () => {} };
    this.#running.add(timer);
    this.#set(timer, delayMs);
    return () => {
      timer.stop();
      this.#running.delete(timer);
    };
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(0, () => {
        if (!this.#isOver) resolve();
      });
    });
  }

  wake(): void {
    const held = this.#held;
    this.#held = [];
    for (const timer of held) if (this.#running.has(timer)) this.#set(timer, 0);
  }

  end(): void {
    this.#isOver = true;
    for (const { stop } of this.#running) stop();
    this.#running.clear();
    this.#held = [];
  }

  #set(timer: Timer, delayMs: number): void {
    timer.stop = this.#world.after(delayMs, () => {
      if (!this.#isAwake()) {
        this.#held.push(timer);
        return;
      }
      this.#running.delete(timer);
      timer.task();
    });
  }
}

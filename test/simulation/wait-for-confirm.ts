import type { World } from './world.ts';

const CONFIRM_MS = 15_000;
/** As the real publisher: time beyond that for what is large. */
const FREE_BYTES = 16 * 1024;
const SLOWEST_BYTES_PER_MS = 2;

export interface Awaited {
  isDue(): boolean;
  /** When the last confirm of any message came; 0 while none can come. */
  progressMs(): number;
  onLate(): void;
}

/** A confirm is late only when none at all has come for as long. Returns what ends the waiting. */
export function waitForConfirm(
  world: World,
  bytes: number,
  { isDue, progressMs, onLate }: Awaited,
): () => void {
  const patienceMs = CONFIRM_MS + Math.max(0, bytes - FREE_BYTES) / SLOWEST_BYTES_PER_MS;
  let stop = (): void => {};
  const look = (sinceMs: number): void => {
    stop = world.after(sinceMs + patienceMs - world.nowMs, () => {
      if (!isDue()) return;
      if (progressMs() > sinceMs) look(progressMs());
      else onLate();
    });
  };
  look(world.nowMs);
  return () => stop();
}

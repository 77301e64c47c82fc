import type { Dot, VectorClock } from './event.ts';

export type { VectorClock };

export const EMPTY_CLOCK: VectorClock = Object.freeze({});

export function lifeOf(dot: Pick<Dot, 'office' | 'epoch'>): string {
  return `${dot.office}@${dot.epoch}`;
}

/** Whether whoever wrote `clock` knew the event `dot`. */
export function covers(clock: VectorClock, dot: Dot): boolean {
  return (clock[lifeOf(dot)] ?? 0) >= dot.seq;
}

export function includes(clock: VectorClock, other: VectorClock): boolean {
  return Object.keys(other).every((life) => (clock[life] ?? 0) >= other[life]!);
}

export function mergeClocks(a: VectorClock, b: VectorClock): VectorClock {
  if (includes(a, b)) return a;
  const merged: Record<string, number> = { ...a };
  for (const [life, seq] of Object.entries(b)) merged[life] = Math.max(merged[life] ?? 0, seq);
  return merged;
}

/** The clock of whoever has also seen this event. */
export function seenToo(clock: VectorClock, dot: Dot): VectorClock {
  return covers(clock, dot) ? clock : advanceClock(clock, dot);
}

export function advanceClock(clock: VectorClock, dot: Dot): VectorClock {
  return { ...clock, [lifeOf(dot)]: dot.seq };
}

/** Whether an entity that knows `known` has every cause of an event: all it names but the event itself. */
export function hasCauses(known: VectorClock, event: Dot & { readonly clock: VectorClock }): boolean {
  const own = lifeOf(event);
  return Object.keys(event.clock).every((life) => life === own || (known[life] ?? 0) >= event.clock[life]!);
}

import { SingleBar } from 'cli-progress';
import type { JobView } from '../mixins/projections/job.ts';

/** A bar with rate and time left; only where a person is looking. */
export function jobProgress(): { show(job: JobView): void; stop(): void } {
  if (!process.stderr.isTTY) return { show() {}, stop() {} };
  const format = '{what} [{bar}] {percentage}% {rate} events/s {left}';
  const bar = new SingleBar({ stream: process.stderr, format, clearOnComplete: true });
  bar.start(1, 0, { what: '', rate: 0, left: '' });
  return {
    show({ kind, phase, waitsFor, events, eventsTotal, eventsPerSecond, secondsLeft }) {
      bar.setTotal(Math.max(eventsTotal, events, 1));
      const left = secondsLeft === null ? '' : `${secondsLeft} s left`;
      bar.update(events, {
        what: phase === 'filling' ? kind : `${kind}, ${waitsFor === null ? phase : `waits for ${waitsFor}`}`,
        rate: eventsPerSecond,
        left,
      });
    },
    stop: () => bar.stop(),
  };
}

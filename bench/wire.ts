import { encodeMessage } from '../mixins/link/envelope.ts';
import type { Benchmark, Repetition, Sample } from './figure.ts';
import { sampleBatches } from './sample-batch.ts';
import { sampleEvents } from './sample-log.ts';

const BATCHES = 20;

const what = (events: string): string =>
  `bytes of a message from a branch that carries ${events}, envelope, session and hashes included, by the number of its events`;

export const wireBenchmarks: readonly Benchmark[] = [
  { events: 500, name: 'wire.batch500', text: '500 sales of some hours', atMost: 64 },
  { events: 1, name: 'wire.single', text: 'one sale', atMost: 160 },
].map(({ events, name, text, atMost }) => ({
  measures: [{ name, what: what(text), unit: 'bytes/event', goal: { atMost } }],
  prepare: async (): Promise<Repetition> => async () => [wireSample(events)],
}));

function wireSample(size: number): Sample {
  const batches = sampleBatches(sampleEvents(size * BATCHES), size);
  const perEvent = (total: number): number => total / (BATCHES * size);
  const bodies = batches.map((batch) => encodeMessage(batch).length);
  const value = perEvent(bodies.reduce((sum, bytes) => sum + bytes, 0));
  const canonical = perEvent(
    batches.flatMap(({ events }) => events).reduce((sum, { length }) => sum + length, 0),
  );
  return { value, limit: null, details: { canonicalBytes: canonical } };
}

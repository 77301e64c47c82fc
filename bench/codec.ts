import { encodeEvent } from '../domain/canonical.ts';
import { chainHash, sameBytes, ZERO_HASH } from '../domain/chain.ts';
import type { LoggedEvent } from '../domain/event.ts';
import { chainPage } from '../domain/sync/batch.ts';
import type { Batch } from '../domain/sync/messages.ts';
import { decodeUp, encodeMessage } from '../mixins/link/envelope.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import type { Benchmark, BenchSetting, Repetition, Sample } from './figure.ts';
import { sampleBatches } from './sample-batch.ts';
import { BRANCH, sampleEvents } from './sample-log.ts';

const BATCH = 500;

export const codecBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'codec',
        what: `a sale's way through one thread: canonical bytes, chained hash, message of ${BATCH}, and back: message, event, hash held against the chain`,
        unit: 'events/s',
        goal: { atLeast: 150_000 },
      },
    ],
    prepare,
  },
];

async function prepare({ quick }: BenchSetting): Promise<Repetition> {
  const events = sampleEvents(quick ? 10_000 : 50_000);
  for (let warmUp = 0; warmUp < 2; warmUp++) throughCodec(events);
  return async () => [throughCodec(events)];
}

function throughCodec(logged: readonly LoggedEvent[]): Sample {
  const startedMs = performance.now();
  const written = write(logged);
  const writtenMs = performance.now();
  const messages = sampleBatches(written, BATCH).map(encodeMessage);
  const packedMs = performance.now();
  const received = messages.map((message) => decodeUp(message) as Batch);
  const unpackedMs = performance.now();
  const end = received.reduce(verified, { seq: 0, hash: ZERO_HASH });
  const endedMs = performance.now();
  if (!sameBytes(end.hash, logged.at(-1)!.hash)) throw new Error('Other events came out than went in');
  const microseconds = (ms: number): number => (ms * 1_000) / logged.length;
  const details = {
    encodeAndHashUs: microseconds(writtenMs - startedMs),
    packUs: microseconds(packedMs - writtenMs),
    unpackUs: microseconds(unpackedMs - packedMs),
    decodeAndVerifyUs: microseconds(endedMs - unpackedMs),
  };
  return { value: (logged.length * 1_000) / (endedMs - startedMs), limit: null, details };
}

function write(logged: readonly LoggedEvent[]): LoggedEvent[] {
  let hash = ZERO_HASH;
  return logged.map(({ event }) => {
    const bytes = encodeEvent(event);
    hash = chainHash(machinePorts, hash, bytes);
    return { event, bytes, hash };
  });
}

interface Place {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** As the head holds a batch against what it has. */
function verified(before: Place, { events, after }: Batch): Place {
  const last = chainPage(machinePorts, BRANCH, before, events, after).at(-1)!;
  return { seq: last.event.seq, hash: last.hash };
}

import {
  type Benchmark,
  type BenchSetting,
  type Figure,
  figureOf,
  figureWithout,
  NotMeasured,
  type Sample,
} from './figure.ts';
import { OfficeProcesses } from './office-processes.ts';

const REPETITIONS = 3;

export interface Measured {
  readonly figures: readonly Figure[];
  /** Something broke; not merely a goal that is not met, or a figure that this run does not measure. */
  readonly failed: boolean;
  /** How long it took to set up what is measured on, and to measure: in seconds. */
  readonly took: Took;
}

export interface Took {
  readonly prepared: number;
  readonly measured: number;
}

/** What all benchmarks of a run share. */
export type RunSetting = Omit<BenchSetting, 'offices' | 'onEnd'>;

/** Every figure of the benchmark, with its value or with the reason why there is none. */
export async function measure(
  benchmark: Benchmark,
  setting: RunSetting,
  onRepetition: () => void = () => {},
): Promise<Measured> {
  const { measures } = benchmark;
  const watch = new Watch();
  try {
    const samples = await repeat(benchmark, setting, watch, onRepetition);
    const samplesOf = (index: number) => samples.map((repetition) => repetition[index]!);
    const figures = measures.map((one, index) => figureOf(one, samplesOf(index)));
    return { figures, failed: false, took: watch.took() };
  } catch (error) {
    const figures = measures.map((one) => figureWithout(one, reasonOf(error)));
    return { figures, failed: !(error instanceof NotMeasured), took: watch.took() };
  }
}

/** With what lies behind it: `fetch` says only that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

class Watch {
  readonly #startedMs = performance.now();
  #preparedMs: number | null = null;

  prepared(): void {
    this.#preparedMs = performance.now();
  }

  took(): Took {
    const endedMs = performance.now();
    const preparedMs = this.#preparedMs ?? endedMs;
    return {
      prepared: (preparedMs - this.#startedMs) / 1_000,
      measured: (endedMs - preparedMs) / 1_000,
    };
  }
}

async function repeat(
  benchmark: Benchmark,
  setting: RunSetting,
  watch: Watch,
  onRepetition: () => void,
): Promise<(readonly Sample[])[]> {
  const offices = new OfficeProcesses();
  await using atEnd = new AsyncDisposableStack();
  const onEnd = (task: () => unknown): void => atEnd.defer(async () => void (await task()));
  onEnd(() => offices.stopAll());
  const once = await benchmark.prepare({ ...setting, offices, onEnd });
  watch.prepared();
  const samples: (readonly Sample[])[] = [];
  const startedMs = performance.now();
  do {
    samples.push(await once());
    onRepetition();
  } while (samples.length < (benchmark.repetitions ?? REPETITIONS) && isTimeForAnother());
  return samples;

  function isTimeForAnother(): boolean {
    const takenMs = performance.now() - startedMs;
    return takenMs + takenMs / samples.length <= setting.longestMs;
  }
}

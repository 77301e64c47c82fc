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
  try {
    const samples = await repeat(benchmark, setting, onRepetition);
    const samplesOf = (index: number) => samples.map((repetition) => repetition[index]!);
    return { figures: measures.map((one, index) => figureOf(one, samplesOf(index))), failed: false };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const figures = measures.map((one) => figureWithout(one, why));
    return { figures, failed: !(error instanceof NotMeasured) };
  }
}

async function repeat(
  benchmark: Benchmark,
  setting: RunSetting,
  onRepetition: () => void,
): Promise<(readonly Sample[])[]> {
  const offices = new OfficeProcesses();
  await using atEnd = new AsyncDisposableStack();
  const onEnd = (task: () => unknown): void => atEnd.defer(async () => void (await task()));
  onEnd(() => offices.stopAll());
  const once = await benchmark.prepare({ ...setting, offices, onEnd });
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

// What an operator sees while a fault lasts: the status, the log, and that people go on selling.
import { expect } from '@jest/globals';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { syncState } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { answeredBy, type Seller } from './seller.ts';

/** Resolves when so many more commands were answered. */
export async function sellMore(all: readonly Seller[], count: number, deadlineMs = 180_000): Promise<void> {
  const wanted = answeredBy(all) + count;
  await eventually(() => expect(answeredBy(all)).toBeGreaterThanOrEqual(wanted), deadlineMs);
}

/** Resolves with the detail of the problem that the office's status names, when it is of this type. */
export async function untilProblem(
  office: OfficeProcess,
  type: string,
  deadlineMs = 60_000,
): Promise<string> {
  return eventually(async () => {
    const { problem } = await syncState(office);
    expect(problem).toMatchObject({ type });
    return problem!.detail;
  }, deadlineMs);
}

/** Resolves when the office has nothing left to complain of. */
export async function untilWell(office: OfficeProcess, deadlineMs = 90_000): Promise<void> {
  await eventually(async () => expect((await syncState(office)).problem).toBeNull(), deadlineMs);
}

/** Collects what the status of an office says while something short happens to it. */
export class StatusWatch {
  readonly #types = new Set<string>();
  readonly #office: OfficeProcess;
  #isOpen = true;
  readonly #work: Promise<void>;

  constructor(office: OfficeProcess) {
    this.#office = office;
    this.#work = this.#look();
  }

  /** The problem types seen, each once. */
  async end(): Promise<string[]> {
    this.#isOpen = false;
    await this.#work;
    return [...this.#types];
  }

  async #look(): Promise<void> {
    while (this.#isOpen) {
      const { problem } = await syncState(this.#office);
      if (problem !== null) this.#types.add(problem.type);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

/** Lines that the office has logged; a fault may cost some, never one for each attempt. */
export function logLines({ output }: OfficeProcess): string[] {
  return output.split('\n').filter((line) => line !== '');
}

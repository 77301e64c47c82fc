// A test runner for StrykerJS. Every mutant is in the code already, behind a switch; a run turns one on and makes
// the checks that reach it, cheapest first, until one fails: unit tests and simulated histories.
import { resolve } from 'node:path';
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import type { Check } from './check.ts';
import { loadChecks } from './checks.ts';
import { actAsJest } from './jest-tests.ts';

/** The switch and the counters that the instrumented code reads and writes. */
const switches = ((globalThis as { __stryker__?: InstrumenterContext }).__stryker__ ??= {});

class OneProcessRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);
  readonly #seeds: number;
  /** How long each check took when it was made last. */
  readonly #tookMs = new Map<string, number>();
  #checks: Check[] | undefined;
  /** Fails the check that runs now for an error that nobody awaited. */
  #failByStray: ((error: unknown) => void) | undefined;

  constructor(options: StrykerOptions) {
    this.#seeds = Number(options['simulatedSeeds'] ?? 0);
  }

  /** What is imported stays imported: StrykerJS starts a new process for a mutant in a constant. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  init(): Promise<void> {
    for (const event of ['uncaughtException', 'unhandledRejection'])
      process.on(event, (error) => this.#failByStray?.(error));
    actAsJest();
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const check of await this.#cheapestFirst()) tests.push(await this.#make(check));
    const { mutantCoverage = { static: {}, perTest: {} } } = switches;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({
    activeMutant,
    mutantActivation,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    if (mutantActivation === 'static') switches.activeMutant = activeMutant.id;
    const checks = await this.#cheapestFirst(testFilter);
    Object.assign(switches, { activeMutant: activeMutant.id, hitCount: hitLimit && 0, hitLimit });
    const result = await this.#untilOneFails(checks);
    delete switches.activeMutant;
    return toMutantRunResult(result);
  }

  async #untilOneFails(checks: readonly Check[]): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const check of checks) {
      const test = await this.#make(check);
      tests.push(test);
      const endless = determineHitLimitReached(switches.hitCount, switches.hitLimit);
      if (endless) return endless;
      if (test.status === TestStatus.Failed) break;
    }
    return { status: DryRunStatus.Complete, tests };
  }

  async #make({ id, file, run }: Check): Promise<TestResult> {
    const began = performance.now();
    const { promise: stray, reject } = Promise.withResolvers<never>();
    this.#failByStray = reject;
    switches.currentTestId = id;
    const ended = (): Omit<TestResult, 'status'> => {
      const timeSpentMs = performance.now() - began;
      this.#tookMs.set(id, timeSpentMs);
      return { id, name: id, fileName: resolve(file), timeSpentMs };
    };
    try {
      await Promise.race([run(), stray]);
      return { ...ended(), status: TestStatus.Success };
    } catch (error) {
      const failureMessage = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { ...ended(), status: TestStatus.Failed, failureMessage };
    } finally {
      this.#failByStray = undefined;
      delete switches.currentTestId;
    }
  }

  async #cheapestFirst(ids?: readonly string[]): Promise<Check[]> {
    this.#checks ??= await loadChecks(this.#seeds, switches);
    const wanted = ids && new Set(ids);
    const costOf = ({ id }: Check): number => this.#tookMs.get(id) ?? 0;
    return this.#checks.filter(({ id }) => wanted?.has(id) ?? true).sort((a, b) => costOf(a) - costOf(b));
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'one-process', OneProcessRunner)];

// The unit tests without jest's sandboxes: each file is imported once, and any of its tests can be run any number
// of times in this process. That is what makes thousands of mutants affordable.
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'expect';
import * as circus from 'jest-circus';
import { ModuleMocker } from 'jest-mock';
import type { Check } from './check.ts';

type Block = ReturnType<typeof circus.getState>['rootDescribeBlock'];
type Hook = Block['hooks'][number];

const FEWER_RUNS = new URL('./fewer-runs.ts', import.meta.url).href;
const TIMEOUT_MS = 30_000;

/** The globals of jest, its module of the same names, and a fast-check that hurries. */
export function actAsJest(): void {
  const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
  const jest = new ModuleMocker(globalThis);
  Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect, jest });
  const names = 'describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect, jest';
  const instead = new Map([
    ['@jest/globals', `data:text/javascript,export const { ${names} } = globalThis;`],
    ['fast-check', FEWER_RUNS],
  ]);
  registerHooks({
    resolve: (name, context, next) => {
      const url = context.parentURL === FEWER_RUNS ? undefined : instead.get(name);
      return url === undefined ? next(name, context) : { url, shortCircuit: true };
    },
  });
}

/** The tests of a file, to be called once for each. */
export async function testsOf(file: string): Promise<Check[]> {
  circus.resetState();
  await import(pathToFileURL(resolve(file)).href);
  const seen = new Map<string, number>();
  return testsIn(circus.getState().rootDescribeBlock, [], file).map((check) => {
    const twins = (seen.get(check.id) ?? 0) + 1;
    seen.set(check.id, twins);
    return twins === 1 ? check : { ...check, id: `${check.id} (${twins})` };
  });
}

function testsIn(block: Block, around: readonly Block[], file: string): Check[] {
  const blocks = [...around, block];
  const names = blocks.slice(1).map(({ name }) => name);
  return block.children.flatMap((child) => {
    if (child.type === 'describeBlock') return testsIn(child, blocks, file);
    if (child.mode === 'skip' || child.mode === 'todo') return [];
    return [{ id: [file, ...names, child.name].join(' > '), file, run: () => runTest(child.fn, blocks) }];
  });
}

/** What is prepared for all tests of a block is prepared for each: they do not see each other's mutants. */
async function runTest(test: Hook['fn'] | undefined, blocks: readonly Block[]): Promise<void> {
  const hooks = (...types: Hook['type'][]) =>
    types.flatMap((type) => blocks.flatMap((block) => block.hooks.filter((hook) => hook.type === type)));
  try {
    for (const { fn } of hooks('beforeAll', 'beforeEach')) await call(fn);
    await call(test);
  } finally {
    for (const { fn } of hooks('afterEach', 'afterAll')) await call(fn);
  }
}

async function call(body: Hook['fn'] | undefined): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`took more than ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  try {
    await Promise.race([(body as (() => unknown) | undefined)?.(), late]);
  } finally {
    clearTimeout(timer);
  }
}

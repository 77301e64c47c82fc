import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { addTrials, NO_TRIALS } from '../domain/conflict/trial.ts';
import { parseDecimal, showDecimal } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import type { OfficeTrials, TrialPage, TrialView, TryParams } from '../services/conflicts/try-policies.ts';
import { valuesText } from './conflicts-text.ts';
import { type OutputOptions, print, table } from './output.ts';
import { assertDatabase, assertRole, type ReachOptions, withOffice } from './reach-office.ts';

interface TryOptions extends OutputOptions, ReachOptions {
  readonly policy: string;
  readonly dataset?: string;
  readonly field?: string;
  readonly since?: string;
  readonly office?: string;
}

type Ask = (params: TryParams) => Promise<TrialPage>;

const PAGE = 500;
/** Shown to a person; `--json` has all. */
const MOST_SHOWN = 20;

export async function tryOut(options: TryOptions): Promise<void> {
  const { policy, dataset, field, since, office } = options;
  const candidate = await candidateOf(policy);
  const params: TryParams = {
    ...candidate,
    ...(dataset === undefined ? {} : { dataset }),
    ...(field === undefined ? {} : { field }),
    ...(since === undefined ? {} : { openedSince: since }),
    ...(office === undefined ? {} : { office }),
  };
  const result = hasFunctions(candidate.policies)
    ? await withDatabase(options, (ask) => tried(ask, params))
    : await withOffice({ ...options, role: 'head' }, (head) =>
        tried((asked) => head.post<TrialPage>('/api/conflicts/try', asked), params),
      );
  print(result, options, () => textOf(result));
}

/** A file where there is one of that name, or it looks like one. */
async function candidateOf(policy: string): Promise<Pick<TryParams, 'policy' | 'policies'>> {
  if (!['.json', '.ts', '.mts', '.js', '.mjs'].includes(extname(policy)) && !existsSync(policy))
    return { policy };
  const { contentOf } = await import('../mixins/datasets/load-datasets.ts');
  const content = await contentOf(resolve(policy)).catch((error: unknown) => {
    throw new DomainError('unreadable-file', `${policy} cannot be read: ${String(error)}`, { file: policy });
  });
  if (typeof content !== 'object' || content === null)
    throw new DomainError('unreadable-file', `${policy} holds no policies`, { file: policy });
  const { policies = content } = content as { policies?: object };
  return { policies: policies as Record<string, unknown> };
}

function hasFunctions(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasFunctions);
}

/** Somebody's functions go to no other process: they are tried here, on the head's database, which is only read. */
async function withDatabase<T>({ url }: ReachOptions, work: (ask: Ask) => Promise<T>): Promise<T> {
  if (url !== undefined) {
    const message =
      'A policy with functions is tried beside the database of the head: leave --url away, and set OFFICE_ID, ' +
      'OFFICE_ROLE and DATABASE_URL as for its start';
    throw new DomainError('usage', message, {});
  }
  const { officeConfig } = await import('./config.ts');
  const config = officeConfig();
  assertRole(config, 'head');
  await assertDatabase(config);
  const { serveOffice } = await import('./serve-office.ts');
  const { tryPolicies } = await import('../services/conflicts/try-policies.ts');
  const alone = { ...config, port: null, transporter: null, logLevel: 'warn' } as const;
  const served = await serveOffice(alone, { link: null, prepare: 'nothing' });
  try {
    return await work((params) => tryPolicies(served.office, params));
  } finally {
    await served.stop();
  }
}

type Tried = Omit<TrialPage, 'next'>;

async function tried(ask: Ask, params: TryParams): Promise<Tried> {
  const offices = new Map<string, OfficeTrials>();
  const differing: TrialView[] = [];
  let after: string | null = null;
  do {
    const page: TrialPage = await ask({ ...params, limit: PAGE, ...(after === null ? {} : { after }) });
    for (const { office, ...sum } of page.offices) {
      const exact = { ...sum, money: moneyAs(canonical, sum.money) };
      offices.set(office, { office, ...addTrials(offices.get(office) ?? NO_TRIALS, exact) });
    }
    differing.push(...page.differing);
    after = page.next;
  } while (after !== null);
  const sums = [...offices.values()].map((one) => ({ ...one, money: moneyAs(showDecimal, one.money) }));
  return { offices: sums.toSorted((a, b) => (a.office < b.office ? -1 : 1)), differing };
}

function moneyAs(
  form: (value: string) => string,
  money: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(money).map(([field, value]) => [field, form(value)]));
}

function canonical(value: string): string {
  return parseDecimal(value) ?? value;
}

function textOf({ offices, differing }: Tried): string {
  if (offices.length === 0) return 'There was no such conflict.';
  const rows = offices.map(({ office, cases, same, differs, left, money }) => [
    office,
    cases,
    same,
    differs,
    left,
    moneyText(money),
  ]);
  const more = differing.length - MOST_SHOWN;
  return [
    table(['OFFICE', 'CONFLICTS', 'SAME', 'DIFFER', 'LEFT TO A PERSON', 'MONEY'], rows),
    ...(differing.length === 0
      ? []
      : ['', table(['OF', 'OFFICE', 'STANDS', 'WOULD', 'MONEY'], rowsOf(differing))]),
    ...(more > 0 ? [`and ${more} more: --json has all of them`] : []),
    '',
    'Nothing was changed.',
  ].join('\n');
}

function rowsOf(differing: readonly TrialView[]): string[][] {
  return differing
    .slice(0, MOST_SHOWN)
    .map(({ dataset, entityId, office, stands, would, money }) => [
      `${dataset} ${entityId}`,
      office,
      valuesText(stands),
      valuesText(would),
      moneyText(money),
    ]);
}

function moneyText(money: Readonly<Record<string, string>>): string {
  const texts = Object.entries(money).map(
    ([field, value]) => `${field} ${value.startsWith('-') ? '' : '+'}${value}`,
  );
  return texts.join(', ') || '-';
}

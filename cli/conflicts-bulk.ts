import { BULK_POLICIES, type BulkPolicy } from '../domain/conflict/policy.ts';
import { DomainError } from '../domain/errors.ts';
import type { BulkOutcome } from '../services/conflicts/rule-in-bulk.ts';
import { confirm } from './confirm.ts';
import { valuesText } from './conflicts-text.ts';
import { EXIT } from './exit.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

/** Which conflicts: options of `list` and of `resolve --all`. */
export interface FilterOptions {
  readonly office?: string;
  readonly dataset?: string;
  /** In milliseconds. */
  readonly olderThan?: number;
  readonly atStake?: string;
}

export interface BulkOptions extends OutputOptions, ReachOptions, FilterOptions {
  readonly take?: string;
  readonly note?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const PAGE = 200;

export function filterOf({ office, dataset, olderThan, atStake }: FilterOptions) {
  return {
    ...(office === undefined ? {} : { office }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(olderThan === undefined ? {} : { openedBefore: new Date(Date.now() - olderThan).toISOString() }),
    ...(atStake === undefined ? {} : { atStake }),
  };
}

/** Rules on all open conflicts that fit. What a person is to say yes to is counted before. */
export async function resolveAll(options: BulkOptions): Promise<void> {
  const { take, note, dryRun = false, yes = false } = options;
  if (take === undefined)
    throw new DomainError('usage', `Say --take with ${BULK_POLICIES.join(', ')} or an office`, {});
  const body = { ...filterOf(options), ...choiceOf(take), ...(note === undefined ? {} : { note }) };
  const outcomes = await withOffice({ ...options, role: 'head', writes: true }, async (head) => {
    await assertKnown(head, options.office);
    if (dryRun) return ruled(head, { ...body, dryRun });
    if (!yes) await confirmAll(await ruled(head, { ...body, dryRun: true }), options);
    return ruled(head, body);
  });
  print(outcomes, options, () => textOf(outcomes));
  if (!dryRun && outcomes.some(({ outcome }) => outcome === 'refused')) process.exitCode = EXIT.failed;
}

function choiceOf(take: string): object {
  return BULK_POLICIES.includes(take as BulkPolicy) ? { by: take } : { take: { office: take } };
}

/** Page by page, as everything that the head may have very many of. */
async function ruled(head: OfficeClient, body: object): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  let after: string | null = null;
  do {
    const asked: object = { ...body, limit: PAGE, ...(after === null ? {} : { after }) };
    const page: { items: BulkOutcome[]; next: string | null } = await head.post(
      '/api/conflicts/resolve',
      asked,
    );
    outcomes.push(...page.items);
    after = page.next;
  } while (after !== null);
  return outcomes;
}

async function confirmAll(outcomes: readonly BulkOutcome[], options: BulkOptions): Promise<void> {
  if (outcomes.length === 0) return;
  await confirm(
    'yes',
    `${textOf(outcomes)}\nEach ruling reaches every office; each can be overruled.`,
    options,
  );
}

function textOf(outcomes: readonly BulkOutcome[]): string {
  if (outcomes.length === 0) return 'No open conflict fits.';
  const rows = outcomes.map((one) => [
    one.id,
    one.office,
    `${one.dataset} ${one.entityId}`,
    one.outcome,
    one.reason ?? valuesText(one.values),
  ]);
  const refused = outcomes.filter(({ outcome }) => outcome === 'refused').length;
  return [
    table(['CONFLICT', 'OFFICE', 'OF', 'OUTCOME', 'VALUES'], rows),
    `${outcomes.length - refused} ${outcomes.some(({ outcome }) => outcome === 'resolved') ? 'resolved' : 'to resolve'}, ${refused} refused`,
  ].join('\n');
}

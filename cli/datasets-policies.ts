import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import { parsePairs } from '../mixins/import/mapping-text.ts';
import type { DeclarationView, PoliciesView } from '../services/dataset/declaration-view.ts';
import type { PoliciesVersion } from '../services/datasets/policies.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

interface SetOptions extends Options {
  readonly field?: string[];
  readonly default?: string;
  readonly void?: string;
}

export function addPolicies(datasets: Command): void {
  const policies = datasets.command('policies').description('how disputes over a dataset are settled');
  const verb = (name: string, description: string) =>
    policies
      .command(name)
      .description(description)
      .option('--url <url>', 'of a running office')
      .option('--json', 'answer in JSON');
  verb('history <dataset>', 'every version of them: who changed what, and when').action(history);
  verb('set <dataset>', 'settle disputes otherwise from now on, at the head; try it first: conflicts try')
    .option('--field <field=policy...>', 'of fields, e.g. --field cost=latest,tax=manual')
    .option('--default <policy>', 'of the fields that have none of their own')
    .option('--void <policy>', 'where one side voided what the other changed')
    .action(set);
}

async function set(name: string, options: SetOptions): Promise<void> {
  const { field, default: preset, void: ofVoid } = options;
  const change = {
    ...(field === undefined ? {} : { fields: parsePairs(field) }),
    ...(preset === undefined ? {} : { default: preset }),
    ...(ofVoid === undefined ? {} : { void: ofVoid }),
  };
  if (Object.keys(change).length === 0)
    throw new DomainError('usage', 'Say what is to be another: --field cost=latest, --default or --void', {});
  const changed = await withOffice({ ...options, role: 'head', writes: true }, (head) =>
    head.put<DeclarationView>(pathOf(name), change),
  );
  print(changed, options, () => `${name}: ${policiesText(changed.policies)}`);
}

async function history(name: string, options: Options): Promise<void> {
  const { items } = await withOffice(options, (client) =>
    client.get<{ items: PoliciesVersion[] }>(pathOf(name)),
  );
  print(items, options, () =>
    table(
      ['VERSION', 'SINCE', 'BY', 'POLICIES'],
      items.map((one) => [
        one.version,
        one.at?.slice(0, 19) ?? '-',
        one.actor ?? '(declared)',
        policiesText(one),
      ]),
    ),
  );
}

function pathOf(name: string): string {
  return `/api/datasets/${encodeURIComponent(name)}/policies`;
}

function policiesText({ version, fields, default: preset, void: ofVoid }: PoliciesView): string {
  const named = Object.entries(fields).map(([field, policy]) => `${field} ${policy}`);
  return [`version ${version}`, ...named, `others ${preset}`, `voiding ${ofVoid}`].join(', ');
}

import { toHex } from '../../../domain/chain.ts';
import { SHARED_SCOPE } from '../../../domain/event.ts';
import type { DigestRow } from '../../../mixins/store/store.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { datasetsOf } from '../site-datasets.ts';

/** The head and every branch hold the same of what the branch subscribes to: events, states, rows and conflicts. */
export function checkAgreement(scene: Scene): string[] {
  return scene.branches().flatMap((branch) => {
    const flaw = otherDatasets(scene.head, branch);
    if (flaw !== null) return [flaw];
    const scopes = scopesOf(scene, branch);
    return scopes.flatMap((scope) => differences(scene.head, branch, scope));
  });
}

/** What is in force in the processes, and not only what follows from their disks. */
function otherDatasets(head: Site, branch: Site): string | null {
  const [there, here] = [head, branch].map(({ ledger }) => JSON.stringify(ledger?.datasets.said() ?? null));
  return there === here ? null : `${branch.name} works with ${here}, the head with ${there}`;
}

function scopesOf(scene: Scene, branch: Site): string[] {
  const isAll = scene.head.disk.reads.office(branch.office)?.subscribe === 'all';
  if (!isAll) return [branch.office, SHARED_SCOPE];
  return [...new Set([...scene.head.disk.tables.events.inOrder()].map(({ event }) => event.scope))];
}

function differences(head: Site, branch: Site, scope: string): string[] {
  const [there, here] = [digestOf(head, scope), digestOf(branch, scope)];
  const names = new Set([...there.keys(), ...here.keys()]);
  const flaws = [...names]
    .filter((name) => there.get(name) !== here.get(name))
    .map(
      (name) =>
        `${branch.name} and the head differ in ${scope} ${JSON.stringify(name)}: ${here.get(name)} and ${there.get(name)}`,
    );
  const cases = [openIn(head, scope), openIn(branch, scope)];
  if (cases[0] !== cases[1])
    flaws.push(`${branch.name} sees other conflicts in ${scope} than the head: ${cases[1]} and ${cases[0]}`);
  return flaws;
}

function digestOf(site: Site, scope: string): Map<string, string> {
  const rows = [...site.disk.tables.digests.values()].flat().filter((row) => row.scope === scope);
  return new Map(rows.filter(isFilled).map((row) => [`${row.dataset} ${row.bucket}`, wordsOf(row)]));
}

function isFilled({ count }: DigestRow): boolean {
  return count > 0;
}

function wordsOf({ count, events, state }: DigestRow): string {
  return `${count} events ${toHex(events).slice(0, 8)} state ${toHex(state).slice(0, 8)}`;
}

/** Which entities are in conflict, and over what. A case may have been opened under another name. */
function openIn(site: Site, scope: string): string {
  const open = site.disk.reads.cases({ status: 'open', scope, limit: 1_000_000 });
  const { named } = datasetsOf(site);
  const words = open
    .filter(({ dataset }) => named(dataset) !== null)
    .map((one) => `${one.entityId}: ${one.fields.join(',')}`);
  return words.sort().join('; ');
}

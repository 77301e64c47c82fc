import type { Datasets } from '../../../domain/datasets/catalogue.ts';
import { bucketOf, bytesToNumber, addModulo } from '../../../domain/projections/digest.ts';
import type { EntityKey, DomainEvent } from '../../../domain/event.ts';
import type { DigestRow } from '../../../mixins/store/store.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { asShownNow, datasetsOf } from '../site-datasets.ts';
import type { Histories, History } from './histories.ts';
import { WideSum } from './wide-sum.ts';

/** Tables, states and digests are what a fold of the log from nothing gives. */
export function checkFolds(scene: Scene, histories: Histories): string[] {
  return scene
    .sites()
    .flatMap((site) => flawsAt(site, histories.at(site)).map((flaw) => `${site.name}: ${flaw}`));
}

function flawsAt(site: Site, histories: ReadonlyMap<string, History>): string[] {
  const flaws: string[] = [];
  const datasets = datasetsOf(site);
  for (const [name, history] of histories) flaws.push(...flawsOfEntity(site, datasets, name, history));
  for (const name of site.disk.tables.entities.keys())
    if (!histories.has(name)) flaws.push(`${JSON.stringify(name)} is kept, but no event speaks of it`);
  return [...flaws, ...flawsOfDigests(site, histories)];
}

const NONE: readonly string[] = [];

function flawsOfEntity(
  site: Site,
  datasets: Datasets,
  name: string,
  { state, text, row }: History,
): readonly string[] {
  const stored = site.disk.tables.entities.get(name);
  if (stored === undefined) return [`${JSON.stringify(name)} is missing`];
  if (stored.state !== text)
    return [`${JSON.stringify(name)} is kept as ${stored.state}, a fold gives ${text}`];
  if (row === null) return NONE;
  const dataset = datasets.named(state.dataset);
  const kept = JSON.stringify(
    dataset === null || stored.row === null ? stored.row : asShownNow(dataset, stored.row),
  );
  return row === kept ? NONE : [`the row of ${JSON.stringify(name)} is ${kept}, a fold gives ${row}`];
}

interface Sums {
  count: number;
  readonly events: WideSum;
  state: bigint;
}

function flawsOfDigests(site: Site, histories: ReadonlyMap<string, History>): string[] {
  const due = digestsOf(site, histories);
  const flaws: string[] = [];
  for (const row of [...site.disk.tables.digests.values()].flat()) {
    const name = bucketName(row);
    const sums = due.get(name);
    due.delete(name);
    const isSame =
      row.count === (sums?.count ?? 0) &&
      bytesToNumber(row.events) === (sums?.events.value() ?? 0n) &&
      bytesToNumber(row.state) === addModulo(0n, sums?.state ?? 0n);
    if (!isSame) flaws.push(`the digest ${JSON.stringify(name)} is not that of its log`);
  }
  for (const name of due.keys()) flaws.push(`the digest ${JSON.stringify(name)} is missing`);
  return flaws;
}

/** By dataset, scope and bucket: every event that its author may write there, and what those that are applied come to. */
function digestsOf(site: Site, histories: ReadonlyMap<string, History>): Map<string, Sums> {
  const { events, log } = site.disk.tables;
  const { headOffice } = log.get('')!;
  const sums = new Map<string, Sums>();
  for (const { event, hash } of events.inOrder()) {
    if (!isCounted(event, headOffice)) continue;
    const bucket = sumsFor(sums, event);
    bucket.count += 1;
    bucket.events.add(hash);
  }
  for (const { state, number } of histories.values()) sumsFor(sums, state).state += number;
  return sums;
}

/** Not what a stranger wrote in somebody's scope. */
function isCounted({ office, scope }: DomainEvent, headOffice: string): boolean {
  return office === headOffice || office === scope;
}

function sumsFor(sums: Map<string, Sums>, { dataset, scope, entityId }: EntityKey): Sums {
  const name = bucketName({ dataset, scope, bucket: bucketOf(entityId) });
  let known = sums.get(name);
  if (known === undefined) sums.set(name, (known = { count: 0, events: new WideSum(), state: 0n }));
  return known;
}

function bucketName({ dataset, scope, bucket }: Pick<DigestRow, 'dataset' | 'scope' | 'bucket'>): string {
  return `${dataset}\n${scope}\n${bucket}`;
}

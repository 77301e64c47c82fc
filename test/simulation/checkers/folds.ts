import canonicalize from 'canonicalize';
import { datasetNamed } from '../../../domain/datasets/registry.ts';
import { type DomainEvent, entityName, type JsonObject } from '../../../domain/event.ts';
import type { EntityState } from '../../../domain/office/entity-state.ts';
import { evolve } from '../../../domain/office/evolve.ts';
import { encodeState, presentRow } from '../../../domain/office/present.ts';
import {
  DigestChange,
  type DigestDelta,
  addModulo,
  bytesToNumber,
} from '../../../domain/projections/digest.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** Tables, states and digests are what a fold of the log from nothing gives. */
export function checkFolds(scene: Scene): string[] {
  return scene.sites().flatMap((site) => flawsAt(site).map((flaw) => `${site.name}: ${flaw}`));
}

function flawsAt(site: Site): string[] {
  const { tables } = site.disk;
  const digests = new DigestChange(machinePorts, tables.log.get('')!.headOffice);
  const states = new Map<string, EntityState>();
  for (const row of tables.events.inOrder()) digests.eventHeld(row);
  for (const events of byEntity(site)) {
    const state = events.reduce<EntityState | null>(evolve, null);
    if (state !== null) states.set(entityName(state), state);
    digests.stateChanged(null, state);
  }
  const flaws = [...states].flatMap(([name, state]) => flawsOfEntity(site, name, state));
  for (const [name] of tables.entities.entries())
    if (!states.has(name)) flaws.push(`${JSON.stringify(name)} is kept, but no event speaks of it`);
  return [...flaws, ...flawsOfDigests(site, digests.deltas())];
}

/** Applied events of each entity, in the order in which they were accepted, causes first. */
function byEntity(site: Site): DomainEvent[][] {
  const found = new Map<string, DomainEvent[]>();
  for (const { event, status } of site.disk.tables.events.inOrder()) {
    if (status !== 'applied') continue;
    const events = found.get(entityName(event));
    if (events) events.push(event);
    else found.set(entityName(event), [event]);
  }
  return [...found.values()];
}

function flawsOfEntity(site: Site, name: string, state: EntityState): string[] {
  const stored = site.disk.tables.entities.get(name);
  if (stored === undefined) return [`${JSON.stringify(name)} is missing`];
  if (stored.state !== encodeState(state))
    return [`${JSON.stringify(name)} is kept as ${stored.state}, a fold gives ${encodeState(state)}`];
  const dataset = datasetNamed(state.dataset);
  if (dataset === null) return [];
  const [row, folded] = [stored.row, presentRow(dataset, state)].map((one) =>
    canonicalize(one as unknown as JsonObject),
  );
  return row === folded ? [] : [`the row of ${JSON.stringify(name)} is ${row}, a fold gives ${folded}`];
}

function flawsOfDigests(site: Site, deltas: readonly DigestDelta[]): string[] {
  const wanted = new Map(deltas.map((delta) => [`${delta.dataset}\n${delta.scope}\n${delta.bucket}`, delta]));
  const flaws: string[] = [];
  for (const [name, row] of site.disk.tables.digests.entries()) {
    const delta = wanted.get(name);
    wanted.delete(name);
    const isSame =
      row.count === (delta?.count ?? 0) &&
      bytesToNumber(row.events) === addModulo(0n, delta?.events ?? 0n) &&
      bytesToNumber(row.state) === addModulo(0n, delta?.state ?? 0n);
    if (!isSame) flaws.push(`the digest ${JSON.stringify(name)} is not that of its log`);
  }
  for (const name of wanted.keys()) flaws.push(`the digest ${JSON.stringify(name)} is missing`);
  return flaws;
}

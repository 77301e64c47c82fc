import { disputedFields } from '../../../domain/conflict/detect.ts';
import { countedFields } from '../../../domain/datasets/counted.ts';
import type { Catalogue } from '../../../domain/datasets/catalogue.ts';
import { entityName } from '../../../domain/event.ts';
import type { EntityState } from '../../../domain/office/entity-state.ts';
import { evolve } from '../../../domain/office/evolve.ts';
import { encodeState, presentRow } from '../../../domain/office/present.ts';
import { stateNumber } from '../../../domain/projections/digest.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { EventRow } from '../../../mixins/store/store.ts';
import type { Site } from '../site.ts';
import { datasetsOf, versionsOf } from '../site-datasets.ts';
import { countedIn, type Due, dueOf } from './standing.ts';

/** The applied events of one entity, in the order in which a site accepted them, and what must have come of them. */
export interface History {
  readonly state: EntityState;
  /** Fields that are in dispute. */
  readonly disputed: readonly string[];
  readonly text: string;
  /** As it is added to a digest. */
  readonly number: bigint;
  /** As text; null for a dataset without a table. */
  readonly row: string | null;
  /** What the rules say of the same events: see standing.ts. */
  readonly due: Due;
}

/** Histories of all sites. Most sites have the same ones: each is worked out once, and named by its events. */
export class Histories {
  readonly #known = new Map<string, History>();
  readonly #bySite = new Map<Site, ReadonlyMap<string, History>>();

  /** By name of the entity. */
  at(site: Site): ReadonlyMap<string, History> {
    let known = this.#bySite.get(site);
    if (known === undefined) this.#bySite.set(site, (known = this.#readAt(site)));
    return known;
  }

  #readAt(site: Site): Map<string, History> {
    const histories = new Map<string, History>();
    const datasets = datasetsOf(site);
    const versions = versionsOf(datasets);
    for (const [name, rows] of appliedByEntity(site)) histories.set(name, this.#of(rows, datasets, versions));
    return histories;
  }

  #of(rows: readonly EventRow[], datasets: Catalogue, versions: string): History {
    const name = versions + rows.map(nameOf).join('');
    let known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, (known = historyOf(rows, datasets)));
    return known;
  }
}

/** A hash covers all that an event says, and what its author wrote before it. */
function nameOf({ hash }: EventRow): string {
  return Buffer.from(hash.buffer, hash.byteOffset, 12).toString('latin1');
}

function appliedByEntity(site: Site): Map<string, EventRow[]> {
  const found = new Map<string, EventRow[]>();
  for (const row of site.disk.tables.events.inOrder()) {
    if (row.status !== 'applied') continue;
    const name = entityName(row.event);
    const rows = found.get(name);
    if (rows) rows.push(row);
    else found.set(name, [row]);
  }
  return found;
}

function historyOf(rows: readonly EventRow[], datasets: Catalogue): History {
  const events = rows.map(({ event }) => event);
  const state = events.reduce<EntityState | null>(evolve, null)!;
  const dataset = datasets.named(state.dataset);
  return {
    state,
    disputed: disputedFields(state, countedFields(dataset)),
    text: encodeState(state),
    number: stateNumber(machinePorts, state),
    row: dataset === null ? null : JSON.stringify(presentRow(dataset, state)),
    due: dueOf(events, countedIn(dataset)),
  };
}

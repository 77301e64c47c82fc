import type { Dataset, DatasetRow } from '../../domain/datasets/dataset.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Office } from '../../mixins/office.ts';
import type { RowQuery } from '../../mixins/store/store.ts';
import { DEFAULT_PAGE, type Page, pageOf } from '../call.ts';
import { type EventView, viewEvent } from '../event-view.ts';
import { type EntityView, viewEntity } from './entity-view.ts';
import { datasetOf } from './dataset-of.ts';
import { type RowKey, pageToken, readPageToken } from './page-token.ts';
import { homeOf } from './scope.ts';
import { type FilterParams, rowFilter } from './row-filter.ts';

export interface ListParams extends FilterParams {
  readonly after?: string;
  readonly limit?: number;
  readonly count?: boolean;
}

export interface EntityPage extends Page<EntityView, string> {
  readonly total?: number;
}

/** Entities of one dataset, read. */
export class EntityReading {
  readonly #office: Office;
  readonly #name: string;

  constructor(office: Office, name: string) {
    this.#office = office;
    this.#name = name;
  }

  /** As it is now. */
  get #dataset(): Dataset {
    return datasetOf(this.#office, this.#name);
  }

  async get(id: string, scope?: string): Promise<EntityView> {
    return viewEntity(this.#dataset, await findRow(this.#office, this.#dataset, id, scope));
  }

  async list(params: ListParams): Promise<EntityPage> {
    const { limit = DEFAULT_PAGE, after, count } = params;
    const { read } = this.#office.ledger();
    const filter = rowFilter(this.#dataset, params);
    const query: RowQuery = {
      ...filter,
      ...(after === undefined ? {} : { after: readPageToken(after) }),
      limit: limit + 1,
    };
    const [rows, total] = await Promise.all([
      read.rows(this.#dataset, query),
      count === true ? read.countRows(this.#dataset, filter) : null,
    ]);
    const { items, next } = pageOf(rows, limit, pageToken as (row: RowKey) => string);
    return {
      items: items.map((row) => viewEntity(this.#dataset, row)),
      next,
      ...(total === null ? {} : { total }),
    };
  }

  async count(params: FilterParams): Promise<{ total: number }> {
    const filter = rowFilter(this.#dataset, params);
    return { total: await this.#office.ledger().read.countRows(this.#dataset, filter) };
  }

  /** Every event of the entity known here, in the order in which this office learned of them. */
  async history(id: string, scope?: string): Promise<Page<EventView, number>> {
    const row = await findRow(this.#office, this.#dataset, id, scope);
    const key = { dataset: this.#dataset.name, scope: row.scope, entityId: id };
    const events = await this.#office.ledger().read.eventsOfEntity(key);
    return { items: events.map(viewEvent), next: null };
  }
}

/** The owner of an id: at a branch always itself, unless only another office's row has it. */
export async function scopeOf(office: Office, dataset: Dataset, id: string): Promise<string> {
  if (office.config.role === 'branch' || dataset.scope === 'shared') return homeOf(office, dataset);
  return (await findRow(office, dataset, id)).scope;
}

/** @throws DomainError `unknown-entity`, `ambiguous-id` */
async function findRow(office: Office, dataset: Dataset, id: string, scope?: string): Promise<DatasetRow> {
  const found = await office.ledger().read.rowsById(dataset, id);
  const wanted = scope === undefined ? found : found.filter((row) => row.scope === scope);
  const own = wanted.find((row) => row.scope === office.config.office);
  const row = wanted.length === 1 ? wanted[0] : own;
  if (row !== undefined) return row;
  throw wanted.length === 0 ? unknownEntity(dataset, id) : ambiguousId(dataset, id, wanted);
}

function unknownEntity({ name }: Dataset, id: string): DomainError {
  return new DomainError('unknown-entity', `"${id}" of ${name} does not exist`, {
    dataset: name,
    entityId: id,
  });
}

function ambiguousId({ name }: Dataset, id: string, rows: readonly DatasetRow[]): DomainError {
  const offices = rows.map(({ scope }) => scope);
  return new DomainError(
    'ambiguous-id',
    `Several offices use "${id}"; add ?office=${offices[0]} to the request`,
    {
      dataset: name,
      entityId: id,
      offices,
    },
  );
}

import { type EntityManager, type InferEntity, LockMode } from '@mikro-orm/core';
import type { ConflictCase } from '../../../domain/conflict/case.ts';
import { sortableDecimal } from '../../../domain/decimal.ts';
import type { OfficeId } from '../../../domain/event.ts';
import {
  type KnownDatasets,
  NOTHING_QUARANTINED,
  NOTHING_SAID,
  type QuarantineReport,
} from '../../../domain/sync/messages.ts';
import type { CaseQuery, OfficeRow, WaitingFilter, WaitingRow } from '../store.ts';
import type { Entities } from './entities.ts';

type Entity<Name extends keyof Entities> = InferEntity<Entities[Name]>;

/**
 * Reads that are not in the way of sales, through MikroORM. It writes values into the text of its queries, so
 * only words that the store itself could hold are let through: anything else matches nothing.
 */
const WORD = /^[A-Za-z0-9_@.:-]*$/;

function areWords(...values: (string | undefined)[]): boolean {
  return values.every((value) => value === undefined || WORD.test(value));
}

export class OrdinaryReads {
  readonly #entities: Entities;
  readonly #em: () => EntityManager;

  constructor(entities: Entities, em: () => EntityManager) {
    this.#entities = entities;
    this.#em = em;
  }

  async offices(): Promise<OfficeRow[]> {
    const found = await this.#em().find(this.#entities.office, {}, { orderBy: { office: 'asc' } });
    return found.map(officeOf);
  }

  async office(office: OfficeId): Promise<OfficeRow | null> {
    if (!areWords(office)) return null;
    const found = await this.#em().findOne(this.#entities.office, { office });
    return found && officeOf(found);
  }

  /** In id order, which is the order in which rows are locked. */
  async lockOffices(offices: readonly OfficeId[]): Promise<OfficeRow[]> {
    const known = offices.filter((office) => areWords(office));
    if (known.length === 0) return [];
    const found = await this.#em().find(
      this.#entities.office,
      { office: { $in: known } },
      { orderBy: { office: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    return found.map(officeOf);
  }

  async waiting(after: number, limit: number, only: WaitingFilter = {}): Promise<WaitingRow[]> {
    if (!areWords(only.status, only.office)) return [];
    const found = await this.#em().find(
      this.#entities.waiting,
      { ...waitingCondition(only), position: { $gt: after } },
      { orderBy: { position: 'asc' }, limit },
    );
    return found.map(waitingOf);
  }

  async countWaiting(only: WaitingFilter): Promise<number> {
    if (!areWords(only.status, only.office)) return 0;
    return this.#em().count(this.#entities.waiting, waitingCondition(only));
  }

  async case(id: string): Promise<ConflictCase | null> {
    if (!areWords(id)) return null;
    const found = await this.#em().findOne(this.#entities.conflictCase, { id });
    return found && caseOf(found);
  }

  async cases({ limit, ...query }: CaseQuery): Promise<ConflictCase[]> {
    const where = caseCondition(query);
    if (where === null) return [];
    const found = await this.#em().find(this.#entities.conflictCase, where, {
      orderBy: { id: 'asc' },
      limit,
    });
    return found.map(caseOf);
  }

  async countCases(query: Omit<CaseQuery, 'after' | 'limit'>): Promise<number> {
    const where = caseCondition(query);
    return where === null ? 0 : this.#em().count(this.#entities.conflictCase, where);
  }
}

function waitingCondition({ status, office }: WaitingFilter) {
  return { ...(status === undefined ? {} : { status }), ...(office === undefined ? {} : { office }) };
}

function caseCondition(query: Omit<CaseQuery, 'limit'>) {
  const { status, scope, dataset, openedSince, openedBefore, atStake, after } = query;
  if (!areWords(status, scope, dataset, openedSince, openedBefore, atStake, after)) return null;
  return {
    ...(status === undefined ? {} : { status }),
    ...(scope === undefined ? {} : { scope }),
    ...(dataset === undefined ? {} : { dataset }),
    ...openedBetween(openedSince, openedBefore),
    ...(atStake === undefined ? {} : { atStake: { $gte: sortableDecimal(atStake) } }),
    ...(after === undefined ? {} : { id: { $gt: after } }),
  };
}

function openedBetween(since: string | undefined, before: string | undefined) {
  if (since === undefined && before === undefined) return {};
  const from = since === undefined ? {} : { $gte: since };
  return { openedAt: { ...from, ...(before === undefined ? {} : { $lt: before }) } };
}

function caseOf({ body }: Entity<'conflictCase'>): ConflictCase {
  return JSON.parse(body) as ConflictCase;
}

function officeOf(row: Entity<'office'>): OfficeRow {
  const { cursorEpoch, cursorSeq, cursorHash, ...own } = row;
  return {
    office: own.office,
    name: own.name,
    status: own.status as OfficeRow['status'],
    subscribe: own.subscribe as OfficeRow['subscribe'],
    cursor: { epoch: cursorEpoch, seq: cursorSeq, hash: plainBytes(cursorHash) },
    grantedEpoch: own.grantedEpoch,
    session: own.session,
    sessionConfirmed: Boolean(own.sessionConfirmed),
    instance: own.instance,
    leaseUntilMs: own.leaseUntilMs,
    lastContactAtMs: own.lastContactAtMs,
    safeSeq: own.safeSeq,
    addedAtMs: own.addedAtMs,
    quarantined:
      own.quarantined === '' ? NOTHING_QUARANTINED : (JSON.parse(own.quarantined) as QuarantineReport),
    datasets: own.datasets ? (JSON.parse(own.datasets) as KnownDatasets) : NOTHING_SAID,
  };
}

function waitingOf({ position, office, dataset, scope, entityId, ...why }: Entity<'waiting'>): WaitingRow {
  const { reason, detail, sinceMs } = why;
  return {
    position,
    office,
    dataset,
    scope,
    entityId,
    status: why.status as WaitingRow['status'],
    reason,
    detail,
    sinceMs,
  };
}

function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

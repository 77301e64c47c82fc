import { ZERO_HASH } from '../../domain/chain.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { DISCARDS } from '../../domain/datasets/event-types.ts';
import { type EntityKey, entityName, type LoggedEvent } from '../../domain/event.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import { encodeState, presentRow } from '../../domain/office/present.ts';
import { addModulo, numberToBytes } from '../../domain/projections/digest.ts';
import { type ApplyPlan, planApply } from '../../domain/sync/apply.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import { type EventRow, NO_LIMIT } from '../../mixins/store/store.ts';
import { datasetNamed, testPorts } from './ledger-world.ts';

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export async function allEvents({ read }: OfficeLedger): Promise<EventRow[]> {
  return read.eventsByPosition(0, NO_LIMIT);
}

/** The office's own log: gap-free, chained, and ending where the log's row says. */
export async function expectChained(ledger: OfficeLedger, office = ledger.office): Promise<EventRow[]> {
  const rows = await ledger.read.eventsBySeq(office, 0, NO_LIMIT);
  expect(rows.map(({ event }) => event.seq)).toEqual(rows.map((_, index) => index + 1));
  let hash = ZERO_HASH;
  for (const row of rows) {
    hash = testPorts().sha256(hash, row.bytes);
    expect(toHex(row.hash)).toBe(toHex(hash));
  }
  if (office !== ledger.office) return rows;
  const { tail } = await ledger.read.logRow();
  expect([tail.seq, toHex(tail.hash)]).toEqual([rows.length, toHex(hash)]);
  return rows;
}

export async function expectGapFreePositions(ledger: OfficeLedger): Promise<void> {
  const rows = await allEvents(ledger);
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1));
  expect((await ledger.read.logRow()).position).toBe(rows.length);
}

/**
 * Everything that was folded, against a fold from nothing of the events that are held: states, rows, digests,
 * statuses, what waits, and which entities are in dispute.
 */
export async function expectFoldedFromNothing(ledger: OfficeLedger): Promise<void> {
  const events = await allEvents(ledger);
  const { headOffice, waiting } = await ledger.read.logRow();
  const plan = foldFromNothing(events, headOffice);
  expect(await statesOf(ledger, events)).toEqual(
    new Map(plan.changes.map(({ name, after }) => [name, encodeState(after)])),
  );
  expect(events.map(({ status }) => status)).toEqual(plan.accepted.map(({ status }) => status));
  await expectRows(ledger, plan);
  await expectDigests(ledger, plan);
  const listed = await ledger.read.waiting(0, 1000);
  expect(listed.map(({ position }) => position)).toEqual(
    events
      .filter(({ status }) => status === 'parked' || status === 'quarantined')
      .map(({ position }) => position),
  );
  expect(waiting).toBe(listed.length);
  await expectOpenCases(ledger, plan.cases);
}

function foldFromNothing(events: readonly LoggedEvent[], headOffice: string): ApplyPlan {
  const nothing = { entities: new Map(), openCases: new Map(), history: () => [], waiting: new Map() };
  const discards = events.filter(({ event }) => event.dataset === DISCARDS && event.office === headOffice);
  const discarded = new Set(discards.map(({ event }) => event.entityId));
  return planApply(
    { ...nothing, position: 0, at: START_OF_TIME, headOffice, datasetNamed, discarded },
    events,
    testPorts(),
  );
}

function keysOf(events: readonly LoggedEvent[]): EntityKey[] {
  return [...new Map(events.map(({ event }) => [entityName(event), event])).values()];
}

async function statesOf(ledger: OfficeLedger, events: readonly LoggedEvent[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (const key of keysOf(events)) {
    const state = await ledger.read.entity(key);
    if (state !== null) states.set(entityName(key), encodeState(state));
  }
  return states;
}

async function expectRows(ledger: OfficeLedger, plan: ApplyPlan): Promise<void> {
  for (const name of ['sales', 'things']) {
    const dataset = datasetNamed(name)!;
    const rows = await ledger.read.rows(dataset, { deleted: 'with', limit: 100_000 });
    const states = plan.changes.map(({ after }) => after).filter((state) => state.dataset === name);
    const byName = (row: { scope: string; entityId: string }) => `${row.scope}\n${row.entityId}`;
    const expected = new Map(states.map((state) => [byName(state), presentRow(dataset, state)]));
    expect(new Map(rows.map((row) => [byName(row), row]))).toEqual(expected);
  }
}

async function expectDigests(ledger: OfficeLedger, plan: ApplyPlan): Promise<void> {
  const scopes = new Map(
    plan.digests.map(({ dataset, scope }) => [`${dataset}/${scope}`, { dataset, scope }]),
  );
  for (const { dataset, scope } of scopes.values()) {
    const expected = plan.digests
      .filter((delta) => delta.dataset === dataset && delta.scope === scope)
      .map(({ bucket, count, events, state }) => ({
        bucket,
        count,
        events: toHex(numberToBytes(addModulo(0n, events))),
        state: toHex(numberToBytes(addModulo(0n, state))),
      }))
      .sort((a, b) => a.bucket - b.bucket);
    const stored = (await ledger.read.digests(dataset, scope))
      .filter(({ count }) => count > 0)
      .map(({ bucket, count, events, state }) => ({
        bucket,
        count,
        events: toHex(events),
        state: toHex(state),
      }))
      .sort((a, b) => a.bucket - b.bucket);
    expect(stored).toEqual(expected);
  }
}

async function expectOpenCases(ledger: OfficeLedger, cases: readonly ConflictCase[]): Promise<void> {
  const open = await ledger.read.cases({ status: 'open', limit: 1000 });
  const expected = cases.filter(({ status }) => status === 'open');
  expect(open.map(entityName).sort()).toEqual(expected.map(entityName).sort());
}

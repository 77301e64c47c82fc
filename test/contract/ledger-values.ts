import { START_OF_CHAIN } from '../../domain/chain.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { compareText } from '../../domain/event.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import { type AppendPlan, planAppend, type Submission } from '../../domain/office/append.ts';
import { presentRow } from '../../domain/office/present.ts';
import { addModulo, numberToBytes } from '../../domain/projections/digest.ts';
import { allEvents, expectFoldedFromNothing, toHex } from './ledger-checks.ts';
import { datasetNamed, type LedgerWorld, testPorts } from './ledger-world.ts';
import { HOSTILE_TEXTS, things } from './store-fixtures.ts';

const NOON_MS = Date.parse('2026-04-01T12:00:00.000Z');
const PORTS = testPorts({ nowMs: () => NOON_MS });
const uuid = (number: number) => `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

/** Keys of which a careless database makes one. */
const KEYS = [
  'a',
  'A',
  'a ',
  ' a',
  'á',
  'a\u0301',
  'ß',
  'ss',
  'ａ',
  '😀',
  '%',
  '_',
  "'",
  '"',
  '\\',
  'null',
  '0',
  '00',
  '１',
];

const VALUES: Record<string, unknown>[] = [
  ...HOSTILE_TEXTS.map((text) => ({ name: text })),
  { name: '👩‍👩‍👧‍👦 é e\u0301 ﬁ İ ı ', order: 'mañana \u{10ffff}' },
  { order: 'x'.repeat(1_000_000) },
  { order: '\u00e4'.repeat(500_000) },
  { soldOn: '0001-01-01', seenAt: '0001-01-01T00:00:00.000Z' },
  { soldOn: '9999-12-31', seenAt: '9999-12-31T23:59:59.999Z' },
  { soldOn: '2024-02-29', seenAt: '2026-03-29T01:30:00.500Z' },
  { amount: '49999999999999.9999' },
  { amount: '-49999999999999.9999' },
  { amount: '0.0001' },
  { amount: '-0.0001' },
  { amount: '0' },
  { amount: '1.10' },
  { wholeSum: '99999999999999' },
  { pieces: 9007199254740991 },
  { pieces: -9007199254740991 },
  { pieces: 0, open: false },
  { open: true, group: 'a ' },
  { parent: 'a ' },
];

function submissions(): Submission[] {
  const recorded = VALUES.map((fields, index) => ({ type: 'record', entityId: `v${index}`, fields }));
  const keyed = KEYS.map((entityId, index) => ({ type: 'record', entityId, fields: { pieces: index } }));
  const changed = KEYS.map((entityId) => ({ type: 'amend', entityId, fields: { name: entityId } }));
  const gone = [
    { type: 'void', entityId: 'a ', reason: 'ü ' },
    { type: 'void', entityId: 'A' },
    { type: 'restore', entityId: 'A' },
  ];
  const commands = [...recorded, ...keyed, ...changed, ...gone].map((command) => ({
    dataset: 'things',
    scope: 'west',
    ...command,
  }));
  const sale = {
    soldOn: '0001-01-01',
    product: 'Päper ',
    region: '\u2603',
    qty: -3,
    cost: '0.3333',
    tax: '0.0001',
  };
  const all = [
    ...commands,
    { dataset: 'sales', scope: 'west', type: 'record', entityId: 'A ', fields: sale },
  ];
  return all.map((command, index) => ({
    command: command as Submission['command'],
    actor: 'Zoë 😀 ',
    eventId: uuid(index + 1),
  }));
}

/** What the events, digests and rows are, whatever the database: worked out without any. */
function planned(): AppendPlan {
  const nothing = {
    entities: new Map(),
    openCases: new Map(),
    history: () => [],
    known: [],
    waiting: new Map(),
  };
  const own = {
    office: 'west',
    role: 'branch',
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
  } as const;
  return planAppend({ ...nothing, ...own, datasetNamed }, submissions(), PORTS);
}

/** What every database keeps in the same way. */
export function valuesContract(world: LedgerWorld): void {
  describe('the same commands on every database', () => {
    const plan = planned();

    it('are all of them accepted', () => {
      expect(plan.outcomes.filter(({ ok }) => !ok)).toEqual([]);
    });

    it('give the same bytes, hashes, digests and rows, also when they are read by another process', async () => {
      const first = await world.office({ ports: PORTS });
      expect((await first.ledger.submitAll(submissions())).filter(({ ok }) => !ok)).toEqual([]);
      await first.close();
      const { ledger } = await world.office({ ports: PORTS });
      const events = await allEvents(ledger);
      expect(events.map(({ bytes }) => toHex(PORTS.sha256(bytes)))).toEqual(
        plan.events.map(({ bytes }) => toHex(PORTS.sha256(bytes))),
      );
      expect(events.map(({ hash }) => toHex(hash))).toEqual(plan.events.map(({ hash }) => toHex(hash)));
      expect((await ledger.read.digests('things', 'west')).map(shownDigest)).toEqual(
        plannedDigests('things'),
      );
      expect((await ledger.read.digests('sales', 'west')).map(shownDigest)).toEqual(plannedDigests('sales'));
      for (const dataset of [things, sales]) {
        const rows = await ledger.read.rows(dataset, { deleted: 'with', limit: 1000 });
        expect(rows.map(shortened)).toEqual(plannedRows(dataset).map(shortened));
      }
      await expectFoldedFromNothing(ledger);
    });

    function plannedDigests(dataset: string) {
      return plan.digests
        .filter((delta) => delta.dataset === dataset)
        .sort((a, b) => a.bucket - b.bucket)
        .map(({ bucket, count, events, state }) =>
          shownDigest({ bucket, count, events: sum(events), state: sum(state) }),
        );
    }

    function plannedRows(dataset: Dataset) {
      const states = plan.changes.map(({ after }) => after).filter((state) => state.dataset === dataset.name);
      return states
        .map((state) => presentRow(dataset, state))
        .sort((a, b) => compareText(a.entityId, b.entityId));
    }
  });
}

const sum = (delta: bigint): Uint8Array => numberToBytes(addModulo(0n, delta));

function shownDigest({
  bucket,
  count,
  events,
  state,
}: {
  bucket: number;
  count: number;
  events: Uint8Array;
  state: Uint8Array;
}) {
  return { bucket, count, events: toHex(events), state: toHex(state) };
}

/** Long texts by their hash: a difference should fit on a screen. */
function shortened(row: { entityId: string; values: object }): object {
  const values = Object.entries(row.values).map(([name, value]) => [name, short(value)]);
  return { ...row, values: Object.fromEntries(values) as unknown };
}

function short(value: unknown): unknown {
  if (typeof value !== 'string' || value.length < 1000) return value;
  return [value.length, toHex(PORTS.sha256(new TextEncoder().encode(value)))];
}

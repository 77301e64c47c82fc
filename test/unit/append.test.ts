import { decodeEvent } from '../../domain/canonical.ts';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { errorType } from '../../domain/errors.ts';
import { type DomainEvent, entityName } from '../../domain/event.ts';
import { hybridTime, START_OF_TIME } from '../../domain/hlc.ts';
import {
  type AppendOutcome,
  type AppendPlan,
  type AppendView,
  planAppend,
  type Submission,
} from '../../domain/office/append.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { keyedEventId } from '../../domain/office/event-id.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { winningValues } from '../../domain/office/present.ts';
import { bytesToNumber } from '../../domain/projections/digest.ts';
import { SALE } from './story.ts';
import { newId, OfficeLog } from './sync-log.ts';
import { NOON_MS, TestPorts } from './sync-ports.ts';

const PORTS = new TestPorts();
const KEY = { dataset: 'sales', scope: 'west', entityId: 'a' };

function view(changes: Partial<AppendView> = {}): AppendView {
  return {
    entities: new Map(),
    openCases: new Map(),
    history: () => [],
    office: 'west',
    role: 'branch',
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
    known: [],
    waiting: new Map(),
    datasetNamed: BUILT_IN.named,
    ...changes,
  };
}

type Ask<C extends Command = Command> = C extends Command ? Omit<C, 'dataset' | 'scope' | 'entityId'> : never;

function submission(ask: Ask, { entityId = 'a', eventId = newId() } = {}): Submission {
  return { command: { ...KEY, entityId, ...ask } as Command, actor: 'anna', eventId };
}

const record = (entityId = 'a', fields: Record<string, unknown> = {}) =>
  submission({ type: 'record', fields: { ...SALE, ...fields } }, { entityId });
const amend = (qty: number) => submission({ type: 'amend', fields: { qty } });

/** The database after a plan, for the next one. */
function after(plan: AppendPlan, changes: Partial<AppendView> = {}): AppendView {
  const { tail, position, at } = plan;
  return view({
    tail,
    position,
    at,
    entities: new Map(plan.changes.map((change) => [change.name, change.after])),
    ...changes,
  });
}

const append = (base: AppendView, ...submissions: Submission[]) => planAppend(base, submissions, PORTS);
const told = (outcome: AppendOutcome) =>
  outcome.ok ? (outcome.logged?.event.seq ?? 'no change') : errorType(outcome.error);

describe('an append', () => {
  it('takes the next places in log and database, and chains them', () => {
    const first = append(view({ position: 40 }), record('a'), record('b'));
    expect(first.events.map(({ event, position }) => [event.seq, position])).toEqual([
      [1, 41],
      [2, 42],
    ]);
    const [one, two] = first.events;
    expect(one!.hash).toEqual(PORTS.sha256(START_OF_CHAIN.hash, one!.bytes));
    expect(two!.hash).toEqual(PORTS.sha256(one!.hash, two!.bytes));
    expect(first).toMatchObject({ position: 42, tail: { epoch: 1, seq: 2, hash: two!.hash } });
    expect(append(after(first), record('c')).events[0]).toMatchObject({ position: 43, event: { seq: 3 } });
  });

  it('writes what the command says, once, as canonical bytes', () => {
    const { events } = append(view(), record());
    expect(decodeEvent(events[0]!.bytes)).toEqual(events[0]!.event);
    expect(events[0]!.event).toMatchObject({
      ...KEY,
      office: 'west',
      epoch: 1,
      type: 'SaleRecorded',
      actor: 'anna',
      data: SALE,
      clock: { 'west@1': 1 },
    });
  });

  it('chains two commands on one entity: the second sees the first', () => {
    const plan = append(view(), record(), amend(5), amend(5), amend(6));
    expect(plan.outcomes.map(told)).toEqual([1, 2, 'no change', 3]);
    expect(plan.changes).toHaveLength(1);
    expect(winningValues(plan.changes[0]!.after)).toMatchObject({ qty: 6 });
    expect(plan.events.map(({ event }) => event.clock)).toEqual([
      { 'west@1': 1 },
      { 'west@1': 2 },
      { 'west@1': 3 },
    ]);
  });

  it('answers each command with the entity as it left it', () => {
    const { outcomes } = append(view(), record(), amend(5));
    expect(outcomes.map((outcome) => outcome.ok && winningValues(outcome.state!)['qty'])).toEqual([73, 5]);
  });

  it('lets one refused command hurt no other, and leave no trace', () => {
    const plan = append(
      view(),
      record('a'),
      amend(2_000_000),
      submission({ type: 'void' }, { entityId: 'b' }),
      record('c'),
    );
    expect(plan.outcomes.map(told)).toEqual([1, 'invalid-input', 'unknown-entity', 2]);
    expect(plan.events.map(({ event }) => event.entityId)).toEqual(['a', 'c']);
    expect(plan.changes.map(({ name }) => name)).toHaveLength(2);
    expect(plan.digests.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('changes nothing for a command that no bytes can hold', () => {
    const plan = append(view(), record('a', { product: 'nul\0' }), { ...record('b'), actor: '' });
    expect(plan.outcomes.map(told)).toEqual(['invalid-input', 'invalid-value']);
    expect(plan).toMatchObject({
      tail: START_OF_CHAIN,
      position: 0,
      at: START_OF_TIME,
      events: [],
      changes: [],
    });
  });

  it('writes nothing when nothing changes', () => {
    const first = append(view(), record());
    const plan = append(after(first), amend(SALE.qty));
    expect(plan.outcomes).toMatchObject([
      { ok: true, logged: null, replayed: false, state: { entityId: 'a' } },
    ]);
    expect(plan).toMatchObject({ tail: first.tail, position: first.position, events: [], changes: [] });
  });

  it('goes on in the epoch that its log ends with', () => {
    const tail = { ...START_OF_CHAIN, epoch: 3, seq: 9 };
    expect(append(view({ tail }), record()).events[0]!.event).toMatchObject({
      epoch: 3,
      seq: 10,
      clock: { 'west@3': 10 },
    });
  });
});

describe('the time of an append', () => {
  it('is the wall’s, and goes on by counting when the wall stands still', () => {
    const { events, at } = append(view(), record('a'), record('b'));
    expect(events.map(({ event }) => event.at)).toEqual([hybridTime(NOON_MS, 0), hybridTime(NOON_MS, 1)]);
    expect(at).toBe(hybridTime(NOON_MS, 1));
  });

  it('never goes back behind what was seen', () => {
    const seen = hybridTime(NOON_MS + 60_000, 7);
    expect(append(view({ at: seen }), record()).at).toBe(hybridTime(NOON_MS + 60_000, 8));
  });
});

describe('a command that comes again', () => {
  const id = (request: string) => keyedEventId(PORTS, 'west', 'key', request);
  const keyed = (request: string) => ({ ...record(), eventId: id(request) });

  it('gets the first answer', () => {
    const first = append(view(), keyed('r'));
    const plan = append(after(first, { known: first.events }), keyed('r'));
    expect(plan.outcomes).toMatchObject([{ ok: true, replayed: true, logged: { event: { seq: 1 } } }]);
    expect(plan.events).toEqual([]);
  });

  it('in the same group gets it, too', () => {
    const plan = append(view(), keyed('r'), keyed('r'));
    expect(plan.outcomes).toMatchObject([
      { ok: true, replayed: false },
      { ok: true, replayed: true, logged: { event: { seq: 1 } } },
    ]);
    expect(plan.events).toHaveLength(1);
  });

  it.each([
    ['before', (first: Submission) => ({ known: append(view(), first).events })],
    ['in the same group', () => ({})],
  ])('with another request under its key is refused: %s', (where, base) => {
    const submissions = where === 'before' ? [keyed('other')] : [keyed('r'), keyed('other')];
    expect(
      append(view(base(keyed('r'))), ...submissions)
        .outcomes.map(told)
        .at(-1),
    ).toBe('idempotency-key-reused');
  });

  it('is known by its fixed id', () => {
    const first = append(view(), record());
    const again = { ...amend(9), eventId: first.events[0]!.event.id };
    expect(append(after(first, { known: first.events }), again).outcomes).toMatchObject([
      { ok: true, replayed: true },
    ]);
  });

  it('that was refused is decided anew: it left no event', () => {
    const refused = append(view(), { ...amend(5), eventId: id('r') });
    expect(refused.outcomes.map(told)).toEqual(['unknown-entity']);
    const first = append(view(), record());
    expect(append(after(first), { ...amend(5), eventId: id('r') }).outcomes.map(told)).toEqual([2]);
  });
});

describe('a command under a key that finds everything as it wants it', () => {
  const keyed = (ask: Submission, request: string) => ({
    ...ask,
    eventId: keyedEventId(PORTS, 'west', 'key', request),
  });
  const base = () => after(append(view(), record()));

  it('leaves its answer in the log, beside the entity: repeated later, it does not undo what came between', () => {
    const command = keyed(amend(SALE.qty), 'r');
    const plan = append(base(), command);
    expect(plan.outcomes).toMatchObject([
      { ok: true, logged: null, replayed: false, state: { entityId: 'a' } },
    ]);
    expect(plan.events).toHaveLength(1);
    expect(plan.events[0]!.event).toMatchObject({
      id: command.eventId,
      dataset: 'incidents',
      scope: 'west',
      entityId: command.eventId,
      type: 'IncidentReported',
      actor: 'anna',
      data: { kind: 'nothing-changed', detail: { dataset: 'sales', scope: 'west', entityId: 'a' } },
    });
    const changed = append(after(plan, { entities: base().entities }), amend(9));
    const again = append(after(changed, { known: plan.events }), command);
    expect(again.outcomes).toMatchObject([{ ok: true, replayed: true }]);
    expect(again.events).toEqual([]);
  });

  it('is refused its key for another request, as any other', () => {
    const first = keyed(amend(SALE.qty), 'r');
    const other = keyed(amend(9), 'other');
    expect(append(base(), first, other).outcomes.map(told)).toEqual(['no change', 'idempotency-key-reused']);
  });

  it('leaves nothing when it reports what was reported before', () => {
    const report = submission({ type: 'report-incident', kind: 'fork', detail: {} });
    const incident = { ...report, command: { ...report.command, dataset: 'incidents' } as Command };
    const first = append(view(), incident);
    expect(append(after(first), keyed(incident, 'r')).events).toEqual([]);
  });

  it('leaves nothing without a key', () => {
    expect(append(base(), amend(SALE.qty)).events).toEqual([]);
  });
});

describe('an entity on which events wait', () => {
  const log = new OfficeLog('west');
  log.records('a');
  const recorded = log.events.map(({ event }) => event).reduce<EntityState | null>(evolve, null)!;
  const back = log.amends('a', { qty: 5 }, { 'west@1': 1, 'head@1': 3 }).event;
  const base = view({ tail: log.end, entities: new Map([[entityName(KEY), recorded]]) });
  const waiting = (event: DomainEvent) => ({ ...base, waiting: new Map([[entityName(KEY), [event]]]) });

  it('takes no change by whose clock it would have seen them, unlike any other', () => {
    const plan = append(waiting(back), amend(6), record('b'), submission({ type: 'void' }));
    expect(plan.outcomes.map(told)).toEqual(['entity-waiting', 3, 'entity-waiting']);
    expect(plan.outcomes[0]).toMatchObject({ error: { data: KEY } });
  });

  it('takes one that does not claim to', () => {
    const byHead = { ...back, office: 'head' };
    const ofAnotherLife = { ...back, epoch: 7 };
    for (const event of [byHead, ofAnotherLife])
      expect(append(waiting(event), amend(6)).outcomes.map(told)).toEqual([3]);
  });
});

describe('a fenced copy', () => {
  it('accepts no command', () => {
    const plan = append(view({ hold: 'fenced' }), record(), record('b'));
    expect(plan.outcomes.map(told)).toEqual(['office-fenced', 'office-fenced']);
    expect(plan.outcomes[0]).toMatchObject({ error: { data: { office: 'west' } } });
    expect(plan.events).toEqual([]);
  });

  it('still repeats the answers that it gave', () => {
    const first = append(view(), record());
    const plan = append(after(first, { hold: 'fenced', known: first.events }), {
      ...record(),
      eventId: first.events[0]!.event.id,
    });
    expect(plan.outcomes).toMatchObject([{ ok: true, replayed: true }]);
  });
});

describe('what an append adds to the digests', () => {
  it('is each event and the states they came to', () => {
    const { events, digests } = append(view(), record(), amend(5));
    expect(digests).toHaveLength(1);
    expect(digests[0]).toMatchObject({ dataset: 'sales', scope: 'west', count: 2 });
    expect(digests[0]!.events).toBe(events.reduce((sum, { hash }) => sum + bytesToNumber(hash), 0n));
  });
});

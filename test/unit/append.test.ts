import { decodeEvent } from '../../domain/canonical.ts';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { type DomainEvent, entityName } from '../../domain/event.ts';
import { hybridTime, START_OF_TIME } from '../../domain/hlc.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { winningValues } from '../../domain/office/present.ts';
import { bytesToNumber } from '../../domain/projections/digest.ts';
import { SALE } from './story.ts';
import { OfficeLog } from './sync-log.ts';
import { NOON_MS } from './sync-ports.ts';
import { PORTS, KEY, view, submission, record, amend, after, append, told } from './append-story.ts';

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

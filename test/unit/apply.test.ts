import fc from 'fast-check';
import { lifeOf } from '../../domain/clock.ts';
import type { DomainEvent, LoggedEvent } from '../../domain/event.ts';
import { hybridTime, MAX_DRIFT_MS, START_OF_TIME } from '../../domain/hlc.ts';
import { planApply } from '../../domain/sync/apply.ts';
import { allEvents, play, steps } from './story.ts';
import { Office, PORTS, statuses } from './apply-office.ts';
import { newId, OfficeLog } from './sync-log.ts';
import { NOON_MS } from './sync-ports.ts';

describe('events that may be applied', () => {
  it('take the next positions, in order, and are folded', () => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    office.position = 7;
    const plan = office.applies(
      west.records('a'),
      west.amends('a', { qty: 5 }, { 'west@1': 1 }),
      west.records('b'),
    );
    expect(plan.accepted.map(({ position }) => position)).toEqual([8, 9, 10]);
    expect(statuses(plan)).toEqual(['applied', 'applied', 'applied']);
    expect(plan.position).toBe(10);
    expect(plan.changes.map(({ before, after }) => [before, after.entityId])).toEqual([
      [null, 'a'],
      [null, 'b'],
    ]);
    expect(office.qty('a')).toBe(5);
  });

  it('by the head may concern any scope', () => {
    const [head, office] = [new OfficeLog('head'), new Office()];
    expect(
      statuses(office.applies(head.records('a', { scope: 'west' }), head.records('b', { scope: 'shared' }))),
    ).toEqual(['applied', 'applied']);
  });

  it('bring the clock of this office along', () => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    const at = hybridTime(NOON_MS + MAX_DRIFT_MS, 3);
    expect(office.applies(west.records('a', { at }))).toMatchObject({ at, clockAhead: null });
  });

  it('from a clock that is far ahead are applied, but their time is not adopted', () => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    const at = hybridTime(NOON_MS + MAX_DRIFT_MS + 1, 0);
    expect(office.applies(west.records('a', { at }))).toMatchObject({
      at: START_OF_TIME,
      clockAhead: { office: 'west', aheadMs: MAX_DRIFT_MS + 1 },
    });
    expect(office.qty('a')).toBe(73);
  });

  it('are alarmed of by the clock that is furthest ahead', () => {
    const ahead = (office: string, byMs: number) =>
      new OfficeLog(office).records('a', {
        scope: 'west',
        at: hybridTime(NOON_MS + MAX_DRIFT_MS + byMs, 0),
      });
    const plan = new Office().applies(ahead('west', 5), ahead('head', 9), ahead('east', 7));
    expect(plan.clockAhead).toEqual({ office: 'head', aheadMs: MAX_DRIFT_MS + 9 });
    const alike = new Office().applies(ahead('west', 5), ahead('head', 5));
    expect(alike.clockAhead).toEqual({ office: 'west', aheadMs: MAX_DRIFT_MS + 5 });
  });
});

describe('an event whose causes are missing', () => {
  /** West records a sale, the head amends it, west amends it on top. */
  function chain() {
    const [west, head] = [new OfficeLog('west'), new OfficeLog('head')];
    const recorded = west.records('a');
    const byHead = head.amends('a', { qty: 5 }, { 'west@1': 1 }, 'west');
    const byWest = west.amends('a', { qty: 6 }, { 'west@1': 1, 'head@1': 1 });
    const later = west.amends('a', { qty: 7 }, { 'west@1': 2, 'head@1': 1 });
    const other = west.records('b');
    return { recorded, byHead, byWest, later, other };
  }

  it('is parked with its entity; others go on', () => {
    const { recorded, byWest, other } = chain();
    const office = new Office();
    expect(statuses(office.applies(recorded, byWest, other))).toEqual([
      'applied',
      'parked: cause-missing',
      'applied',
    ]);
    expect([office.qty('a'), office.qty('b')]).toEqual([73, 73]);
  });

  it('is released by the cause, with all that waited behind it, in order', () => {
    const { recorded, byHead, byWest, later } = chain();
    const office = new Office();
    office.applies(recorded, byWest, later);
    expect(office.waiting.map(({ reason, event }) => [event.seq, reason])).toEqual([
      [2, 'cause-missing'],
      [3, 'cause-missing'],
    ]);
    const plan = office.applies(byHead);
    expect(plan.released).toEqual([2, 3]);
    expect(office.waiting).toEqual([]);
    expect(office.qty('a')).toBe(7);
  });

  it('waits until the last of its causes is there', () => {
    const [west, head, office] = [new OfficeLog('west'), new OfficeLog('head'), new Office()];
    const recorded = west.records('a');
    const first = head.amends('a', { qty: 5 }, { 'west@1': 1 }, 'west');
    const second = head.amends('a', { qty: 6 }, { 'west@1': 1, 'head@1': 1 }, 'west');
    const byWest = west.amends('a', { qty: 7 }, { 'west@1': 1, 'head@1': 2 });
    office.applies(recorded, byWest);
    expect(office.applies(first).released).toEqual([]);
    expect(office.qty('a')).toBe(5);
    expect(office.applies(second).released).toEqual([2]);
    expect(office.qty('a')).toBe(7);
  });

  it('may come in the same run as its cause, whose positions stay', () => {
    const { recorded, byHead, byWest } = chain();
    const office = new Office();
    const plan = office.applies(recorded, byWest, byHead);
    expect(statuses(plan)).toEqual(['applied', 'applied', 'applied']);
    expect(plan.accepted.map(({ event, position }) => [event.office, position])).toEqual([
      ['west', 1],
      ['west', 2],
      ['head', 3],
    ]);
    expect(plan.released).toEqual([]);
    expect(office.qty('a')).toBe(6);
  });

  it('is applied within a run that does not begin the database', () => {
    const { recorded, byHead, byWest, other } = chain();
    const office = new Office();
    office.applies(other);
    const plan = office.applies(recorded, byWest, byHead);
    expect(statuses(plan)).toEqual(['applied', 'applied', 'applied']);
    expect(plan.accepted.map(({ position }) => position)).toEqual([2, 3, 4]);
  });

  it('comes to the same as if it had come in order', () => {
    const { recorded, byHead, byWest, later, other } = chain();
    const [one, two] = [new Office(), new Office()];
    one.applies(recorded, byHead, byWest, later, other);
    two.applies(recorded, byWest);
    two.applies(later, other);
    two.applies(byHead);
    expect(two.shape()).toEqual(one.shape());
  });

  it('is held, and counts as held, while it waits', () => {
    const { recorded, byWest } = chain();
    const office = new Office();
    const plan = office.applies(recorded, byWest);
    expect(plan.digests.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(plan.position).toBe(2);
  });
});

describe('an event that its author may not have written', () => {
  const strange: [string, string, Partial<DomainEvent>][] = [
    ['another office’s scope', 'quarantined: not-allowed', { scope: 'east' }],
    ['what is shared', 'quarantined: not-allowed', { scope: 'shared' }],
    ['a ruling', 'quarantined: not-allowed', { type: 'ConflictResolved', data: { writes: {} } }],
    ['a dataset that nobody knows', 'quarantined: unknown-dataset', { dataset: 'weather' }],
    ['a type that nobody knows', 'quarantined: unknown-type', { type: 'SaleBurnt' }],
    ['a value that no column holds', 'quarantined: invalid-data', { data: { qty: 'many' } }],
    [
      'a change to what was never recorded',
      'quarantined: never-recorded',
      { type: 'SaleAmended', data: { qty: 1 } },
    ],
    ['a later version', 'parked: version-unknown', { version: 2 }],
  ];

  it.each(strange)('is kept and waits: %s', (_, verdict, change) => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    const plan = office.applies(west.records('a', change), west.records('b'));
    expect(statuses(plan)).toEqual([verdict, 'applied']);
    expect(plan.changes.map(({ after }) => after.entityId)).toEqual(['b']);
    expect(plan.position).toBe(2);
  });

  it.each(['east', 'shared'])('does not count in the digests of %s, whose readers never get it', (scope) => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    expect(office.applies(west.records('a', { scope })).digests).toEqual([]);
    expect(office.applies(west.records('b')).digests).toHaveLength(1);
  });

  it('is judged by what its author had seen, whatever was recorded here and in whatever order', () => {
    const [head, west] = [new OfficeLog('head'), new OfficeLog('west')];
    const events = [head.records('a', { scope: 'west' }), west.amends('a', { qty: 1 })];
    const offices = [events, events.toReversed()].map((order) => {
      const office = new Office();
      office.applies(...order);
      return office;
    });
    expect(offices.map((office) => office.waiting.map(({ reason }) => reason))).toEqual([
      ['never-recorded'],
      ['never-recorded'],
    ]);
    expect(offices[1]!.shape()).toEqual(offices[0]!.shape());
  });

  it('holds up what its author wrote to that entity afterwards', () => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    office.applies(west.records('a'), west.amends('a', { qty: 'many' }, { 'west@1': 1 }));
    expect(statuses(office.applies(west.amends('a', { qty: 5 }, { 'west@1': 2 })))).toEqual([
      'parked: cause-missing',
    ]);
    expect(office.qty('a')).toBe(73);
  });

  it('holds up others only if they had seen it', () => {
    const [west, head, office] = [new OfficeLog('west'), new OfficeLog('head'), new Office()];
    const amend = { entityId: 'a', scope: 'west', type: 'SaleAmended' };
    office.applies(west.records('a'), west.amends('a', { qty: 'many' }, { 'west@1': 1 }));
    const blind = head.writes({ ...amend, data: { qty: 5 }, clock: { 'head@1': 1, 'west@1': 1 } });
    const knowing = head.writes({ ...amend, data: { qty: 6 }, clock: { 'head@1': 2, 'west@1': 2 } });
    expect(statuses(office.applies(blind, knowing))).toEqual(['applied', 'parked: cause-missing']);
    expect(office.qty('a')).toBe(5);
  });

  it('is judged by the datasets that this office knows', () => {
    const [west, office] = [new OfficeLog('west'), new Office()];
    const plan = planApply({ ...office.view(), datasetNamed: () => null }, [west.records('a')], PORTS);
    expect(statuses(plan)).toEqual(['quarantined: unknown-dataset']);
  });
});

describe('whatever order the logs of several offices come in', () => {
  /** Stories about one sale that east and the head write to; each event with a hash of its own. */
  const stories = steps.map((story) => {
    const named = story.filter((step) => step.who !== 2 && !('hears' in step && step.hears === 2));
    return allEvents(play(named).filter(({ life }) => life.office !== 'west')).map((event) => logged(event));
  });

  function logged(event: DomainEvent): LoggedEvent {
    const hash = PORTS.sha256(new TextEncoder().encode(`${lifeOf(event)} ${event.seq}`));
    return { event: { ...event, id: newId() }, bytes: new Uint8Array(), hash };
  }

  /** Merges the logs, each in its own order, as `choices` say. */
  function merge(events: readonly LoggedEvent[], choices: readonly number[]): LoggedEvent[] {
    const logs = [...Map.groupBy(events, ({ event }) => lifeOf(event)).values()].map((log) =>
      [...log].sort((a, b) => a.event.seq - b.event.seq),
    );
    const merged: LoggedEvent[] = [];
    for (let turn = 0; merged.length < events.length; turn++) {
      const left = logs.filter((log) => log.length > 0);
      merged.push(left[(choices[turn % choices.length] ?? 0) % left.length]!.shift()!);
    }
    return merged;
  }

  function applyInRuns(events: readonly LoggedEvent[], lengths: readonly number[]): Office {
    const office = new Office();
    for (let at = 0, turn = 0; at < events.length; turn++) {
      const length = lengths[turn % lengths.length]!;
      office.applies(...events.slice(at, at + length));
      at += length;
    }
    return office;
  }

  it('they come to the same states and digests, and nothing waits', () => {
    const choices = fc.array(fc.nat(3), { minLength: 1, maxLength: 10 });
    const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(stories, choices, lengths, (events, order, runs) => {
        const inOrder = applyInRuns(events, [100]);
        const mixed = applyInRuns(merge(events, order), runs);
        expect(mixed.waiting.map(({ event, reason }) => [lifeOf(event), event.seq, reason])).toEqual([]);
        expect(mixed.shape()).toEqual(inOrder.shape());
      }),
      { numRuns: 300 },
    );
  });
});

import fc from 'fast-check';
import { decodeEvent } from '../../domain/canonical.ts';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { covers } from '../../domain/clock.ts';
import { dotOf, type JsonObject, type LoggedEvent } from '../../domain/event.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { Fork } from '../../domain/sync/fork.ts';
import { matchLogs, reappend, renamedId } from '../../domain/sync/repair.ts';
import { caught } from './caught.ts';
import { endOf, fork, forkOf, Life, lives, stepsOf } from './repair-story.ts';
import { OfficeLog } from './sync-log.ts';
import { testHasher } from './test-hasher.ts';

const repaired = (broken: Fork) => reappend(broken, testHasher);
const knows = (one: LoggedEvent, other: LoggedEvent) => covers(one.event.clock, dotOf(other.event));
const sameSale = (one: LoggedEvent, other: LoggedEvent) => one.event.entityId === other.event.entityId;

describe('events written again after a fork', () => {
  it('follow the accepted history, in the granted epoch, chained', () => {
    const broken = fork(
      [{ sale: 'a', heard: false }],
      [{ sale: 'a', heard: false }],
      [
        { sale: 'a', heard: false },
        { sale: 'b', heard: false },
      ],
    );
    const [one, other] = repaired(broken);
    expect(one!.event).toMatchObject({
      office: 'west',
      epoch: 2,
      seq: 3,
      entityId: 'a',
      clock: { 'west@1': 1, 'west@2': 3 },
    });
    expect(other!.event).toMatchObject({ epoch: 2, seq: 4, entityId: 'b', clock: { 'west@2': 4 } });
    expect(one!.hash).toEqual(testHasher.sha256(broken.end.hash, one!.bytes));
    expect(other!.hash).toEqual(testHasher.sha256(one!.hash, other!.bytes));
    expect(decodeEvent(other!.bytes)).toEqual(other!.event);
  });

  it('keep everything but their names', () => {
    const broken = fork([], [], [{ sale: 'a', heard: false }]);
    const { id, at, actor, data, type, scope } = broken.diverging[0]!.event;
    expect(repaired(broken)[0]!.event).toMatchObject({ id, at, actor, data, type, scope });
  });

  it('keep their contexts: they know just what they knew, and nobody accepted knows them', () => {
    fc.assert(
      fc.property(stepsOf, stepsOf, stepsOf, (shared, accepted, diverging) => {
        const broken = fork(shared, accepted, diverging);
        const again = repaired(broken);
        expect(again).toHaveLength(broken.diverging.length);
        for (const [index, written] of again.entries()) {
          const before = broken.diverging[index]!;
          for (const tail of broken.tail.filter((event) => sameSale(event, written)))
            expect([knows(written, tail), knows(tail, written)]).toEqual([false, false]);
          for (const known of broken.shared.filter((event) => sameSale(event, written)))
            expect(knows(written, known)).toBe(knows(before, known));
          for (const [earlier, mine] of broken.diverging.slice(0, index).entries())
            if (sameSale(mine, before)) expect(knows(written, again[earlier]!)).toBe(knows(before, mine));
          expect(written.event.clock['head@1']).toBe(before.event.clock['head@1']);
        }
      }),
    );
  });

  it('keep apart what an earlier repair had put into one log', () => {
    fc.assert(
      fc.property(stepsOf, stepsOf, stepsOf, stepsOf, (shared, accepted, diverging, elsewhere) => {
        const first = fork(shared, accepted, diverging);
        const joined = [...first.tail, ...repaired(first)];
        const common = endOf(first.shared, START_OF_CHAIN);
        const other = lives(new Life(new OfficeLog('west', common)), elsewhere, { seq: 100 });
        const end = endOf(other, common);
        const again = repaired({ ...first, tail: other, diverging: joined, end, epoch: 2_000 });
        expect(again).toHaveLength(joined.length);
        for (const [index, written] of again.entries())
          for (const [earlier, mine] of joined.slice(0, index).entries())
            if (sameSale(mine, joined[index]!))
              expect(knows(written, again[earlier]!)).toBe(knows(joined[index]!, mine));
      }),
    );
  });

  it('do not name what no longer exists: no place of theirs after the fork', () => {
    fc.assert(
      fc.property(stepsOf, stepsOf, stepsOf, (shared, accepted, diverging) => {
        const broken = fork(shared, accepted, diverging);
        for (const { event } of repaired(broken))
          expect(event.clock['west@1'] ?? 0).toBeLessThanOrEqual(broken.commonSeq);
      }),
    );
  });
});

describe('events that are in the accepted history already', () => {
  const twin = {
    id: '00000000-0000-7000-8000-00000000aaaa',
    entityId: 'a',
    data: { qty: 5 },
    type: 'SaleAmended',
  };

  function doubled(other: Record<string, unknown> = {}): Fork {
    const before = new OfficeLog('west');
    before.records('a');
    const [accepted, own] = [new OfficeLog('west', before.end), new OfficeLog('west', before.end)];
    accepted.writes({ ...twin, clock: { 'west@1': 2 } });
    own.writes({ ...twin, ...other, clock: { 'west@1': 2 } });
    own.writes({ entityId: 'a', type: 'SaleAmended', data: { qty: 6 }, clock: { 'west@1': 3 } });
    return forkOf(before, accepted.events, own.events);
  }

  it('are not doubled', () => {
    expect(repaired(doubled()).map(({ event }) => event.data)).toEqual([{ qty: 6 }]);
  });

  it('have been seen by what followed them', () => {
    expect(repaired(doubled())[0]!.event).toMatchObject({ seq: 3, clock: { 'west@1': 2, 'west@2': 3 } });
  });

  it('are not named by who has not seen what came before them in the accepted history', () => {
    const before = new Life(new OfficeLog('west'));
    before.writes('a');
    const [accepted, other] = [new Life(before.log, before), new Life(before.log, before)];
    const [unseen, known] = [accepted.writes('a'), accepted.writes('a')];
    const asked = { ...other.writes('a').event, id: known.event.id };
    const twin = { ...other.log.events[0]!, event: asked };
    const next = other.writes('a');
    const [again] = repaired(forkOf(before.log, [unseen, known], [twin, next]));
    expect(knows(again!, before.log.events[0]!)).toBe(true);
    expect(knows(again!, unseen)).toBe(false);
    expect(knows(again!, known)).toBe(false);
    const [named] = repaired(forkOf(before.log, [...before.log.events, known], [twin, next]));
    expect(knows(named!, known)).toBe(true);
  });

  it('are the same whenever and by whomever they were written', () => {
    expect(repaired(doubled({ at: '2026-04-02T00:00:00.000Z/0000', actor: 'eva' }))).toHaveLength(1);
  });

  it('of one id and different content are both kept, the second under an id of its own', () => {
    const broken = doubled({ data: { qty: 7 } });
    const again = repaired(broken);
    expect(again.map(({ event }) => event.data)).toEqual([{ qty: 7 }, { qty: 6 }]);
    expect(again[0]!.event.id).toBe(renamedId(broken.diverging[0]!, testHasher));
    expect(again[0]!.event.id).not.toBe(twin.id);
    expect(repaired(broken)[0]!.event.id).toBe(again[0]!.event.id);
  });
});

describe('what several lives report of one command', () => {
  const id = 'a0000000-0000-8000-8000-000000000001';
  /** That a command with this key found nothing to change, in the words of one life. */
  const reports = (
    log: OfficeLog,
    at: string,
    detail: JsonObject = { dataset: 'sales', entityId: 'a' },
  ): LoggedEvent =>
    log.writes({
      id,
      dataset: 'incidents',
      entityId: id,
      type: 'IncidentReported',
      at,
      data: { kind: 'nothing-changed', detail },
    });

  it('is one report, although a life that was joined before gave it another id', () => {
    const before = new OfficeLog('west');
    before.records('a');
    const [accepted, second, third] = [1, 2, 3].map(() => new OfficeLog('west', before.end)) as [
      OfficeLog,
      OfficeLog,
      OfficeLog,
    ];
    accepted.writes({ id, entityId: 'a', type: 'SaleAmended', data: { qty: 2 } });
    reports(second, '2026-04-02T00:00:00.000Z/0000');
    reports(third, '2026-04-03T00:00:00.000Z/0000', { entityId: 'a', dataset: 'sales' });
    const joined = repaired(forkOf(before, accepted.events, second.events));
    expect(joined.map(({ event }) => event.type)).toEqual(['IncidentReported']);
    expect(joined[0]!.event.id).not.toBe(id);
    expect(repaired(forkOf(before, [...accepted.events, ...joined], third.events, 3))).toEqual([]);
  });
});

describe('a repair', () => {
  it('goes on in a later epoch, or not at all', () => {
    const broken = { ...fork([], [{ sale: 'a', heard: false }], [{ sale: 'a', heard: false }]), epoch: 1 };
    expect(caught(() => repaired(broken))).toMatchObject({ type: 'invariant-broken' });
  });

  it('joins no more epochs than one grant is good for', () => {
    const before = new OfficeLog('west');
    before.records('a');
    const diverging = (epochs: number) => {
      const log = new OfficeLog('west', before.end);
      for (let epoch = 2; epoch < 2 + epochs; epoch++)
        log.writes({ entityId: 'a', type: 'SaleAmended', epoch, clock: { [`west@${epoch}`]: epoch } });
      return forkOf(before, [], log.events, 5_000);
    };
    const joined = repaired(diverging(LIMITS.grantedEpochs));
    expect(joined.at(-1)!.event.epoch).toBe(5_000 + LIMITS.grantedEpochs - 1);
    expect(caught(() => repaired(diverging(LIMITS.grantedEpochs + 1)))).toMatchObject({
      type: 'invariant-broken',
    });
  });

  it('gives two events of one id that differ two other ids', () => {
    const [one, other] = [1, 2].map((qty) => {
      const log = new OfficeLog('west');
      return log.writes({ entityId: 'a', data: { qty } });
    });
    expect(renamedId(one!, testHasher)).not.toBe(renamedId(other!, testHasher));
  });

  it('of nothing is nothing', () => {
    expect(repaired(fork([{ sale: 'a', heard: false }], [{ sale: 'a', heard: false }], []))).toEqual([]);
  });
});

describe('two logs compared', () => {
  function pair(shared: number, theirs: number, own: number): [LoggedEvent[], LoggedEvent[]] {
    const before = new OfficeLog('west');
    for (let i = 0; i < shared; i++) before.writes({});
    const logs = [new OfficeLog('west', before.end), new OfficeLog('west', before.end)] as const;
    for (let i = 0; i < theirs; i++) logs[0].writes({});
    for (let i = 0; i < own; i++) logs[1].writes({});
    return [
      [...before.events, ...logs[0].events],
      [...before.events, ...logs[1].events],
    ];
  }

  it('share what comes before the first difference; the rest is theirs', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(3), fc.nat(3), (shared, theirs, own) => {
        const [one, other] = pair(shared, theirs, own);
        const { common, rest } = matchLogs(START_OF_CHAIN, one, other);
        expect(common.seq).toBe(shared);
        expect(rest).toEqual(one.slice(shared));
      }),
    );
  });
});

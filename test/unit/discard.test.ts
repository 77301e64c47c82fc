import { type DomainEvent, dotName, dotNamed, entityName } from '../../domain/event.ts';
import { Office, statuses } from './apply-office.ts';
import { OfficeLog } from './sync-log.ts';

describe('an event that the head has discarded', () => {
  function poisoned() {
    const west = new OfficeLog('west');
    const recorded = west.records('a');
    const poison = west.writes({ entityId: 'a', type: 'SaleMelted', data: { qty: 1 } });
    const later = west.amends('a', { qty: 7 });
    const ofLaterLife = west.writes(
      { entityId: 'a', type: 'SaleAmended', data: { qty: 8 }, epoch: 5 },
      { 'west@1': 2 },
    );
    return { recorded, poison, later, ofLaterLife };
  }

  it('is kept, writes nothing, and holds up nothing', () => {
    const { recorded, poison, later } = poisoned();
    const office = new Office();
    office.discarded.add(dotName(poison.event));
    const plan = office.applies(recorded, poison, later);
    expect(statuses(plan)).toEqual(['applied', 'discarded', 'applied']);
    expect(office.qty('a')).toBe(7);
    expect(plan.digests.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('counts as seen, also by a later life of its author', () => {
    const { recorded, poison, later, ofLaterLife } = poisoned();
    const office = new Office();
    office.discarded.add(dotName(poison.event));
    expect(statuses(office.applies(recorded, poison, ofLaterLife, later))).toEqual([
      'applied',
      'discarded',
      'applied',
      'applied',
    ]);
  });

  it('counts as seen when nothing else of its author came after it', () => {
    const { recorded, poison, ofLaterLife } = poisoned();
    const office = new Office();
    office.discarded.add(dotName(poison.event));
    expect(statuses(office.applies(recorded, poison, ofLaterLife))).toEqual([
      'applied',
      'discarded',
      'applied',
    ]);
  });

  it('writes nothing, be it of a kind that is known', () => {
    const west = new OfficeLog('west');
    const recorded = west.records('a');
    const unwanted = west.amends('a', { qty: 9 }, { 'west@1': 1 });
    const office = new Office();
    office.discarded.add(dotName(unwanted.event));
    expect(statuses(office.applies(recorded, unwanted))).toEqual(['applied', 'discarded']);
    expect(office.qty('a')).toBe(73);
  });

  it('counts as seen when it was discarded before', () => {
    const { recorded, poison, ofLaterLife } = poisoned();
    const office = new Office();
    office.applies(recorded);
    expect(statuses(office.applies(ofLaterLife))).toEqual(['parked: cause-missing']);
    office.setAside.set(entityName(poison.event), { 'west@1': 2 });
    office.waiting = [];
    expect(statuses(office.applies(ofLaterLife))).toEqual(['applied']);
  });

  it('does not stand for what came before it and still waits', () => {
    const west = new OfficeLog('west');
    const recorded = west.records('a');
    const waits = west.writes({ entityId: 'a', type: 'SaleMelted', data: {} });
    const gone = west.writes({ entityId: 'a', type: 'SaleFrozen', data: {} });
    const ofLaterLife = west.writes(
      { entityId: 'a', type: 'SaleAmended', data: { qty: 8 }, epoch: 5 },
      { 'west@1': 3 },
    );
    const office = new Office();
    office.discarded.add(dotName(gone.event));
    expect(statuses(office.applies(recorded, waits, gone, ofLaterLife))).toEqual([
      'applied',
      'quarantined: unknown-type',
      'discarded',
      'parked: cause-missing',
    ]);
  });
});

describe('discarding', () => {
  const discards = (log: OfficeLog, changes: Partial<DomainEvent> = {}) =>
    log.writes({
      dataset: 'discards',
      scope: 'west',
      entityId: 'west@1:2',
      type: 'EventDiscarded',
      data: { event: { office: 'west', epoch: 1, seq: 2 }, why: 'x' },
      ...changes,
    });

  it('is the head’s alone', () => {
    const [west, head, office] = [new OfficeLog('west'), new OfficeLog('head'), new Office()];
    expect(statuses(office.applies(discards(west), discards(head)))).toEqual([
      'quarantined: not-allowed',
      'applied',
    ]);
  });

  it('names an event, as its only type', () => {
    const [head, office] = [new OfficeLog('head'), new Office()];
    const strange = [
      discards(head, { entityId: 'west' }),
      discards(head, { type: 'EventForgotten' }),
      discards(head, { entityId: 'west@1:3', version: 2 }),
    ];
    expect(statuses(office.applies(...strange))).toEqual([
      'quarantined: invalid-data',
      'quarantined: unknown-type',
      'parked: version-unknown',
    ]);
  });

  it('by two lives of the head, each for its own reason, is no conflict', () => {
    const [head, later, office] = [new OfficeLog('head'), new OfficeLog('head'), new Office()];
    const other = discards(later, { epoch: 7, data: { event: {}, why: 'y' } });
    const plan = office.applies(discards(head), other);
    expect(statuses(plan)).toEqual(['applied', 'applied']);
    expect(plan.cases).toEqual([]);
  });
});

describe('the name of an event', () => {
  it('is read as it was written', () => {
    const dot = { office: 'west', epoch: 1_790_000_000_123, seq: 7 };
    expect(dotNamed(dotName(dot))).toEqual(dot);
  });

  it.each([
    '',
    '7',
    'west',
    'west@1',
    'west@0:1',
    'west@1:0',
    'West@1:1',
    'west@1:1 ',
    'west@9999999999999999:1',
  ])('is not "%s"', (name) => {
    expect(dotNamed(name)).toBeNull();
  });
});

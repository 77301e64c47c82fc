import fc from 'fast-check';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { DomainEvent } from '../../domain/event.ts';
import { refusalInState, refusalOf } from '../../domain/office/right-to-write.ts';
import { allEvents, play, SALE, steps, Teller } from './story.ts';

const NOTE = { caseId: 'c', note: 'asked the till' };

describe('what every office checks of foreign events', () => {
  const good = allEvents(play([]))[0]!;
  const by = (change: Partial<DomainEvent>) =>
    refusalOf({ ...good, ...change }, 'head', BUILT_IN.named)?.reason ?? null;

  it.each<[string, Partial<DomainEvent>, string | null]>([
    ['its own sale', {}, null],
    ['an amendment of its own sale', { type: 'SaleAmended', data: { qty: 1 } }, null],
    ['the sale of another', { scope: 'west' }, 'not-allowed'],
    ['what is shared', { scope: 'shared' }, 'not-allowed'],
    ['a ruling', { type: 'ConflictResolved', data: { writes: { qty: 1 } } }, 'not-allowed'],
    ['a sale of the head', { scope: 'head' }, 'not-allowed'],
    ['to a dataset unknown here', { dataset: 'planets' }, 'unknown-dataset'],
    ['an event unknown here', { type: 'SaleExploded' }, 'unknown-type'],
    ['an event of another dataset', { type: 'ProductRecorded' }, 'unknown-type'],
    ['in a newer version', { version: 2 }, 'version-unknown'],
    ['a sale without what is required today', { data: { qty: 1 } }, null],
    ['a sale with something else', { data: { ...SALE, qty: 'one' } }, 'invalid-data'],
    [
      'an amendment that no column can hold',
      { type: 'SaleAmended', data: { cost: '1.23456' } },
      'invalid-data',
    ],
    ['an incident', { dataset: 'incidents', type: 'IncidentReported', data: { kind: 'fork' } }, null],
    [
      'an incident of another',
      { dataset: 'incidents', scope: 'west', type: 'IncidentReported' },
      'not-allowed',
    ],
    [
      'an incident of a newer version',
      { dataset: 'incidents', type: 'IncidentReported', version: 2 },
      'version-unknown',
    ],
    ['a note on a conflict', { dataset: 'case_notes', type: 'ConflictNoted', data: NOTE }, 'not-allowed'],
    ['nonsense among the incidents', { dataset: 'incidents' }, 'unknown-type'],
  ])('a branch writes %s', (_, change, reason) => expect(by(change)).toBe(reason));

  it.each<[string, Partial<DomainEvent>, string | null]>([
    ['the sale of a branch', {}, null],
    ['what is shared', { scope: 'shared' }, null],
    ['a ruling', { type: 'ConflictResolved', data: { writes: { cost: '1', $status: 'live' } } }, null],
    ['a ruling without writes', { type: 'ConflictResolved', data: {} }, 'invalid-data'],
    ['a ruling with no writes', { type: 'ConflictResolved', data: { writes: null } }, 'invalid-data'],
    ['a ruling with a list', { type: 'ConflictResolved', data: { writes: [] } }, 'invalid-data'],
    ['a ruling with bad writes', { type: 'ConflictResolved', data: { writes: { cost: 1 } } }, 'invalid-data'],
    [
      'a ruling in a newer version',
      { type: 'ConflictResolved', version: 2, data: { writes: {} } },
      'version-unknown',
    ],
    ['to a dataset unknown here', { dataset: 'planets' }, 'unknown-dataset'],
    ['a note on a conflict', { dataset: 'case_notes', type: 'ConflictNoted', data: NOTE }, null],
    ['a note that says nothing', { dataset: 'case_notes', type: 'ConflictNoted', data: {} }, 'invalid-data'],
    ['nonsense among the notes', { dataset: 'case_notes' }, 'unknown-type'],
  ])('the head writes %s', (_, change, reason) => expect(by({ office: 'head', ...change })).toBe(reason));

  it('nothing is amended that was never recorded', () => {
    const east = new Teller('east');
    east.does({ type: 'record', fields: SALE });
    expect(refusalInState(null, good)).toBeNull();
    expect(refusalInState(east.state!, { ...good, type: 'SaleAmended' })).toBeNull();
    expect(refusalInState(null, { ...good, type: 'SaleAmended' })).toMatchObject({
      reason: 'never-recorded',
    });
  });

  it('passes whatever a decider decides', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const own = allEvents(play(story)).filter((event) => event.office !== 'west');
        for (const event of own) expect(refusalOf(event, 'head', BUILT_IN.named)).toBeNull();
      }),
    );
  });
});

import { view as viewOf } from './append-story.ts';
import { DISCARDS } from '../../domain/datasets/event-types.ts';
import { errorType } from '../../domain/errors.ts';
import { entityName } from '../../domain/event.ts';
import { type AppendView, planAppend } from '../../domain/office/append.ts';
import type { DiscardEvent } from '../../domain/office/commands.ts';
import { decide, type DecisionContext } from '../../domain/office/decide.ts';
import { discardKeyOf, newlyDiscarded, type Standing } from '../../domain/office/discard.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { caught } from './caught.ts';
import { newId, OfficeLog } from './sync-log.ts';
import { TestPorts } from './sync-ports.ts';

const event = { office: 'west', epoch: 1, seq: 7 };
const command: DiscardEvent = {
  type: 'discard-event',
  dataset: DISCARDS,
  scope: 'west',
  entityId: 'west@1:7',
  event,
  why: 'a trial',
};

function given(standing?: Standing, role: 'head' | 'branch' = 'head') {
  const office = role === 'head' ? 'head' : 'west';
  const context: DecisionContext = { office, role, dataset: null, ...(standing && { standing }) };
  return (change: Partial<DiscardEvent> = {}) => decide({ ...command, ...change }, null, context);
}

describe('discarding an event', () => {
  it.each(['parked', 'quarantined'] as const)(
    'that is %s is an event that names it and says why',
    (standing) => {
      expect(given(standing)()).toEqual({
        event: { type: 'EventDiscarded', version: 1, data: { event, why: 'a trial' } },
      });
    },
  );

  it.each([
    ['unknown-event', undefined],
    ['event-applied', 'applied'],
    ['event-discarded', 'discarded'],
  ] as const)('is refused with %s when it stands so: %s', (type, standing) => {
    expect(caught(() => given(standing)())).toMatchObject({ type, data: { event: 'west@1:7' } });
  });

  it('is for the head alone', () => {
    expect(caught(() => given('quarantined', 'branch')())).toMatchObject({
      type: 'only-at-the-head',
      data: { office: 'west' },
    });
  });

  it.each<[string, Partial<DiscardEvent>]>([
    ['dataset', { dataset: 'sales' }],
    ['why', { why: '' }],
    ['why', { why: 'x'.repeat(501) }],
  ])('needs a good %s', (path, change) => {
    expect(caught(() => given('quarantined')(change))).toMatchObject({
      type: 'invalid-value',
      data: { path },
    });
  });
});

describe('a discard in the log', () => {
  const view = (changes: Partial<AppendView> = {}) => viewOf({ office: 'head', role: 'head', ...changes });
  const twice = (base: AppendView) => {
    const submit = () => ({ command, actor: 'anna', eventId: newId() });
    const { outcomes } = planAppend(base, [submit(), submit()], new TestPorts());
    return outcomes.map((outcome) => (outcome.ok ? outcome.logged!.event.type : errorType(outcome.error)));
  };

  it('is written once, for an event that waits', () => {
    const standings = new Map([['west@1:7', 'quarantined' as const]]);
    expect(twice(view({ standings }))).toEqual(['EventDiscarded', 'event-discarded']);
  });

  it('is not written for what nobody holds', () => {
    expect(twice(view())).toEqual(['unknown-event', 'unknown-event']);
    expect(twice(view({ standings: new Map() }))).toEqual(['unknown-event', 'unknown-event']);
  });

  it('lies where all who hold the event hear of it', () => {
    expect(discardKeyOf({ ...event, scope: 'elsewhere' }, 'head')).toEqual({
      dataset: DISCARDS,
      scope: 'west',
      entityId: 'west@1:7',
    });
    expect(discardKeyOf({ ...event, office: 'head', scope: 'shared' }, 'head')).toEqual({
      dataset: DISCARDS,
      scope: 'shared',
      entityId: 'head@1:7',
    });
  });

  it('is new when its entity is, and names an event', () => {
    const log = new OfficeLog('head');
    const change = (dataset: string, entityId: string) => {
      const type = dataset === DISCARDS ? 'EventDiscarded' : 'SaleRecorded';
      const after = evolve(null, log.writes({ dataset, scope: 'west', entityId, type }).event);
      return { name: entityName(after), before: null, after };
    };
    const fresh = change(DISCARDS, 'west@1:7');
    const known = { ...fresh, before: fresh.after };
    const others = [change('sales', 'west@1:8'), change(DISCARDS, 'nothing that is a dot')];
    expect(newlyDiscarded([fresh, ...others])).toEqual([event]);
    expect(newlyDiscarded([known])).toEqual([]);
  });
});

import { NOTHING_QUARANTINED, type QuarantineReport } from '../../domain/sync/messages.ts';
import { ack, point, streaming } from './sync-branch-story.ts';

const item = {
  epoch: 1,
  seq: 2,
  type: 'SaleMelted',
  dataset: 'sales',
  entityId: 'a',
  reason: 'unknown-type',
};
const report = (count: number, detail = 'd'): QuarantineReport => ({
  count,
  items: [{ ...item, detail }],
});

describe('what the head says that it holds back of this office', () => {
  it('is kept when it changes, and only then', () => {
    const story = streaming({ last: 2 });
    expect(story.state.quarantined).toEqual(NOTHING_QUARANTINED);
    const saved = (quarantined: QuarantineReport) => ({ do: 'save-quarantined', report: quarantined });
    story.whenHears(ack(point(2), { quarantined: report(1) })).then(saved(report(1)));
    story.whenHears(ack(point(2), { quarantined: report(1) })).thenNothing();
    story.whenHears(ack(point(2), { quarantined: report(2) })).then(saved(report(2)));
    story.whenHears(ack(point(2), { quarantined: report(2, 'other') })).then(saved(report(2, 'other')));
    story.whenHears(ack(point(2), { quarantined: NOTHING_QUARANTINED })).then(saved(NOTHING_QUARANTINED));
    expect(story.state.quarantined).toEqual(NOTHING_QUARANTINED);
  });

  it.each([
    ['another epoch', { epoch: 2 }],
    ['another place', { seq: 3 }],
    ['another reason', { reason: 'invalid-data' }],
  ])('has changed when one of its items has %s', (_, change) => {
    const [one, two] = [
      { ...item, detail: 'd' },
      { ...item, seq: 9, detail: 'd' },
    ];
    const story = streaming({ last: 2 });
    story.whenHears(ack(point(2), { quarantined: { count: 2, items: [one, two] } }));
    const changed = { count: 2, items: [one, { ...two, ...change }] };
    story
      .whenHears(ack(point(2), { quarantined: changed }))
      .then({ do: 'save-quarantined', report: changed });
  });

  it('has changed when it names fewer or more of as many', () => {
    const one = { ...item, detail: 'd' };
    const story = streaming({ last: 2 });
    story.whenHears(ack(point(2), { quarantined: { count: 3, items: [one] } }));
    const more = { count: 3, items: [one, { ...one, seq: 9 }] };
    story.whenHears(ack(point(2), { quarantined: more })).then({ do: 'save-quarantined', report: more });
    const none = { count: 3, items: [] };
    story.whenHears(ack(point(2), { quarantined: none })).then({ do: 'save-quarantined', report: none });
  });

  it('stays as it was when an older head says nothing', () => {
    const story = streaming({ last: 2 });
    story.whenHears(ack(point(2), { quarantined: report(1) }));
    story.whenHears(ack(point(2))).thenNothing();
    expect(story.state.quarantined).toEqual(report(1));
  });

  it('is no reason to stop', () => {
    const story = streaming({ last: 2 });
    story.whenHears(ack(point(2), { quarantined: report(1) }));
    expect(story.state).toMatchObject({ phase: { name: 'streaming' }, problem: null });
  });
});

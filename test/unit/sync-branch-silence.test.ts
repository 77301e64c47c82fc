import { LIMITS } from '../../domain/sync/limits.ts';
import { type BranchStory, point, sending, sends, sendsOne, streaming } from './sync-branch-story.ts';

describe('silence', () => {
  it('is followed by a probe, never by sending again', () => {
    const story = sending(3);
    story.whenTimePasses(LIMITS.probeMs - 1).thenNothing();
    story.whenTimePasses(1).then(sends('probe', { upTo: 5 }));
  });

  it('is probed at growing distances, then greeted', () => {
    const story = sending(1);
    const waits = [2_000, 4_000, 8_000, 16_000, 30_000];
    for (const wait of waits) {
      story.whenTimePasses(wait - 1).thenNothing();
      story.whenTimePasses(1).then(sends('probe'));
    }
    story.whenTimePasses(30_000).then({ do: 'hold-appends' }, { do: 'read-greeting' }).thenPhase('greeting');
  });

  it('starts anew with every batch', () => {
    const story = sending(1);
    story.ports.pass(LIMITS.probeMs - 1);
    sendsOne(story, 4);
    story.whenTimePasses(LIMITS.probeMs - 1).thenNothing();
    story.whenTimePasses(1).then(sends('probe', { upTo: 4 }));
  });

  it('of a branch that has nothing to say is broken now and then, for its lease', () => {
    const story = streaming({ last: 2 });
    story.whenTimePasses(LIMITS.idleProbeMs - 1).thenNothing();
    story.whenTimePasses(1).then(sends('probe', { upTo: 2 }));
    story.when(story.answered(point(2))).thenNothing();
    story.whenTimePasses(LIMITS.idleProbeMs - 1).thenNothing();
    story.whenTimePasses(1).then(sends('probe'));
  });
});

describe('the answer to a probe', () => {
  function probed(): BranchStory {
    const story = sending(3);
    story.whenTimePasses(LIMITS.probeMs).then(sends('probe', { upTo: 5 }));
    return story;
  }

  it('proves what is missing, and that is sent again', () => {
    const story = probed();
    story
      .when(story.answered(point(4)))
      .then({ do: 'read-own', after: 4 }, { do: 'save-acked', acked: point(4) });
  });

  it('ends the matter when all has arrived', () => {
    const story = probed();
    story.when(story.answered(point(5))).then({ do: 'save-acked' });
    expect(story.state.up).toMatchObject({ inFlight: [], probes: 0 });
  });

  it('proves again what a second sending lost as well', () => {
    const story = probed();
    story.do(story.answered(point(2)));
    story.do(story.reads(2, 5));
    story.whenTimePasses(LIMITS.probeMs).then(sends('probe'));
    story.when(story.answered(point(2))).then({ do: 'read-own', after: 2 });
  });

  it('proves nothing when a later probe is under way', () => {
    const story = probed();
    const early = story.answered(point(2));
    story.whenTimePasses(2 * LIMITS.probeMs).then(sends('probe', { upTo: 5 }));
    story.when(early).thenNothing();
    expect(story.state.up.nextSeq).toBe(6);
  });

  it('says nothing about batches that went out after the probe', () => {
    const story = probed();
    sendsOne(story, 6);
    story.when(story.answered(point(5))).then({ do: 'save-acked' });
    expect(story.state.up).toMatchObject({ nextSeq: 7, inFlight: [{ lastSeq: 6 }] });
  });
});

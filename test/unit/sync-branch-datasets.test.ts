import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { KnownDatasets } from '../../domain/sync/messages.ts';
import { ack, point, sends, sendsOne, streaming } from './sync-branch-story.ts';

const known = (sales: number): KnownDatasets => ({ evolutions: 1, versions: { sales } });
const greets = [{ do: 'hold-appends', held: false }, { do: 'read-greeting' }];

/** In step, and the head was told of version 1. */
function told() {
  const story = streaming({ last: 2 });
  return story.stands({ last: point(2), acked: point(2), datasets: known(1) });
}

describe('datasets that change while a branch is connected', () => {
  it('are told by a greeting, once for several of one moment', () => {
    const story = told();
    story
      .when({ on: 'datasets-changed', datasets: known(2) })
      .thenNothing()
      .thenPhase('streaming');
    story.when({ on: 'datasets-changed', datasets: known(3) }).thenNothing();
    story.whenTimePasses(250).thenPhase('streaming');
    story.whenTimePasses(LIMITS.tellDatasetsMs).then(...greets);
    story.stands({ datasets: known(3) });
    const hello = story.do(story.greetingRead());
    expect(hello).toMatchObject([sends('hello', { datasets: known(3) })]);
    story.greets();
    story.whenTimePasses(LIMITS.tellDatasetsMs).thenPhase('streaming');
    story.when({ on: 'datasets-changed', datasets: known(3) }).thenNothing(); // of policies
    story.whenTimePasses(LIMITS.tellDatasetsMs).thenPhase('streaming');
  });

  it('are told again when they have changed after the greeting was read', () => {
    const story = told();
    story.when({ on: 'datasets-changed', datasets: known(2) }).thenNothing();
    story.whenTimePasses(LIMITS.tellDatasetsMs).then(...greets);
    story.stands({ datasets: known(2) });
    const read = story.greetingRead();
    story.when({ on: 'datasets-changed', datasets: known(3) }).thenNothing();
    story.do(read);
    story.hearsWelcome();
    expect(story.phase).toBe('streaming');
    story.whenTimePasses(LIMITS.tellDatasetsMs).then(...greets);
  });

  it('wait for the next greeting where the head is not reached', () => {
    const story = told();
    story.do({ on: 'link-down', reason: 'gone' });
    story.when({ on: 'datasets-changed', datasets: known(2) }).thenNothing();
    story.whenTimePasses(LIMITS.tellDatasetsMs).thenNothing().thenPhase('offline');
  });

  it('wait until nothing is under way, which would be sent again, but not for ever', () => {
    const story = told();
    sendsOne(story, 3);
    story.do({ on: 'datasets-changed', datasets: known(2) });
    story.whenTimePasses(LIMITS.tellDatasetsMs).thenPhase('streaming');
    story.whenTimePasses(LIMITS.tellDatasetsBusyMs).thenPhase('greeting');
  });

  it('are told as soon as what was under way is acknowledged', () => {
    const story = told();
    sendsOne(story, 3);
    story.do({ on: 'datasets-changed', datasets: known(2) });
    story.whenTimePasses(LIMITS.tellDatasetsMs).thenPhase('streaming');
    story.whenHears(ack(point(3)));
    story.whenTimePasses(250).then(...greets);
  });
});

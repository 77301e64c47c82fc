// What a link does on a line that is slow, silent or refused.
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import { batch, numbersOf, typeOf } from '../contract/link-world.ts';
import { eventually } from '../harness/wait.ts';
import { brokerStage, HELLO } from './amqp-stage.ts';

const stage = brokerStage();

describe('a slow line', () => {
  it('is not given up while it carries one message after the other', async () => {
    const head = await stage.startHead();
    await head.heard.untilUp();
    const proxy = await stage.openProxy();
    const branch = await stage.startBranch('west', { url: proxy.through(stage.url), confirmMs: 300 });
    await branch.heard.untilUp();
    proxy.slow(100_000);
    const messages = [1, 2, 3, 4, 5].map((n) => batch(n, 'west', 50_000));
    for (const { events } of messages) crypto.getRandomValues(events[0]!);
    const sent = await Promise.all(messages.map((message) => typeOf(branch.link.send(message))));
    expect(sent).toEqual(messages.map(() => 'sent'));
    expect(branch.heard.downs).toEqual([]);
    expect(numbersOf(await head.heard.until(5))).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a line that stands but carries nothing', () => {
  it('is given up when a confirm does not come', async () => {
    const head = await stage.startHead();
    await head.heard.untilUp();
    const proxy = await stage.openProxy();
    const branch = await stage.startBranch('west', { url: proxy.through(stage.url), confirmMs: 300 });
    await branch.heard.untilUp();
    proxy.silence();
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unavailable');
    expect(branch.heard.downs).toEqual(['The broker does not answer']);
    await branch.heard.untilUp();
    await branch.link.send(batch(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([2]);
  });

  it('is noticed by the heartbeat when there is nothing to send', async () => {
    const head = await stage.startHead();
    await head.heard.untilUp();
    const proxy = await stage.openProxy();
    const branch = await stage.startBranch('west', { url: proxy.through(stage.url), heartbeatSeconds: 1 });
    await branch.heard.untilUp();
    proxy.silence();
    await eventually(() => expect(branch.heard.downs).toEqual(['Heartbeat timeout']));
    await branch.heard.untilUp();
    await branch.link.send(batch(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([2]);
  });

  it('does not hold up the stop', async () => {
    const head = await stage.startHead();
    await head.heard.untilUp();
    const proxy = await stage.openProxy();
    const branch = await stage.startBranch('west', { url: proxy.through(stage.url), stopMs: 100 });
    await branch.heard.untilUp();
    proxy.silence();
    const sent = typeOf(branch.link.send(batch(1)));
    await branch.link.stop();
    expect(await sent).toBe('link-unavailable');
    await eventually(() => expect(proxy.connections).toBe(0));
  });
});

describe('secrets', () => {
  it('a refused login says so without the password', async () => {
    const url = new URL(stage.url);
    url.password = 'correct horse & battery';
    const branch = await stage.startBranch('west', { url: url.href });
    await eventually(() => expect(branch.heard.downs.join()).toContain('ACCESS_REFUSED'));
    const told = JSON.stringify([
      branch.heard,
      await branch.link.send(HELLO).catch((error: Error) => error.message),
    ]);
    expect(told).not.toMatch(/horse|battery|correct/);
  });

  it('a url that is none is refused without showing it', () => {
    for (const url of ['amqp//x:secret@host', 'http://x:secret@host', 'secret', ''])
      expect(() => createAmqpHeadLink({ url })).toThrow(/^The link needs a url like/);
  });
});

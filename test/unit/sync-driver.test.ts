import { DomainError } from '../../domain/errors.ts';
import { office, settled } from './sync-driver-office.ts';

describe('the branch’s end of the link, running', () => {
  it('greets when the link is up, and streams when it is welcome', async () => {
    const west = office();
    await west.up();
    expect(west.kinds()).toEqual(['hello']);
    await west.welcomed();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.sync.stop();
    expect(west.kinds()).toEqual(['hello', 'bye']);
  });

  it('shows why it does not get anywhere, and tries again', async () => {
    const west = office();
    west.failures.push(new DomainError('link-unavailable', 'blocked'));
    await west.up();
    expect(west.sync.status()).toMatchObject({
      state: 'greeting',
      problem: { type: 'link-unavailable', detail: 'blocked' },
    });
    await west.clock.pass(2_000);
    expect(west.kinds()).toEqual(['hello']);
    await west.sync.stop();
  });

  it('survives a defect of its own: with an alarm, and a new greeting after a while', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    const { newId } = west.clock.ports;
    west.clock.ports.newId = () => {
      west.clock.ports.newId = newId;
      throw new Error('a defect');
    };
    west.down('gone');
    await west.up();
    expect(west.alarms).toEqual(['unexpected']);
    expect(west.sync.status()).toMatchObject({ problem: { type: 'unexpected', detail: 'a defect' } });
    await west.clock.pass(2_000);
    await west.welcomed();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.sync.stop();
  });

  it('goes on when what the database said made it stumble', async () => {
    const west = office({ locate: async () => Promise.reject(new Error('a defect')) });
    await west.up();
    await west.welcomed();
    expect(west.alarms).toEqual(['unexpected']);
    await west.clock.pass(5_000);
    expect(west.kinds()).toEqual(['hello', 'hello']);
    await west.sync.stop();
  });

  it('completes a sync on demand, or says why not', async () => {
    const west = office();
    await west.up();
    const waiting = west.sync.now(10_000).catch((error: DomainError) => error);
    await settled();
    await west.welcomed();
    expect(await waiting).toMatchObject({ state: 'streaming', pending: 0 });
    west.down('broker gone');
    const late = west.sync.now(1_000).catch((error: DomainError) => error);
    await west.clock.pass(1_000);
    expect(await late).toMatchObject({
      type: 'sync-incomplete',
      message: expect.stringContaining('broker gone'),
    });
    await west.sync.stop();
  });

  it('does not sync while it is paused', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    expect(await west.sync.pause()).toMatchObject({ state: 'paused', paused: true });
    const refused = await west.sync.now(1_000).catch((error: DomainError) => error);
    expect(refused).toMatchObject({ type: 'sync-paused' });
    expect(west.kinds()).toEqual(['hello', 'bye']);
    await west.sync.resume();
    await settled();
    expect(west.kinds()).toEqual(['hello', 'bye', 'hello']);
    await west.sync.stop();
  });

  it('ends a wait when the head refuses', async () => {
    const west = office();
    await west.up();
    const waiting = west.sync.now(60_000).catch((error: DomainError) => error);
    await settled();
    await west.hears({
      kind: 'refused',
      nonce: west.nonce(),
      reason: 'unknown-office',
      detail: 'add it',
      cursor: null,
    });
    expect(await waiting).toMatchObject({
      type: 'sync-incomplete',
      message: expect.stringContaining('add it'),
    });
    await west.sync.stop();
  });
});

describe('the log of a branch', () => {
  it('tells each change of the link in a line', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    west.down('connect ECONNREFUSED');
    west.down('connect ECONNREFUSED again');
    await west.up();
    await west.hears({
      kind: 'refused',
      nonce: west.nonce(),
      reason: 'unknown-office',
      detail: 'The head knows no office "west"',
      cursor: null,
    });
    await west.clock.pass(60_000);
    await west.welcomed();
    expect(west.lines).toEqual([
      'In contact with the head: 0 events to send.',
      'Caught up with the head: 0 events sent, 0 received in 0.0 s.',
      expect.stringMatching(/^The link is down: connect ECONNREFUSED\. This office sells on/),
      expect.stringMatching(/^The head refuses this office \(unknown-office\): .* Correct OFFICE_ID/),
      expect.stringMatching(/^The head has not answered since /),
      'In contact with the head: 0 events to send.',
      'Caught up with the head: 0 events sent, 0 received in 0.0 s.',
    ]);
    const told = west.lines.length;
    await west.sync.stop();
    expect(west.lines).toHaveLength(told); // whoever stops it knows
  });

  it('counts one event as one', async () => {
    const west = office();
    await west.up();
    await west.appended({ seq: 1, hash: new Uint8Array(32).fill(1), epoch: 1 });
    await west.welcomed();
    expect(west.lines).toContain('In contact with the head: 1 event to send.');
    await west.sync.stop();
  });

  it('is not filled by a link that flaps', async () => {
    const west = office();
    for (let time = 0; time < 50; time++) {
      await west.up();
      await west.welcomed();
      west.down('gone');
      await west.clock.pass(500);
    }
    expect(west.lines.length).toBeLessThan(8);
    await west.clock.pass(60_000);
    expect(west.lines.at(-1)).toMatch(/^The link is down: .*\(\d+ changes since the last line\)$/);
    await west.sync.stop();
  });
});

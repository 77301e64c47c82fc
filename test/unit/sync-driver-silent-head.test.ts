import { START_OF_CHAIN } from '../../domain/chain.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Probe } from '../../domain/sync/messages.ts';
import { office, settled } from './sync-driver-office.ts';

describe('a head that does not answer', () => {
  it('is named as the problem, with the time it was last heard', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    const { lastContactAt } = west.sync.status();
    await west.clock.pass(5_000);
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.clock.pass(10_000);
    expect(west.sync.status()).toMatchObject({
      state: 'waiting-for-head',
      lastContactAt,
      problem: { type: 'head-silent', since: lastContactAt },
    });
    await west.clock.pass(120_000);
    await west.welcomed();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.sync.stop();
  });

  it('is not waited for by a sync that names no deadline of its own', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    const [soon, patient] = [west.sync.now(), west.sync.now(40_000)];
    const between = west.sync.now(40_000, 20_000);
    const ended: string[] = [];
    const outcome = (promise: Promise<unknown>, name: string) =>
      promise.then(
        () => ended.push(`${name} done`),
        (error: DomainError) => ended.push(`${name} ${error.type}: ${error.message}`),
      );
    const all = [outcome(soon, 'soon'), outcome(patient, 'patient'), outcome(between, 'between')];
    west.down('broker gone');
    await west.up();
    await west.clock.pass(12_000);
    expect(ended).toEqual([expect.stringMatching(/^soon sync-incomplete: .*head has not answered since/)]);
    await west.clock.pass(10_000);
    expect(ended.map((text) => text.split(':')[0])).toEqual([
      'soon sync-incomplete',
      'between sync-incomplete',
    ]);
    await west.clock.pass(30_000);
    await Promise.all(all);
    expect(ended).toHaveLength(3);
    await west.sync.stop();
  });

  it('was last heard when it was, also before a restart', async () => {
    const atMs = Date.parse('2026-04-01T11:00:00.000Z');
    const saved: number[] = [];
    const west = office({
      lastContactAtMs: async () => atMs,
      saveContact: async (at: number) => void saved.push(at),
    });
    await west.up();
    expect(west.sync.status()).toMatchObject({ lastContactAt: '2026-04-01T11:00:00.000Z' });
    await west.welcomed();
    const { lastContactAt } = west.sync.status();
    await west.sync.stop();
    expect(saved).toEqual([Date.parse(lastContactAt!)]);
  });

  it('that was lost in the middle of a batch is given a smaller one', async () => {
    const one = { seq: 1, hash: new Uint8Array(32).fill(1), epoch: 1 };
    const run = { before: START_OF_CHAIN, after: one, events: [new Uint8Array([1])] };
    const asked: (number | undefined)[] = [];
    const west = office({
      readOwn: async (_office, _after, maxBytes) => {
        asked.push(maxBytes);
        return run;
      },
    });
    await west.up();
    await west.welcomed();
    west.failures.push(new DomainError('link-unavailable', 'lost'));
    await west.appended(one);
    west.down('lost');
    await west.up();
    await west.welcomed();
    expect(asked).toEqual([256 * 1024, 128 * 1024]);
    await west.sync.stop();
  });

  it('or answers, but never takes a batch, is a problem', async () => {
    const one = { seq: 1, hash: new Uint8Array(32).fill(1), epoch: 1 };
    const run = { before: START_OF_CHAIN, after: one, events: [new Uint8Array([1])] };
    const west = office({ readOwn: async () => run });
    await west.up();
    await west.welcomed();
    await west.appended(one);
    const refuse = async () => {
      const gap = { kind: 'ack', nonce: west.nonce(), at: START_OF_CHAIN, safeSeq: 0 } as const;
      await west.hears({ ...gap, verdict: 'ok', probed: 0 });
      await west.clock.pass(2_500);
      const probe = west.sent.at(-1) as Probe;
      await west.hears({ ...gap, verdict: 'ok', probed: probe.number });
      await settled();
    };
    await refuse();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await refuse();
    expect(west.kinds().filter((kind) => kind === 'batch')).toHaveLength(3);
    expect(west.sync.status()).toMatchObject({
      problem: {
        type: 'batch-not-taken',
        detail: expect.stringContaining('Event 1 was sent to the head 3 times'),
      },
    });
    await west.hears({ kind: 'ack', nonce: west.nonce(), at: one, safeSeq: 0, verdict: 'ok', probed: 0 });
    expect(west.sync.status()).toMatchObject({ pending: 0, problem: null });
    await west.sync.stop();
  });
});

import type { DomainError } from '../../domain/errors.ts';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { office, settled } from './sync-driver-office.ts';

describe('a claim of a fenced office', () => {
  const REFUSED = { kind: 'refused', reason: 'second-copy', detail: 'alive', cursor: null } as const;
  const fence = async () => ({ common: START_OF_CHAIN, events: [] });

  async function fenced() {
    const done: string[] = [];
    const note = (what: string) => async () => void done.push(what);
    const unfence = async () => done.push('unfence') > 0;
    const west = office(
      { fence, claim: note('claim'), unfence, consumeFeed: note('feed') } as never,
      'fenced',
    );
    await west.up();
    const claimed = (deadlineMs = 60_000) => west.sync.claim(deadlineMs).catch((error: DomainError) => error);
    return { west, claimed, done };
  }

  it('is in the database before the head is asked, and answered when the office sells', async () => {
    const { west, claimed, done } = await fenced();
    expect(west.sync.status()).toMatchObject({ state: 'fenced' });
    const waiting = claimed();
    await settled();
    expect([done, west.kinds()]).toEqual([['claim'], ['hello']]);
    expect(west.sync.status()).toMatchObject({ state: 'claiming' });
    await west.welcomed();
    expect(await waiting).toMatchObject({ state: 'streaming', problem: null });
    expect(done).toEqual(['claim', 'unfence']);
    await west.sync.stop();
  });

  it('is refused when the other one is alive', async () => {
    const { west, claimed, done } = await fenced();
    const waiting = claimed();
    await settled();
    await west.hears({ ...REFUSED, nonce: west.nonce() });
    expect(await waiting).toMatchObject({
      type: 'claim-refused',
      message: expect.stringContaining('the other one answered'),
    });
    expect(west.sync.status()).toMatchObject({ state: 'fenced', problem: { type: 'second-copy' } });
    expect(done).toEqual(['claim']);
    await west.sync.stop();
  });

  it('goes on when whoever asked does not wait any longer', async () => {
    const { west, claimed } = await fenced();
    west.down('broker gone');
    const waiting = claimed(1_000);
    await settled();
    await west.clock.pass(1_000);
    expect(await waiting).toMatchObject({ type: 'sync-incomplete' });
    await west.up();
    expect(west.kinds()).toEqual(['hello']);
    await west.sync.stop();
  });

  it('is for a fenced office that is not paused', async () => {
    const { west, claimed, done } = await fenced();
    await west.sync.pause();
    expect(await claimed()).toMatchObject({ type: 'sync-paused' });
    expect(done).toEqual([]);
    await west.sync.stop();
  });

  it('goes on in the next process', async () => {
    const west = office({}, 'claiming');
    await west.up();
    expect(west.kinds()).toEqual(['hello']);
    expect(west.sync.status()).toMatchObject({ state: 'claiming' });
    await west.sync.stop();
  });
});

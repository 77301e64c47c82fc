import { LIMITS } from '../../domain/sync/limits.ts';
import { point } from './sync-branch-story.ts';
import { HeadStory, LIVE, OTHER, connected } from './sync-head-story.ts';

describe('what a fenced copy hands over', () => {
  const stranded = { kind: 'stranded', common: point(3), events: [new Uint8Array([1])] } as const;

  it('goes to the live copy, in an epoch of its own', () => {
    const story = connected();
    const [declare, grant] = story.hears(stranded, OTHER);
    expect(declare).toEqual({ do: 'declare', instance: 'i2', subscribe: null });
    const { common, events } = stranded;
    const adopt = { kind: 'adopt' as const, nonce: 'n1', from: 'i2/n2', common, events };
    expect(grant).toEqual({ do: 'grant', session: LIVE, adopt });
    const granted = story.when({
      on: 'granted',
      session: LIVE,
      epoch: 4,
      adopt,
    });
    expect(granted).toEqual([{ do: 'send', to: 'i1', message: { ...adopt, epoch: 4 } }]);
  });

  it('is taken when the live copy has it', () => {
    const [, taken] = [null, ...connected().hears({ kind: 'adopted', from: 'i2/n2' })];
    expect(taken).toEqual({ do: 'send', to: 'i2', message: { kind: 'stranded-taken', nonce: 'n2' } });
  });

  it('stays with it when no other copy is alive: it is the office again', () => {
    expect(new HeadStory().hears(stranded, OTHER)).toMatchObject([
      { do: 'declare', instance: 'i2', subscribe: null },
      { do: 'send', to: 'i2', message: { kind: 'greet-again', nonce: 'n2' } },
    ]);
  });

  it('stays with it when the live copy was not heard for the time of a lease', () => {
    const story = connected();
    story.ports.pass(LIMITS.leaseMs - 1);
    expect(story.hears(stranded, OTHER)).toMatchObject([{ do: 'declare' }, { do: 'grant' }]);
    story.ports.pass(1);
    expect(story.hears(stranded, OTHER)).toMatchObject([
      { do: 'declare' },
      { do: 'send', to: 'i2', message: { kind: 'greet-again' } },
    ]);
  });

  it('stays with it when the live copy has left', () => {
    const story = connected();
    story.hears({ kind: 'bye' });
    expect(story.hears(stranded, OTHER).at(-1)).toMatchObject({ message: { kind: 'greet-again' } });
  });

  it('is nothing from the live copy itself', () => {
    expect(connected().hears(stranded, { ...LIVE, nonce: 'n9' })).toEqual([]);
  });

  it('does not make the fenced copy the live one', () => {
    const story = connected();
    story.hears(stranded, OTHER);
    expect(story.state).toMatchObject(LIVE);
  });
});

describe('what a branch returns to a restored head', () => {
  it('is taken when the last of it is in', () => {
    const story = connected();
    expect(story.when({ on: 'returned-applied', session: LIVE, number: 1, end: false })).toEqual([]);
    expect(story.when({ on: 'returned-applied', session: LIVE, number: 2, end: true })).toEqual([
      { do: 'send', to: 'i1', message: { kind: 'returned-taken', nonce: 'n1' } },
    ]);
  });

  it('is not taken from another session', () => {
    const page = { kind: 'returned', number: 1, events: [], end: true } as const;
    expect(connected().hears(page, OTHER)).toMatchObject([{ message: { kind: 'greet-again' } }]);
  });

  it('is not taken by a head that has started since: it may be one that was restored, and need all of it', () => {
    const page = { kind: 'returned', number: 1, events: [], end: true } as const;
    const effects = new HeadStory().hears(page);
    expect(effects).not.toContainEqual(expect.objectContaining({ do: 'apply-returned' }));
    expect(effects.at(-1)).toMatchObject({ message: { kind: 'greet-again' } });
  });

  it('is not taken when a part of it got lost on the way', () => {
    const story = connected();
    const page = (number: number) => ({ kind: 'returned', number, events: [], end: number === 3 }) as const;
    expect(story.hears(page(1))).toMatchObject([{ do: 'apply-returned', number: 1 }]);
    story.when({ on: 'returned-applied', session: LIVE, number: 1, end: false });
    expect(story.hears(page(3))).toEqual([]);
    expect(story.hears(page(1))).toMatchObject([{ do: 'apply-returned', number: 1 }]); // once more does no harm
    expect(story.hears(page(2))).toMatchObject([{ do: 'apply-returned', number: 2 }]);
  });
});

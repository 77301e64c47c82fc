import fc from 'fast-check';
import { type Addition, CountingWorld } from './counting-world.ts';

type Act =
  | { readonly do: 'add'; readonly addition: Addition }
  | { readonly do: 'again'; readonly pick: number }
  | { readonly do: 'up' | 'down' | 'rule' | 'back-up' }
  | { readonly do: 'restore'; readonly pick: number };

const adds = fc.integer({ min: -5, max: 5 }).filter((pieces) => pieces !== 0);
const addition: fc.Arbitrary<Addition> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: fc.constant('west' as const), adds, key: fc.constant('') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      at: fc.constant('west' as const),
      adds,
      key: fc.constant(''),
      shelf: fc.constantFrom('A', 'B'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('west' as const), adds }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constant('head' as const), adds }) },
);

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), addition }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('again' as const), pick: fc.nat() }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('up', 'down', 'rule', 'back-up' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), pick: fc.nat() }) },
  ),
  { minLength: 4, maxLength: 30 },
) as fc.Arbitrary<Act[]>;

/** Every key is another one. */
function numbered(addition: Addition, number: number): Addition {
  return addition.key === undefined ? addition : { ...addition, key: `key ${number}` };
}

async function played(story: readonly Act[]): Promise<CountingWorld> {
  const world = new CountingWorld();
  await world.begin();
  const additions: Addition[] = [];
  for (const act of story) {
    const keyed = additions.filter(({ key }) => key !== undefined);
    switch (act.do) {
      case 'add':
        additions.push(numbered(act.addition, additions.length));
        await world.asks(additions.at(-1)!);
        break;
      case 'again':
        if (keyed.length > 0) await world.asks(keyed[act.pick % keyed.length]!);
        break;
      case 'restore':
        world.restore(act.pick);
        break;
      case 'back-up':
        world.backUp();
        break;
      default:
        await world[act.do]();
    }
  }
  await world.settle();
  return world;
}

describe('a count, at a branch that is restored from backups and asked again for what it had forgotten', () => {
  it('comes out as the sum of what was acknowledged, each addition once, at both sides', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (story) => {
        const world = await played(story);
        expect(world.quantities).toEqual([world.total, world.total]);
      }),
      { numRuns: 120 },
    );
  });

  it('is not said to have seen what it had not, by way of what was asked again', async () => {
    const keyed = { at: 'west', adds: -2, key: 'till 7' } as const;
    const world = await played([
      { do: 'add', addition: { at: 'head', adds: 10 } },
      { do: 'down' },
      { do: 'add', addition: keyed },
      { do: 'up' },
      { do: 'restore', pick: 0 },
      { do: 'again', pick: 0 },
      { do: 'add', addition: { at: 'west', adds: -1 } },
      { do: 'add', addition: { at: 'head', adds: 5 } },
    ]);
    expect(world.quantities).toEqual([1_012, 1_012]);
  });
});

import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { DomainError } from '../../domain/errors.ts';
import type { DomainEvent, JsonObject, LoggedEvent } from '../../domain/event.ts';
import { renamedId } from '../../domain/sync/repair.ts';
import { createLedger } from '../../mixins/ledger/create-ledger.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { Acknowledgements } from './checkers/acknowledgements.ts';
import { flawsOfRefusal, flawsOfSilence } from './checkers/can-append.ts';
import { FeedLives } from './checkers/feed-lives.ts';
import { checkFolds } from './checkers/folds.ts';
import { checkGapFree } from './checkers/gap-free.ts';
import { Histories } from './checkers/histories.ts';
import { beyond, sameContent } from './checkers/one-request.ts';
import { SecondEvents } from './checkers/second-events.ts';
import { checkShown } from './checkers/shown.ts';
import { WideSum } from './checkers/wide-sum.ts';
import { type DiskCommit, MemoryDisk } from './memory-store.ts';
import type { Operation } from './oracle.ts';
import type { Scene } from './scene.ts';

const FIELDS = { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 1, cost: '1', tax: '0' };

/** A branch that has sold three times, and its last commit. */
async function sold(): Promise<{ disk: MemoryDisk; last: DiskCommit }> {
  const disk = new MemoryDisk('west', 'branch');
  const commits: DiskCommit[] = [];
  disk.onCommit = (commit) => commits.push(commit);
  const store = disk.open();
  const ledger = createLedger({
    store,
    office: 'west',
    role: 'branch',
    ports: machinePorts,
    program: 'test',
  });
  for (const entityId of ['one', 'two', 'three']) {
    const command = { type: 'record' as const, dataset: 'sales', scope: 'west', entityId, fields: FIELDS };
    await ledger.submit({ command, actor: 'till' });
  }
  return { disk, last: commits.at(-1)! };
}

describe('every commit', () => {
  it('is well while nothing is missing', async () => {
    const { disk, last } = await sold();
    expect(checkGapFree(disk, last)).toEqual([]);
  });

  it('is found out when an event before it is missing', async () => {
    const { disk, last } = await sold();
    disk.tables.events.remove(disk.tables.events.at(2)!);
    expect(checkGapFree(disk, last)).toEqual(['2 events of west go up to 3', 'west:2 is missing']);
  });

  it('is found out when an event is not what was hashed', async () => {
    const { disk, last } = await sold();
    const row = disk.tables.events.at(3)!;
    disk.tables.events.replace({ ...row, bytes: row.bytes.slice(1) });
    expect(checkGapFree(disk, last)).toEqual(['the chain of west breaks at west@1:3']);
  });
});

describe('what is folded', () => {
  const NAME = 'sales\nwest\ntwo';
  const flawsOf = (disk: MemoryDisk): string[] => {
    const scene = { sites: () => [{ name: 'west', disk, program: BUILT_IN }] } as unknown as Scene;
    const histories = new Histories();
    return [...checkFolds(scene, histories), ...checkShown(scene, histories)];
  };
  const spoilt = async (spoil: (disk: MemoryDisk) => void): Promise<string[]> => {
    const { disk } = await sold();
    spoil(disk);
    return flawsOf(disk);
  };

  it('is well while it is what the events say', async () => {
    expect(flawsOf((await sold()).disk)).toEqual([]);
  });

  it('is found out when a state, a row or a digest is not', async () => {
    const state = await spoilt(({ tables: { entities } }) => {
      const kept = entities.get(NAME)!;
      entities.set(NAME, { ...kept, state: kept.state.replace('Paper', 'Pens') });
    });
    const row = await spoilt(({ tables: { entities } }) => {
      const kept = entities.get(NAME)!;
      entities.set(NAME, { ...kept, row: { ...kept.row!, values: { ...kept.row!.values, qty: 2 } } });
    });
    const digest = await spoilt(({ tables: { digests } }) => {
      const [first, ...others] = digests.get('sales\nwest')!;
      digests.set('sales\nwest', [{ ...first!, count: 9 }, ...others]);
    });
    expect(state).toEqual([expect.stringMatching(/^west: "sales.nwest.ntwo" is kept as .* a fold gives/)]);
    expect(row).toEqual([
      expect.stringMatching(/^west: the row of/),
      'west: qty of two is shown as 2, due is 1',
    ]);
    expect(digest).toEqual([expect.stringMatching(/^west: the digest .* is not that of its log$/)]);
  });

  it('is found out when an entity is missing, or nobody wrote it', async () => {
    const missing = await spoilt(({ tables: { entities } }) => entities.delete(NAME));
    const invented = await spoilt(({ tables: { entities } }) =>
      entities.set('sales\nwest\nfour', { ...entities.get(NAME)!, row: null }),
    );
    expect(missing).toEqual(['west: "sales\\nwest\\ntwo" is missing']);
    expect(invented).toEqual(['west: "sales\\nwest\\nfour" is kept, but no event speaks of it']);
  });

  it('is added up modulo 2^256', () => {
    const sum = new WideSum();
    for (let i = 0; i < 3; i++) sum.add(new Uint8Array(32).fill(0xff));
    expect(sum.value()).toBe(2n ** 256n - 3n);
  });
});

describe('an acknowledgement', () => {
  it('of more than is safe at the head is found out', async () => {
    const { disk } = await sold();
    const watch = new Acknowledgements();
    watch.headHas(disk, disk.tables.events.inOrder());
    const { tail } = disk.reads.logRow();
    expect(watch.flawsOfClaim(disk, 'west', tail)).toEqual([
      'the head acknowledged west:3, but only 0 are safe there',
    ]);
  });

  it('that a branch believes must name its own event, and one that a head ever had', async () => {
    const { disk, last } = await sold();
    const acked = (hash: Uint8Array, seq = 3) => ({
      ...last,
      log: { ...last.log, acked: { epoch: 1, seq, hash } },
    });
    const { hash } = last.log.tail;
    const watch = new Acknowledgements();
    expect(watch.flawsOfCommit(disk, acked(new Uint8Array(32)))).toEqual([
      'takes west:3 for acknowledged, which it does not have',
    ]);
    expect(watch.flawsOfCommit(disk, acked(hash))).toEqual([
      'takes west@1:3 for acknowledged, which no head ever had',
    ]);
    watch.headHas(disk, disk.tables.events.inOrder());
    expect(watch.flawsOfCommit(disk, acked(hash))).toEqual([]);
  });

  it('goes back only when the head has said that it was restored', async () => {
    const { disk, last } = await sold();
    const watch = new Acknowledgements();
    watch.headHas(disk, disk.tables.events.inOrder());
    const at = (seq: number, feedEpoch: number): DiskCommit => {
      const { hash } = disk.tables.events.at(seq)!;
      const feed = { ...last.log.feed, feedEpoch };
      return { ...last, log: { ...last.log, acked: { epoch: 1, seq, hash }, feed } };
    };
    expect(watch.flawsOfCommit(disk, at(3, 1))).toEqual([]);
    expect(watch.flawsOfCommit(disk, at(2, 2))).toEqual([]);
    expect(watch.flawsOfCommit(disk, at(1, 2))).toEqual([
      'acknowledged was 2 and is 1, and no head said that it was restored',
    ]);
  });

  it('is not believed any more once the head has said that it was restored, and lost what it speaks of', async () => {
    const { disk, last } = await sold();
    const [restored, watch] = [new MemoryDisk('head', 'head'), new Acknowledgements()];
    const acked = (feedEpoch: number): DiskCommit => {
      const { feed, tail } = last.log;
      return { ...last, log: { ...last.log, acked: tail, feed: { ...feed, feedEpoch } } };
    };
    watch.headHas(disk, disk.tables.events.inOrder());
    watch.headRestored(disk, restored);
    watch.headHas(restored, []);
    expect(watch.flawsOfCommit(disk, acked(1))).toEqual([]);
    restored.tables.log.set('', { ...restored.reads.logRow(), feedEpoch: 2 });
    watch.headHas(restored, []);
    expect(watch.flawsOfCommit(disk, acked(2))).toEqual([
      'takes west:3 for acknowledged, which the head has lost, and has said so',
    ]);
  });
});

describe('an event with the id of another one', () => {
  const logged = (qty: number, seq: number): LoggedEvent => {
    const { name: dataset } = sales;
    const what = { dataset, scope: 'west', entityId: 'one', type: 'SaleAmended', version: 1, data: { qty } };
    const dot = { office: 'west', epoch: 1, seq };
    const event = { ...what, ...dot, id: 'asked-twice', at: '2026-04-01', actor: 'till', clock: {} };
    return { event, bytes: new Uint8Array(), hash: new Uint8Array(32).fill(seq) };
  };

  it('is called as a repair calls it, and is not repaired while it stands where it was written', async () => {
    const [{ disk }, seconds, second] = [await sold(), new SecondEvents(), logged(5, 3)];
    expect(sameContent(logged(2, 2).event, second.event)).toBe(false);
    seconds.note(logged(2, 2).event, second);
    expect(seconds.idOf(logged(2, 2))).toBe('asked-twice');
    expect(seconds.idOf(second)).toBe(renamedId(second, machinePorts));
    expect(seconds.areUnrepairedOn([disk])).toBe(false);
    disk.tables.events.replace({ ...disk.tables.events.at(3)!, ...second });
    expect(seconds.areUnrepairedOn([disk])).toBe(true);
  });
});

describe('two accounts of one request', () => {
  const amended = (data: JsonObject, dataset = 'stock'): DomainEvent => ({
    ...{ dataset, scope: 'west', entityId: 'one', type: 'StockAmended', version: 1, data },
    ...{ office: 'west', epoch: 1, seq: 2, id: 'asked-twice', at: '2026-04-01', actor: 'till', clock: {} },
  });

  it('are one event where they differ in what a count came to', () => {
    expect(beyond(amended({ quantity: 8 }), amended({ quantity: 7 }))).toBeNull();
    expect(beyond(amended({ quantity: 8, shelf: 'A' }), amended({ quantity: 7 }))).toBeNull();
    expect(sameContent(amended({ quantity: 8 }), amended({ quantity: 7 }))).toBe(true);
  });

  it('are two where the second changes something else, of which the count is no part any more', () => {
    const second = amended({ quantity: 7, shelf: 'A' });
    expect(beyond(amended({ quantity: 8 }), second)).toEqual({ ...second, data: { shelf: 'A' } });
    expect(beyond(amended({ reorderAt: 1 }), second)).toBe(second);
    expect(beyond(amended({ reorderAt: 1 }), amended({ reorderAt: 2 }))).toEqual(amended({ reorderAt: 2 }));
    expect(beyond(amended({ quantity: 8 }, 'sales'), amended({ quantity: 7 }, 'sales'))).not.toBeNull();
  });
});

describe('a head', () => {
  it('finds that it was restored once for each time that it was', () => {
    const lives = new FeedLives();
    const disk = new MemoryDisk('head', 'head');
    lives.restored(disk, disk.copy());
    expect(lives.flawsOfBeginning()).toEqual([]);
    expect(lives.flawsOfBeginning()).toHaveLength(1);
  });
});

describe('a command', () => {
  const operation = (faultAtMs: number): Operation =>
    ({
      number: 1,
      askedAtMs: 100,
      life: 1,
      site: { name: 'west', life: 1, isRunning: true, weather: { faultAtMs } },
    }) as unknown as Operation;

  it.each([
    ['database-unavailable', 100, 0],
    ['database-unavailable', 99, 1],
    ['too-many-waiting', 100, 1],
    ['office-fenced', 100, 1],
    ['unexpected', 100, 1],
    ['entity-waiting', 99, 0],
  ])('that is refused for %s, with a fault at %i, has %i flaws', (type, faultAtMs, flaws) => {
    expect(flawsOfRefusal(operation(faultAtMs), new DomainError(type, 'x'), false)).toHaveLength(flaws);
  });

  it('may be refused by a copy', () => {
    expect(flawsOfRefusal(operation(0), new DomainError('office-fenced', 'x'), true)).toEqual([]);
  });

  it('is answered while its database works', () => {
    expect(flawsOfSilence(operation(100))).toEqual([]);
    expect(flawsOfSilence(operation(99))).toHaveLength(1);
  });
});

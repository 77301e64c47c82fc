import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { CATALOGUE_KEY } from '../../domain/datasets/definitions.ts';
import { DomainError } from '../../domain/errors.ts';
import { createLedger } from '../../mixins/ledger/create-ledger.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { flawsOfRefusal } from './checkers/can-append.ts';
import { TakenUp } from './checkers/taken-up.ts';
import { VISITS } from './counters.ts';
import { type DiskCommit, MemoryDisk } from './memory-store.ts';
import type { Operation } from './oracle.ts';

const SITE = { name: 'head', program: BUILT_IN, weather: { faultAtMs: 0 } };

/** A head that has declared a dataset and written to it, and its commits. */
async function declared(): Promise<{ disk: MemoryDisk; commits: DiskCommit[] }> {
  const disk = new MemoryDisk('head', 'head');
  const commits: DiskCommit[] = [];
  disk.onCommit = (commit) => commits.push(commit);
  const common = { office: 'head', role: 'head', ports: machinePorts, program: 'test' } as const;
  const ledger = createLedger({ store: disk.open(), ...common });
  const changes = [{ kind: 'add-dataset' as const, declaration: VISITS }];
  const evolution = { type: 'evolve-dataset' as const, ...CATALOGUE_KEY, evolves: VISITS.name, changes };
  await ledger.submit({ command: evolution, actor: 'admin' });
  const visit = { type: 'record' as const, dataset: VISITS.name, scope: 'west', entityId: 'one' };
  const fields = { day: '2026-04-01', guests: 2 };
  await ledger.submit({ command: { ...visit, fields }, actor: 'till' });
  return { disk, commits };
}

describe('an event of a dataset that was declared', () => {
  /** As if the last commit had not known it. */
  const waiting = async () => {
    const { disk, commits } = await declared();
    const [before, last] = [commits.at(-2)!, commits.at(-1)!];
    const { position, event } = last.inserted[0]!;
    const { office, dataset, scope, entityId } = event;
    const why = { status: 'quarantined', reason: 'unknown-dataset', detail: '', sinceMs: 0 } as const;
    disk.tables.waiting.insert(position, { position, office, dataset, scope, entityId, ...why });
    return { disk, before, last };
  };

  it('does not wait where it was taken up before', async () => {
    const { disk, before, last } = await waiting();
    const watch = new TakenUp();
    watch.flawsOfCommit(SITE, disk, { ...before, log: last.log });
    expect(watch.flawsOfCommit(SITE, disk, last)).toEqual([
      expect.stringMatching(/^head@\d+:2 waits, though "visits" was taken up before$/),
    ]);
  });

  it('may wait where it comes with its declaration', async () => {
    const { disk, before, last } = await waiting();
    const watch = new TakenUp();
    watch.flawsOfCommit(SITE, disk, { ...before, log: { ...last.log, definitions: 0 } });
    expect(watch.flawsOfCommit(SITE, disk, last)).toEqual([]);
  });
});

describe('a command on a dataset that was declared', () => {
  const refused = (disk: MemoryDisk): string[] => {
    const site = { ...SITE, disk };
    const operation = { number: 1, askedAtMs: 100, site, command: { dataset: VISITS.name } };
    return flawsOfRefusal(
      operation as unknown as Operation,
      new DomainError('unknown-dataset', 'There is none'),
      false,
    );
  };

  it('is not refused where it was taken up', async () => {
    expect(refused((await declared()).disk)).toHaveLength(1);
  });

  it('may be refused where a restore has taken it back', () => {
    expect(refused(new MemoryDisk('head', 'head'))).toEqual([]);
  });
});

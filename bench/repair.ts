import { BUILT_IN } from '../domain/datasets/registry.ts';
import { START_OF_CHAIN } from '../domain/chain.ts';
import { createLedger, type OfficeLedger } from '../mixins/ledger/create-ledger.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import { createStore } from '../mixins/store/create-store.ts';
import { DATABASES, type Database } from './database.ts';
import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import { sampleSale } from './sample-sales.ts';

const SALES = 10_000;
const SALES_QUICK = 2_000;
const AT_ONCE = 1_000;

/** The log is locked for so long: an office that repairs sells nothing meanwhile. */
export const repairBenchmarks: readonly Benchmark[] = DATABASES.map((kind) => ({
  measures: [
    {
      name: `repair.${kind}`,
      what: `a fork of ${SALES} sales is mended on ${kind}: all of them are written again and folded anew`,
      unit: 's',
      goal: { atMost: 5 },
    },
  ],
  prepare: (setting) => prepare(setting, kind),
}));

async function prepare({ servers, quick, onEnd }: BenchSetting, kind: Database): Promise<Repetition> {
  const store = createStore({
    url: await servers.database(kind),
    office: 'bench',
    role: 'branch',
    datasets: BUILT_IN.all,
  });
  await store.open();
  const ledger = createLedger({ store, office: 'bench', role: 'branch', ports: machinePorts, program: '0' });
  onEnd(() => ledger.close());
  await sell(ledger, quick ? SALES_QUICK : SALES);
  return async () => [{ value: await repairWhole(ledger), limit: null }];
}

async function sell(ledger: OfficeLedger, count: number): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const sales = Array.from({ length: AT_ONCE }, (_, index) => ({
      command: {
        type: 'record' as const,
        dataset: 'sales',
        scope: ledger.office,
        entityId: `s${from + index}`,
        fields: { ...sampleSale(from + index) },
      },
      actor: 'bench',
    }));
    await ledger.submitAll(sales);
  }
}

/** As if the head had nothing of this log. In seconds. */
async function repairWhole(ledger: OfficeLedger): Promise<number> {
  const { tail } = await ledger.read.logRow();
  const started = performance.now();
  await ledger.branch.refork({
    common: START_OF_CHAIN,
    tail: [],
    end: START_OF_CHAIN,
    epoch: tail.epoch + 1,
  });
  return (performance.now() - started) / 1_000;
}

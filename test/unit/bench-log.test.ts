import { withPoint } from '../../bench/copy-database.ts';
import { sampleBatches } from '../../bench/sample-batch.ts';
import { sampleCommand, sampleEvents, saleId } from '../../bench/sample-log.ts';
import { sampleSale } from '../../bench/sample-sales.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { flawOfData } from '../../domain/datasets/validate.ts';
import { checkBatch } from '../../domain/sync/batch.ts';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';

const TOTAL = 16_000;

it('makes sales that the program accepts, and that differ', () => {
  const made = Array.from({ length: 5_000 }, (_, index) => sampleSale(index));
  for (const sale of made) expect(flawOfData(sales, { ...sale })).toBeNull();
  expect(new Set(made.map((sale) => JSON.stringify(sale))).size).toBe(5_000);
});

describe('the long log', () => {
  const commands = Array.from({ length: TOTAL }, (_, index) => sampleCommand(index, TOTAL));
  const share = (type: string) => commands.filter((command) => command.type === type).length / TOTAL;

  it('is 70% sales, 25% corrections, 5% voids', () =>
    expect([share('record'), share('amend'), share('void')]).toEqual([0.7, 0.25, 0.05]));

  it('begins with a fifth of nothing but sales', () =>
    expect(commands.findIndex(({ type }) => type !== 'record')).toBeGreaterThanOrEqual(TOTAL / 5));

  it('records every sale once, and changes only what was sold and is not voided', () => {
    const [recorded, voided] = [new Set<string>(), new Set<string>()];
    for (const { type, entityId } of commands) {
      expect(recorded.has(entityId)).toBe(type !== 'record');
      expect(voided.has(entityId)).toBe(false);
      if (type === 'record') recorded.add(entityId);
      if (type === 'void') voided.add(entityId);
    }
    expect(recorded.size).toBe(0.7 * TOTAL);
  });

  it('has ids that are all different, and the same in every run', () => {
    expect(new Set(Array.from({ length: 5_000 }, (_, sale) => saleId(sale))).size).toBe(5_000);
    expect(saleId(7)).toBe(saleId(7));
  });
});

describe('batches of sample events', () => {
  it('chain to each other as those of a branch do', () => {
    const batches = sampleBatches(sampleEvents(250), 100);
    let cursor = START_OF_CHAIN;
    for (const batch of batches) {
      const verdict = checkBatch(machinePorts, cursor, 1, batch);
      if (verdict.verdict !== 'fits') throw new Error(verdict.verdict);
      cursor = verdict.tail;
    }
    expect(cursor.seq).toBe(250);
    expect(batches.map(({ events }) => events.length)).toEqual([100, 100, 50]);
  });
});

it.each([
  [129_500n, 4, '12.9500'],
  [5n, 4, '0.0005'],
  [-129_500n, 4, '-12.9500'],
  [42n, 0, '42'],
])('shows %d with %d decimals as %s', (units, scale, text) => expect(withPoint(units, scale)).toBe(text));

import { describe, expect, it } from '@jest/globals';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { FewAlarms } from '../../mixins/sync/few-lines.ts';

const MINUTE_MS = 60_000;

function alarms() {
  const told: string[] = [];
  const time = { ms: 0 };
  const few = new FewAlarms({ ...machinePorts, elapsedMs: () => time.ms }, (text) => told.push(text));
  return { told, time, tell: (detail: string, type = 'link-unroutable') => few.tell({ type, detail }) };
}

describe('alarms', () => {
  it('that come again and again are told once in ten minutes, with their number', () => {
    const { told, time, tell } = alarms();
    for (; time.ms < 11 * MINUTE_MS; time.ms += 1_000) tell('no queue');
    expect(told).toEqual([
      'link-unroutable: no queue',
      'link-unroutable: no queue (599 more since the last line)',
    ]);
  });

  it('of another text or type are told', () => {
    const { told, tell } = alarms();
    tell('no queue');
    tell('no binding');
    tell('no queue', 'undecodable');
    expect(told).toHaveLength(3);
  });

  it('are all told again when those of which there were many are long past, with the number of these', () => {
    const { told, time, tell } = alarms();
    for (let i = 0; i < 12; i++) {
      tell(`message ${i}`);
      tell(`message ${i}`);
    }
    time.ms = 60 * MINUTE_MS;
    told.length = 0;
    tell('west');
    tell('east');
    expect(told).toEqual(['link-unroutable: west (12 more since the last line)', 'link-unroutable: east']);
  });

  it('of one type that differ each time do not fill the log, nor the memory', () => {
    const { told, tell } = alarms();
    for (let i = 0; i < 10_000; i++) tell(`message ${i}`);
    expect(told).toHaveLength(12);
    tell('another', 'undecodable');
    expect(told).toHaveLength(13);
  });

  it('that never end are told in the same number every ten minutes, and all are counted', () => {
    const { told, time, tell } = alarms();
    const seconds = 24 * 60 * 60;
    for (let second = 0; second < seconds; second++, time.ms += 1_000) tell(`message ${second}`);
    const more = told.map((line) => Number(/\((\d+) more/.exec(line)?.[1] ?? 0));
    const untold = seconds - told.length - more.reduce((sum, count) => sum + count, 0);
    expect(untold).toBeLessThan(600);
    const lastHour = 6 * 12;
    expect(told.length).toBeLessThanOrEqual(24 * lastHour);
    expect(told.length).toBeGreaterThan(20 * lastHour);
  });
});

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

  it('of one type that differ each time do not fill the log, nor the memory', () => {
    const { told, tell } = alarms();
    for (let i = 0; i < 10_000; i++) tell(`message ${i}`);
    expect(told).toHaveLength(12);
    tell('another', 'undecodable');
    expect(told).toHaveLength(13);
  });
});

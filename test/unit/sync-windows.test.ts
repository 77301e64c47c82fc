import { describe, expect, it } from '@jest/globals';
import { windowsOpen } from '../../mixins/sync/sync-windows.ts';

const at = (time: string) => Date.parse(`2026-07-01T${time}:00Z`);
const evening = { fromMinute: 20 * 60, toMinute: 22 * 60 };
const night = { fromMinute: 23 * 60, toMinute: 60 };

describe('sync windows', () => {
  it.each([
    ['19:59', false],
    ['20:00', true],
    ['21:59', true],
    ['22:00', false],
    ['22:59', false],
    ['23:00', true],
    ['00:59', true],
    ['01:00', false],
  ])('at %s UTC: open is %s', (time, open) => {
    expect(windowsOpen([evening, night], 'UTC')(at(time))).toBe(open);
  });

  it('go by the office’s own clock', () => {
    expect(windowsOpen([evening], 'Europe/Berlin')(at('18:30'))).toBe(true);
    expect(windowsOpen([evening], 'Europe/Berlin')(at('20:30'))).toBe(false);
  });

  it('are always open when there are none', () => {
    expect(windowsOpen([], 'UTC')(at('03:00'))).toBe(true);
  });
});

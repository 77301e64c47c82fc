import { describe, expect, it } from '@jest/globals';
import { isoDate } from '../../mixins/import/sheet-date.ts';

describe('isoDate', () => {
  it.each([
    ['4/1/2026', 'us', '2026-04-01'],
    ['4/1/2026', 'eu', '2026-01-04'],
    ['31.12.2026', 'eu', '2026-12-31'],
    ['2026-04-01', 'us', '2026-04-01'],
    ['4/1/2026', 'iso', '4/1/2026'],
    ['4/1/26', 'us', '4/1/26'],
  ] as const)('reads %s as %s: %s', (cell, order, expected) => {
    expect(isoDate(cell, order)).toBe(expected);
  });
});

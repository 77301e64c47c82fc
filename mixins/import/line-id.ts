import { toHex } from '../../domain/chain.ts';
import type { Hasher } from '../../domain/ports.ts';
import { encodeUtf8 } from '../../domain/utf8.ts';

/**
 * Ids for the lines of one sheet: the same for whoever reads it again, and in the order of the lines, so that databases
 * add them side by side in place of each somewhere else. UUIDv8: 32 bits of the sheet, 28 of the line, 58 of both.
 * `line` is at most 268,435,455; beyond that ids begin from the front, and are as different.
 */
export function lineIds(hasher: Hasher, sheet: readonly string[]): (line: number) => string {
  const hexOf = (parts: readonly string[]): string =>
    toHex(hasher.sha256(encodeUtf8(JSON.stringify(['import', ...parts]))));
  const first = hexOf(sheet).slice(0, 8);
  return (line) => {
    const place = line.toString(16).padStart(7, '0').slice(-7);
    const rest = hexOf([...sheet, String(line)]);
    const variant = ((Number.parseInt(rest[0]!, 16) & 0x3) | 0x8).toString(16);
    return `${first}-${place.slice(0, 4)}-8${place.slice(4)}-${variant}${rest.slice(1, 4)}-${rest.slice(4, 16)}`;
  };
}

import { toHex } from '../chain.ts';
import type { Hasher } from '../ports.ts';
import { encodeUtf8 } from '../utf8.ts';

/** A UUID made of what it names (version 8 of RFC 9562, SHA-256): whoever derives it gets the same one. */
export function derivedId(hasher: Hasher, parts: readonly string[]): string {
  const hex = toHex(hasher.sha256(encodeUtf8(JSON.stringify(parts))).subarray(0, 16));
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

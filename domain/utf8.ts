const ENCODER = new TextEncoder();
// Strict, and without swallowing a byte order mark: text and bytes stand for each other one to one.
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const SLAB_BYTES = 16 * 1024;
const SMALL_TEXT = 1024;
const MOST_BYTES_PER_UNIT = 3;
let slab = new Uint8Array(SLAB_BYTES);
let used = 0;

/**
 * UTF-8 of well-formed text. Small results are cut from a shared slab, since an array buffer for each event would
 * cost more than all the rest of encoding it: mind `byteOffset` when handing on `buffer`. No byte is used twice.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length > SMALL_TEXT) return ENCODER.encode(text);
  if (used + MOST_BYTES_PER_UNIT * text.length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += ENCODER.encodeInto(text, slab.subarray(start)).written;
  return slab.subarray(start, used);
}

/** @throws TypeError for bytes that are no UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

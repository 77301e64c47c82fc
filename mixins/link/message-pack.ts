import { Packr } from 'msgpackr';

/**
 * MessagePack, as much of it as messages need. The writer is msgpackr; the reader is our own, because what
 * arrives may be hostile: it knows no extension types (msgpackr's build functions, regular expressions and
 * cycles out of received bytes), it has a fixed depth, a declared length never allocates more than there are
 * bytes, and there is a limit to the number of values: 24 MiB of empty lists fit into a message of 1 KB, and would
 * take a gigabyte.
 */

const MAX_DEPTH = 8;
/** Several times what the largest message of ours has: a hand-over of 100,000 events. */
const MAX_VALUES = 1_000_000;
const packr = new Packr({ useRecords: false, variableMapSize: true });

export function pack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** Byte strings in the result are views into `bytes`. Throws a plain Error that says what is wrong and where. */
export function unpack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes follow the message`);
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  value(depth: number): unknown {
    if (++this.#values > MAX_VALUES) throw new Error(`more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw new Error(`nested more than ${MAX_DEPTH} deep`);
    const token = this.#uint8();
    if (token < 0x80) return token;
    if (token < 0x90) return this.#map(token & 0x0f, depth);
    if (token < 0xa0) return this.#list(token & 0x0f, depth);
    if (token < 0xc0) return this.#string(token & 0x1f);
    if (token >= 0xe0) return token - 0x100;
    return this.#tagged(token, depth);
  }

  #tagged(token: number, depth: number): unknown {
    switch (token) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#uint8());
      case 0xc5:
        return this.#binary(this.#uint16());
      case 0xc6:
        return this.#binary(this.#uint32());
      case 0xd9:
        return this.#string(this.#uint8());
      case 0xda:
        return this.#string(this.#uint16());
      case 0xdb:
        return this.#string(this.#uint32());
      case 0xdc:
        return this.#list(this.#uint16(), depth);
      case 0xdd:
        return this.#list(this.#uint32(), depth);
      case 0xde:
        return this.#map(this.#uint16(), depth);
      case 0xdf:
        return this.#map(this.#uint32(), depth);
      default:
        return this.#number(token);
    }
  }

  #number(token: number): number {
    switch (token) {
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xcc:
        return this.#uint8();
      case 0xcd:
        return this.#uint16();
      case 0xce:
        return this.#uint32();
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      default:
        throw new Error(`type 0x${token.toString(16)} at byte ${this.#at - 1} is not used in messages`);
    }
  }

  #take(length: number): number {
    if (length > this.remaining) throw new Error(`cut short: ${length} bytes expected at byte ${this.#at}`);
    const from = this.#at;
    this.#at += length;
    return from;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  #uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  #binary(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  #string(length: number): string {
    const from = this.#take(length);
    return this.#text.toString('utf8', from, from + length);
  }

  #list(length: number, depth: number): unknown[] {
    if (length > this.remaining) throw new Error(`a list of ${length} in ${this.remaining} bytes`);
    if (length > MAX_VALUES) throw new Error(`a list of ${length}`);
    return Array.from({ length }, () => this.value(depth + 1));
  }

  #map(length: number, depth: number): Record<string, unknown> {
    if (2 * length > this.remaining) throw new Error(`a map of ${length} in ${this.remaining} bytes`);
    const map: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' || key === '__proto__')
        throw new Error(`${String(key)} is no name of a field`);
      map[key] = this.value(depth + 1);
    }
    return map;
  }
}

const WORDS = 8;
const MODULUS = 2n ** 256n;

/** A sum of hashes, each of which is a number of 32 bytes, modulo 2^256. Words add up exactly as long as there are fewer than 2^21. */
export class WideSum {
  readonly #words = new Float64Array(WORDS);

  add(bytes: Uint8Array): void {
    for (let word = 0, at = 0; word < WORDS; word++, at += 4)
      this.#words[word]! +=
        bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
  }

  value(): bigint {
    const sum = this.#words.reduce((total, word) => (total << 32n) + BigInt(word), 0n);
    return sum % MODULUS;
  }
}

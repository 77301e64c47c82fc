import { statfsSync } from 'node:fs';
import { DomainError } from '../../domain/errors.ts';
import type { EventRow } from './store.ts';

const MIB = 1024 * 1024;
/** So long a refusal by a database whose disk cannot be measured counts, unless something is written meanwhile. */
const REFUSAL_COUNTS_MS = 15_000;

export interface DiskRoomOptions {
  readonly office: string;
  /** The database for messages. */
  readonly shown: string;
  /** Of the file; null for a server, whose disk nobody here can measure. */
  readonly folder: string | null;
  readonly reserveBytes: number;
  /** Told each change: why nothing more is written, and null when there is room again. */
  readonly onChange: (problem: string | null) => void;
}

/**
 * Keeps a part of the disk free, so that a full one stops selling and nothing else: own events need the whole reserve
 * to be left, those of others half of it. What is below that is for what adds no event: acknowledgements, sessions,
 * the checkpoint of SQLite's write-ahead log. A server's disk is its own affair: there only its refusal is known.
 */
export class DiskRoom {
  readonly #options: DiskRoomOptions;
  #refusal: { readonly problem: string; readonly atMs: number } | null = null;
  #told: string | null = null;

  constructor(options: DiskRoomOptions) {
    this.#options = options;
  }

  /** @throws DomainError `disk-full` */
  assertFor(rows: readonly EventRow[]): void {
    const { office, shown, reserveBytes } = this.#options;
    const isOwn = rows.some(({ event }) => event.office === office);
    const neededBytes = isOwn ? reserveBytes : reserveBytes / 2;
    const freeBytes = this.#freeBytes();
    if (freeBytes === null || freeBytes >= neededBytes) return;
    throw new DomainError('disk-full', shortOf(shown, freeBytes, reserveBytes), {
      database: shown,
      freeBytes,
      reserveBytes,
    });
  }

  /** A transaction came to nothing for want of room. */
  refused(problem: string): void {
    this.#refusal = { problem, atMs: performance.now() };
    this.problem();
  }

  /** Events were written. */
  served(): void {
    this.#refusal = null;
    this.problem();
  }

  /** Why this office can append nothing now; null when nothing is known against it. */
  problem(): string | null {
    const problem = this.#measured() ?? this.#reported();
    if ((problem === null) !== (this.#told === null)) this.#options.onChange(problem);
    this.#told = problem;
    return problem;
  }

  #measured(): string | null {
    const { shown, reserveBytes } = this.#options;
    const freeBytes = this.#freeBytes();
    return freeBytes === null || freeBytes >= reserveBytes ? null : shortOf(shown, freeBytes, reserveBytes);
  }

  #reported(): string | null {
    if (this.#refusal === null) return null;
    const isOld = performance.now() - this.#refusal.atMs > REFUSAL_COUNTS_MS;
    // Where it can be measured there is room by now.
    return isOld || (this.#freeBytes() ?? 0) > this.#options.reserveBytes ? null : this.#refusal.problem;
  }

  #freeBytes(): number | null {
    return this.#options.folder === null ? null : freeBytesOf(this.#options.folder);
  }
}

/** For whoever is not root; null where that cannot be told. Some microseconds. */
export function freeBytesOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function shortOf(shown: string, freeBytes: number, reserveBytes: number): string {
  return (
    `The disk of ${shown} is nearly full: ${mib(freeBytes)} MiB are free, and DISK_RESERVE_MB keeps ` +
    `${mib(reserveBytes)} MiB for what must still be written. Free some space: selling goes on by itself`
  );
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0);
}

import type { Ports } from '../../domain/ports.ts';

/** Where the ends of the link tell what happens to them. */
export interface LinkJournal {
  info(text: string): void;
  warn(text: string): void;
}

/** How the link stands; `key` tells one standing from another, whatever its text. */
export interface Standing {
  readonly key: string;
  readonly level: 'info' | 'warn';
  readonly text: string;
}

export const SILENT: LinkJournal = { info: () => {}, warn: () => {} };

const WINDOW_MS = 60_000;
const LINES_PER_WINDOW = 6;

/** One line for each change, but a line that flaps must not fill the log: then only how it stands, now and again. */
export class FewLines {
  readonly #ports: Ports;
  readonly #journal: LinkJournal;
  #told = '';
  #seen = '';
  #changes = 0;
  #atMs: number[] = [];

  constructor(ports: Ports, journal: LinkJournal) {
    this.#ports = ports;
    this.#journal = journal;
  }

  /** Called again and again with the same standing: what is not told now is told when there is room. */
  tell(standing: Standing | null): void {
    if (standing === null) return;
    const { key, level, text } = standing;
    if (key !== this.#seen) this.#changes += 1;
    this.#seen = key;
    const isKnown = key === this.#told && this.#changes === 0; // or it went and came back untold
    if (isKnown || !this.#hasRoom()) return;
    const more = this.#changes > 1 ? ` (${this.#changes} changes since the last line)` : '';
    this.#told = key;
    this.#changes = 0;
    this.#journal[level](text + more);
  }

  /** Beside a standing that was told. */
  add(text: string): void {
    if (this.#seen === this.#told && this.#hasRoom()) this.#journal.info(text);
  }

  #hasRoom(): boolean {
    const nowMs = this.#ports.elapsedMs();
    this.#atMs = this.#atMs.filter((atMs) => nowMs - atMs < WINDOW_MS);
    if (this.#atMs.length >= LINES_PER_WINDOW) return false;
    this.#atMs.push(nowMs);
    return true;
  }
}

const AGAIN_MS = 600_000;
const ALARMS_PER_TYPE = 12;

interface Alarm {
  readonly type: string;
  readonly detail: string;
}

interface Told {
  /** By text, those of the last ten minutes: when it was told, and how often it came since. */
  readonly lines: Map<string, { readonly atMs: number; untold: number }>;
  /** Those that were told with no line of their own. */
  untold: number;
}

/** An alarm is told when it comes; the same one again, or many of one type, once in ten minutes, with their number. */
export class FewAlarms {
  readonly #ports: Ports;
  readonly #tell: (text: string) => void;
  readonly #types = new Map<string, Told>();

  constructor(ports: Ports, tell: (text: string) => void) {
    this.#ports = ports;
    this.#tell = tell;
  }

  tell({ type, detail }: Alarm): void {
    const nowMs = this.#ports.elapsedMs();
    const told = this.#recent(type, nowMs);
    const text = `${type}: ${detail}`;
    const known = told.lines.get(text);
    if (known !== undefined) {
      known.untold += 1;
    } else if (told.lines.size >= ALARMS_PER_TYPE) {
      told.untold += 1;
    } else {
      this.#tell(told.untold > 0 ? `${text} (${told.untold} more since the last line)` : text);
      told.untold = 0;
      told.lines.set(text, { atMs: nowMs, untold: 0 });
    }
  }

  /** What is long past is forgotten, but for its number. */
  #recent(type: string, nowMs: number): Told {
    const told = this.#types.get(type) ?? { lines: new Map(), untold: 0 };
    this.#types.set(type, told);
    for (const [text, { atMs, untold }] of told.lines) {
      if (nowMs - atMs < AGAIN_MS) continue;
      told.untold += untold;
      told.lines.delete(text);
    }
    return told;
  }
}

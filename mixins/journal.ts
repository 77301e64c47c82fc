import { Loggers } from 'moleculer';
import { pino } from 'pino';

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
type Write = (level: Level, words: readonly unknown[]) => void;

export interface JournalOptions {
  readonly office: string;
  /** One level, or one for each part of Moleculer, `**` for all the rest. */
  readonly level: string | Record<string, string>;
}

const LEVELS: readonly Level[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/**
 * Logs go to stderr, since stdout belongs to what a command answers: one readable line each for a person at a
 * terminal, JSON (pino) for everybody else.
 */
export class JournalLogger extends Loggers.Base<{ level?: Level }> {
  readonly #write: Write;

  constructor({ office, level }: JournalOptions) {
    super({ level: level as Level }); // its type knows nothing of levels by module, its code does
    this.#write = process.stderr.isTTY ? lineWriter(office) : jsonWriter(office);
  }

  override getLogHandler(bindings?: { mod: string }) {
    const most = LEVELS.indexOf(this.getLogLevel(bindings?.mod ?? '') as Level);
    return (type: string, words: unknown[]) => {
      if (LEVELS.indexOf(type as Level) <= most) this.#write(type as Level, words);
    };
  }
}

function lineWriter(office: string): Write {
  return (level, words) => {
    const time = new Date().toISOString().slice(11, 19);
    process.stderr.write(
      `${time} ${level.toUpperCase().padEnd(5)} ${office}: ${words.map(textOf).join(' ')}\n`,
    );
  };
}

function jsonWriter(office: string): Write {
  const options = { base: { office }, level: 'trace', timestamp: pino.stdTimeFunctions.isoTime };
  const log = pino(options, pino.destination(2));
  return (level, words) => log[level](words.map(textOf).join(' '));
}

function textOf(word: unknown): string {
  if (word instanceof Error) return word.stack ?? word.message;
  return typeof word === 'string' ? word : JSON.stringify(word);
}

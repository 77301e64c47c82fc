import { createInterface } from 'node:readline/promises';
import { DomainError } from '../domain/errors.ts';
import { type OutputOptions, say } from './output.ts';

/**
 * Has a person type a word before what cannot be undone.
 * @throws DomainError `not-confirmed`, also where no person is there to be asked
 */
export async function confirm(word: string, consequences: string, { json }: OutputOptions): Promise<void> {
  if (json === true || !process.stdin.isTTY) {
    if (json !== true) say(consequences);
    const advice = 'Nobody can be asked here: repeat it with --yes if that is meant';
    const message = json === true ? `${consequences}\n${advice}` : advice;
    throw new DomainError('not-confirmed', message, { expected: '--yes' });
  }
  say(consequences);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Type ${word} to go on: `).finally(() => terminal.close());
  if (answer.trim() !== word) throw new DomainError('not-confirmed', 'Nothing was done', { expected: word });
}

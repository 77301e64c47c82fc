import { errorType } from '../../domain/errors.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';
import { allEvents } from './ledger-checks.ts';
import { failureOf, type LedgerWorld } from './ledger-world.ts';

/** What no log may hold is refused with the same error by every database. */
export function refusalsContract(world: LedgerWorld): void {
  describe('what no log may hold', () => {
    const thing = (
      fields: Record<string, unknown>,
      changes: Record<string, unknown> = {},
    ): CommandSubmission => ({
      command: {
        dataset: 'things',
        scope: 'west',
        entityId: 't',
        type: 'record',
        fields,
        ...changes,
      } as Command,
      actor: 'anna',
    });
    const bad: [string, CommandSubmission, string][] = [
      ['NUL in a text', thing({ name: 'a\0b' }), 'invalid-input'],
      ['NUL in an id', thing({}, { entityId: 'a\0b' }), 'invalid-value'],
      ['NUL in a scope', thing({}, { scope: 'we\0st' }), 'not-your-scope'],
      ['NUL in the name of a dataset', thing({}, { dataset: 'th\0ings' }), 'unknown-dataset'],
      ['half a character in a text', thing({ name: 'a\ud800b' }), 'invalid-input'],
      ['half a character in an id', thing({}, { entityId: 'a\udc00' }), 'invalid-value'],
      ['a control character in an id', thing({}, { entityId: 'a\nb' }), 'invalid-value'],
      ['no id', thing({}, { entityId: '' }), 'invalid-value'],
      ['an id that is no text', thing({}, { entityId: 7 }), 'invalid-value'],
      ['an id that is too long', thing({}, { entityId: 'x'.repeat(129) }), 'invalid-value'],
      ['NaN', thing({ pieces: NaN }), 'invalid-input'],
      ['infinity', thing({ pieces: Infinity }), 'invalid-input'],
      ['infinity the other way, as a decimal', thing({ amount: -Infinity }), 'invalid-input'],
      ['an integer beyond the safe ones', thing({ pieces: 2 ** 53 }), 'invalid-input'],
      ['a fraction for an integer', thing({ pieces: 1.5 }), 'invalid-input'],
      ['a decimal with five places', thing({ amount: '1.00001' }), 'invalid-input'],
      [
        'a decimal with fifteen digits before the point',
        thing({ amount: '100000000000000' }),
        'invalid-input',
      ],
      ['a decimal that is none', thing({ amount: '1e3x' }), 'invalid-input'],
      ['a decimal whose double does not fit', thing({ amount: '99999999999999.9999' }), 'invalid-value'],
      ['the 30th of February', thing({ soldOn: '2026-02-30' }), 'invalid-input'],
      ['the year 0', thing({ soldOn: '0000-01-01' }), 'invalid-input'],
      ['the year 10000', thing({ soldOn: '10000-01-01' }), 'invalid-input'],
      ['a time without a zone', thing({ seenAt: '2026-04-01T09:30:00' }), 'invalid-input'],
      ['an unknown field', thing({ colour: 'red' }), 'invalid-input'],
      ['more than 2 MiB', thing({ order: '😀'.repeat(600_000) }), 'event-too-large'],
      ['nobody as its author', { ...thing({}), actor: '' }, 'invalid-value'],
      ['half a character in its author', { ...thing({}), actor: 'a\ud800' }, 'invalid-value'],
    ];

    it('is refused with the same error as everywhere, and leaves no trace', async () => {
      const { ledger } = await world.office();
      const outcomes = await ledger.submitAll(bad.map(([, submission]) => submission));
      const told = outcomes.map((outcome, index) => [
        bad[index]![0],
        outcome.ok ? 'accepted' : errorType(outcome.error),
      ]);
      expect(told).toEqual(bad.map(([what, , type]) => [what, type]));
      expect(await allEvents(ledger)).toEqual([]);
      expect(await ledger.submit(thing({ pieces: -0, amount: '-0.00' }))).toMatchObject({
        logged: { event: { data: { pieces: 0, amount: '0' } } },
      });
    });

    it('is refused as well when it comes alone', async () => {
      const { ledger } = await world.office();
      for (const [what, submission, type] of bad.slice(0, 9))
        expect([what, (await failureOf(ledger.submit(submission)))?.type]).toEqual([what, type]);
    });
  });
}

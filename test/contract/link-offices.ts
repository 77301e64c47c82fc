import type { UpMessage } from '../../domain/sync/messages.ts';
import { UP_MESSAGES } from './link-messages.ts';
import { answer, batch, numbersOf, range, run, typeOf, type Stage } from './link-world.ts';

/** What a link does with offices: each is itself, known or not. */
export function officesContract(stage: Stage): void {
  describe('an office', () => {
    it('cannot write as another', async () => {
      const { head, branch } = await stage.startPair('west');
      await branch.link.send(batch(1, 'east'));
      await branch.link.send(batch(2, 'west'));
      expect(numbersOf(await head.heard.until(1))).toEqual([2]);
      expect(head.heard.problems).toMatchObject([{ type: 'undecodable', office: 'west' }]);
    });

    it('that nobody declared is heard and answered', async () => {
      const head = await stage.startHead();
      await head.heard.untilUp();
      const stranger = await stage.startBranch('stranger');
      await stranger.heard.untilUp();
      await stranger.link.send({ ...UP_MESSAGES[0]!, office: 'stranger' } as UpMessage);
      await head.heard.until(1);
      await head.link.sendControl('stranger', answer(1));
      await head.link.sendControl('stranger', answer(2));
      expect(numbersOf(await stranger.heard.until(2))).toEqual([1, 2]);
      await head.link.publishFeed(run(3, 'shared'));
      await head.link.sendControl('stranger', answer(4));
      expect(numbersOf(await stranger.heard.until(3))).toEqual([1, 2, 4]);
    });

    it('with two living copies: each gets the answers to itself', async () => {
      const head = await stage.startHead({ west: 'own' });
      await head.heard.untilUp();
      const copies = [await stage.startBranch('west', 'first'), await stage.startBranch('west', 'second')];
      await Promise.all(copies.map(({ heard }) => heard.untilUp()));
      await head.link.declareBranch('west', 'own', 'first');
      await head.link.declareBranch('west', null, 'second');
      for (const n of range(1, 10))
        await head.link.sendControl('west', answer(n), n % 2 ? 'first' : 'second');
      await Promise.all(copies.map(({ heard }) => heard.until(5)));
      expect(numbersOf(copies[0]!.heard.messages)).toEqual([1, 3, 5, 7, 9]);
      expect(numbersOf(copies[1]!.heard.messages)).toEqual([2, 4, 6, 8, 10]);
    });

    it.each(['all', 'shared', 'West', 'a b', '#'])('cannot be called %s', async (office) => {
      const head = await stage.startHead();
      expect(await typeOf(head.link.declareBranch(office, 'own'))).toBe('invalid-office-id');
      expect(() => stage.world.branch(office)).toThrow('No link can be made');
    });
  });
}

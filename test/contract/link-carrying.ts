import { MAX_MESSAGE_BYTES } from '../../mixins/link/envelope.ts';
import { UP_MESSAGES } from './link-messages.ts';
import { answer, batch, numbersOf, range, typeOf, type Stage } from './link-world.ts';

/** What a link carries: everything, as it was, in order. */
export function carryingContract(stage: Stage): void {
  describe('carries', () => {
    it('messages up, in the order sent, many under way at once', async () => {
      const { head, branch } = await stage.startPair();
      await Promise.all(range(1, 300).map((n) => branch.link.send(batch(n))));
      expect(numbersOf(await head.heard.until(300))).toEqual(range(1, 300));
    });

    it('answers down, in the order sent', async () => {
      const { head, branch } = await stage.startPair();
      await Promise.all(range(1, 300).map((n) => head.link.sendControl('west', answer(n))));
      expect(numbersOf(await branch.heard.until(300))).toEqual(range(1, 300));
    });

    it('every message as it was', async () => {
      const { head, branch } = await stage.startPair();
      for (const message of UP_MESSAGES) await branch.link.send(message);
      expect(await head.heard.until(UP_MESSAGES.length)).toStrictEqual(UP_MESSAGES);
    });

    it('5,000 small messages', async () => {
      const { head, branch } = await stage.startPair();
      for (let sent = 0; sent < 5_000; sent += 500)
        await Promise.all(range(sent + 1, sent + 500).map((n) => branch.link.send(batch(n))));
      expect(numbersOf(await head.heard.until(5_000))).toEqual(range(1, 5_000));
    });

    it('nothing larger than brokers take', async () => {
      const { branch } = await stage.startPair();
      const noise = (): Uint8Array => crypto.getRandomValues(new Uint8Array(65_536));
      const large = { ...batch(1), events: Array.from({ length: MAX_MESSAGE_BYTES / 65_536 }, noise) };
      expect(await typeOf(branch.link.send(large))).toBe('message-too-large');
      await branch.link.send(batch(2));
    });
  });
}

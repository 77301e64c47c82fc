import { eventually } from '../harness/wait.ts';
import { answer, batch, gate, numbersOf, range, typeOf, type Stage } from './link-world.ts';

const openHandles = (): string[] =>
  process.getActiveResourcesInfo().filter((kind) => ['Timeout', 'TCPSocketWrap', 'Immediate'].includes(kind));

/** What a link leaves behind when it stops: nothing. */
export function stopContract(stage: Stage): void {
  describe('stop', () => {
    it('waits for what is under way', async () => {
      const { head, branch } = await stage.startPair();
      const { passed, open } = gate();
      branch.heard.handle = () => passed;
      await head.link.sendControl('west', answer(1));
      await branch.heard.until(1);
      const sent = Promise.all(range(1, 50).map((n) => branch.link.send(batch(n))));
      const stopped = branch.link.stop();
      open();
      await Promise.all([sent, stopped]);
      expect(numbersOf(await head.heard.until(50))).toEqual(range(1, 50));
      const again = await stage.startBranch('west');
      await head.link.sendControl('west', answer(2));
      expect(numbersOf(await again.heard.until(1))).toEqual([2]);
    });

    it('leaves nothing behind, and nothing is told after it', async () => {
      const before = openHandles().length;
      const { head, branch } = await stage.startPair();
      await branch.link.send(batch(1));
      await head.heard.until(1);
      await Promise.all([head.link.stop(), branch.link.stop()]);
      const told = [head, branch].map(({ heard }) => [heard.downs.length, heard.problems.length]);
      expect(told).toEqual([
        [0, 0],
        [0, 0],
      ]);
      await eventually(() => expect(openHandles().length).toBeLessThanOrEqual(before));
      expect(await typeOf(branch.link.send(batch(2)))).toBe('link-unavailable');
    });

    it('leaves nothing behind while there is no broker', async () => {
      stage.world.cut();
      const before = openHandles().length;
      const head = await stage.startHead();
      const branch = await stage.startBranch('west');
      await Promise.all([head.link.stop(), branch.link.stop()]);
      await eventually(() => expect(openHandles().length).toBeLessThanOrEqual(before));
    });
  });
}

// Lines that stand, and carry nothing any more: nobody is told.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pair, forRun } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { sellers, stopSelling } from './seller.ts';
import { ShapedLine } from './shaped-line.ts';
import { logLines, sellMore, untilProblem } from './watch.ts';

/** How the offices name their connections; the whole line is both. */
const SILENT = [
  {
    what: 'both connections of a branch',
    words: 'branchline west',
    connections: 2,
    type: 'link-unavailable',
  },
  // It can send, and has to notice by the heartbeats that it misses.
  {
    what: 'the one on which a branch listens',
    words: 'branchline west (consume)',
    connections: 1,
    type: 'link-unavailable',
  },
  { what: 'both connections of the head', words: 'branchline head', connections: 2, type: 'head-silent' },
] as const;
const MOST_LINES = 12;

let broker: PrivateBroker;
let lines: ShapedLine[];
let company: Company;

beforeAll(async () => {
  broker = await PrivateBroker.start();
}, 120_000);

afterAll(() => broker.server.remove(), 60_000);

beforeEach(async () => {
  lines = [await ShapedLine.open(broker.url), await ShapedLine.open(broker.url)];
});

afterEach(async () => {
  await company.close();
  await Promise.all(lines.map((line) => line.close()));
}, 60_000);

describe('a line that goes silent', () => {
  it.each(SILENT.slice(0, forRun(3, 1)))(
    '$what: told, and made anew',
    async (fault) => {
      const { branch, head } = pair(fault.words.length);
      const [ofHead, ofWest] = lines.map((line) => ({ LINK_URL: line.through(broker.url) }));
      company = await Company.open({
        head: { database: head, settings: ofHead! },
        branches: { west: { database: branch, settings: ofWest! } },
        linkUrl: broker.url,
      });
      const west = company.office('west');
      const atWest = sellers(west, 2, 20);
      await sellMore(atWest, 50);
      const silenced = lines.map((line) => line.silence(fault.words));
      expect(silenced[0]! + silenced[1]!).toBe(fault.connections);
      await sellMore(atWest, 100);
      await untilProblem(west, fault.type);
      await sellMore(atWest, 100);
      await stopSelling(atWest);
      await reckon(company, 'west', atWest);
      for (const office of [west, company.head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
    },
    240_000,
  );
});

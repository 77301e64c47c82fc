// kill -9 of an office under load, at any moment.
import { afterEach, describe, it } from '@jest/globals';
import { eventually } from '../harness/wait.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pairs, forRun } from './pairs.ts';
import { answeredBy, sellers, stopSelling } from './seller.ts';

let company: Company;

afterEach(() => company.close(), 60_000);

describe.each(pairs(1))('a branch on $branch and a head on $head', ({ branch, head }) => {
  it('lose and double nothing when they are killed in the middle of a load', async () => {
    company = await Company.open({ head: { database: head }, branches: { west: { database: branch } } });
    const west = company.office('west');
    const atWest = sellers(west, 4);
    for (let round = 0; round < forRun(3, 1); round++) {
      for (const office of [west, company.head]) {
        const before = answeredBy(atWest);
        await eventually(() => {
          if (answeredBy(atWest) < before + 100) throw new Error('nothing is sold');
        }, 60_000);
        await office.kill();
        await office.start();
      }
    }
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
  }, 300_000);
});

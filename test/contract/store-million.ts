import type { DatabaseKind } from '../harness/environment.ts';
import { things, WITH } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

/** Made of digits, since sequences are MariaDB's and long recursions need a setting. */
const DIGITS = `(select 0 d union all select 1 union all select 2 union all select 3 union all select 4 union all
  select 5 union all select 6 union all select 7 union all select 8 union all select 9)`;
const MILLION_ON_MYSQL = `
  insert into things (scope, entity_id, entity_state, amount, pieces, created_at, updated_at, conflicted)
  select 'west', concat('m', n), '', (case when n % 3 = 0 then -1 else 1 end) * (99999999999999.9999 - n * 0.7919),
    9007199254740991 - n, now(), now(), 0
  from (select a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d as n
    from ${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${DIGITS} ${name}`).join(' cross join ')}) s`;

const SERIES: Record<DatabaseKind, string> = {
  sqlite: `with recursive s(n) as (select 0 union all select n + 1 from s where n < 999999)
    insert into things (scope, entity_id, entity_state, amount, pieces, created_at, updated_at, conflicted)
    select 'west', 'm' || n, '', (case when n % 3 = 0 then -1 else 1 end) * (999999999999999999 - n * 7919), 9007199254740991 - n, 't', 't', 0 from s`,
  postgresql: `insert into things (scope, entity_id, entity_state, amount, pieces, created_at, updated_at, conflicted)
    select 'west', 'm' || n, '', (case when n % 3 = 0 then -1 else 1 end) * (99999999999999.9999 - n * 0.7919), 9007199254740991 - n, now(), now(), false
    from generate_series(0, 999999) n`,
  mariadb: MILLION_ON_MYSQL,
  mysql: MILLION_ON_MYSQL,
};

/** What a store promises of sums over more rows than a test would write. */
export function millionContract(world: StoreWorld): void {
  describe('a million amounts', () => {
    it('are summed exactly, far beyond 64 bits', async () => {
      await (await world.raw()).run(SERIES[world.kind]);
      let [amount, count] = [0n, 0n];
      for (let n = 0n; n < 1_000_000n; n++) {
        amount += (n % 3n === 0n ? -1n : 1n) * (999999999999999999n - n * 7919n);
        count += 9007199254740991n - n;
      }
      const digits = amount.toString();
      const expected = `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
      expect(await world.store.read.sumRows(things, 'amount', WITH)).toBe(expected);
      expect(await world.store.read.sumRows(things, 'pieces', WITH)).toBe(count.toString());
    }, 120_000);
  });
}

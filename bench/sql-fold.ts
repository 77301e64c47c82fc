import pg from 'pg';

/** What PostgreSQL itself takes to fold a log of sales into a table, told in one statement. */
export interface SqlFold {
  /** Events a second, into a new table; the sales in it are counted. */
  run(): Promise<{ readonly rate: number; readonly sales: number }>;
  /** Sales that the program's own table shows differently. */
  differences(): Promise<number>;
  close(): Promise<void>;
}

const TABLE = `create table folded (scope text collate "C", entity_id text collate "C", sold_on date, product text,
  region text, qty bigint, cost numeric(18, 4), tax numeric(18, 4), amount numeric(18, 4), total numeric(18, 4),
  created_at timestamp(3), updated_at timestamp(3), deleted_at timestamp(3), primary key (scope, entity_id))`;

/** Later values win field by field, as in a log that one office wrote. */
const FOLD = `
  insert into folded
  select scope, entity_id, (data ->> 'soldOn')::date, data ->> 'product', data ->> 'region', qty, cost, tax,
    qty * cost, qty * cost + tax, created_at, updated_at, deleted_at
  from (
    select *, (data ->> 'qty')::bigint as qty, (data ->> 'cost')::numeric as cost, (data ->> 'tax')::numeric as tax
    from (
      select scope, entity_id, merged(event -> 'data' order by position) as data,
        min(at) as created_at, max(at) as updated_at, max(at) filter (where event ->> 'type' = 'SaleVoided') as deleted_at
      from (
        select scope, entity_id, position, json as event, left(json ->> 'at', 23)::timestamp as at
        from event, lateral (select convert_from(bytes, 'UTF8')::jsonb as json) parsed
        where dataset = 'sales' and status = 'applied'
      ) events
      group by scope, entity_id
    ) entities
  ) sales`;

const SHOWN = 'sold_on, product, region, qty, cost, tax, amount, total, created_at, updated_at, deleted_at';
const columns = (table: string): string => SHOWN.replaceAll(/(\w+)/g, `${table}.$1`);
const DIFFERENCES = `select count(*)::int as count from folded full join sales using (scope, entity_id)
  where (${columns('folded')}) is distinct from (${columns('sales')})`;

export async function openSqlFold(url: string): Promise<SqlFold> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `create or replace aggregate merged(jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}')`,
  );
  await client.query(`set work_mem = '256MB'`);
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from event where dataset = 'sales' and status = 'applied'`,
  );
  const events = Number(rows[0]!.count);
  const run = async () => {
    await client.query('drop table if exists folded');
    await client.query(TABLE);
    const startedMs = performance.now();
    const { rowCount } = await client.query(FOLD);
    const rate = (events * 1_000) / (performance.now() - startedMs);
    return { rate, sales: rowCount ?? 0 };
  };
  const close = async (): Promise<void> => {
    await client.query('drop table if exists folded');
    await client.end();
  };
  const differences = async (): Promise<number> =>
    (await client.query<{ count: number }>(DIFFERENCES)).rows[0]!.count;
  return { run, differences, close };
}

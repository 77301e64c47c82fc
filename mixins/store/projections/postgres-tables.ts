import type { Sql } from '../sql.ts';
import { quoted } from '../table.ts';

const OID = 'to_regclass(quote_ident(?))';

/** What others have made that belongs to a table, and would stay with it under whatever name. */
const STANDS_ON = `
  select distinct case d.classid
      when 'pg_rewrite'::regclass then (select 'view ' || ev_class::regclass from pg_rewrite where oid = d.objid)
      else pg_describe_object(d.classid, d.objid, 0)
    end as what
  from pg_depend d
  where d.refclassid = 'pg_class'::regclass and d.refobjid = ${OID} and d.deptype in ('n', 'a') and (
    d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_publication_rel'::regclass)
    or d.classid = 'pg_trigger'::regclass and not (select tgisinternal from pg_trigger where oid = d.objid)
    or d.classid = 'pg_constraint'::regclass and (select contype = 'f' from pg_constraint where oid = d.objid)
  )
  order by 1`;

const COLUMNS = `
  select attname, format_type(atttypid, atttypmod) as type from pg_attribute
  where attrelid = ${OID} and attnum > 0 and not attisdropped order by attname`;

/** To whom, and on which column; by those who own it nothing needs to be granted. */
const GRANTS = `
  select a.privilege_type, a.is_grantable, a.attname,
    case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
  from pg_class c cross join lateral (
    select null as attname, t.* from aclexplode(c.relacl) t
    union all
    select f.attname, t.* from pg_attribute f cross join lateral aclexplode(f.attacl) t where f.attrelid = c.oid
  ) a
  where c.oid = ${OID} and a.grantee <> c.relowner`;

export async function standsOn(sql: Sql, table: string): Promise<string[]> {
  return (await sql.all(STANDS_ON, [table])).map((row) => String(row['what']));
}

export async function hasSameColumns(sql: Sql, one: string, other: string): Promise<boolean> {
  const [a, b] = [await sql.all(COLUMNS, [one]), await sql.all(COLUMNS, [other])];
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Who may do what with one table may do it with the other, and nobody else. */
export async function copyGrants(sql: Sql, from: string, to: string): Promise<void> {
  for (const { grantee } of await sql.all(GRANTS, [to]))
    await sql.script(`revoke all on ${quoted(to)} from ${String(grantee)}`); // by default, to a new table
  for (const { privilege_type, is_grantable, attname, grantee } of await sql.all(GRANTS, [from])) {
    const column = attname === null ? '' : ` (${quoted(String(attname))})`;
    const option = is_grantable === true ? ' with grant option' : '';
    await sql.script(
      `grant ${String(privilege_type)}${column} on ${quoted(to)} to ${String(grantee)}${option}`,
    );
  }
}

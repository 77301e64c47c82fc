import type { Sql } from './sql.ts';

/** The columns that a table has; none when there is no such table. */
export async function tableColumns(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql.all(COLUMNS[sql.family], [table]);
  return rows.map((row) => String(row['name']));
}

/** The same with their types, as the database names them: `varchar(255)`, `numeric(18,4)`. */
export async function columnTypes(sql: Sql, table: string): Promise<Map<string, string>> {
  const rows = await sql.all(TYPES[sql.family], [table]);
  return new Map(rows.map((row) => [String(row['name']), String(row['type']).toLowerCase()]));
}

const MYSQL_TYPES =
  'select column_name as name, column_type as type from information_schema.columns ' +
  'where table_schema = database() and table_name = ? order by ordinal_position';
const TYPES = {
  sqlite: 'select name, type from pragma_table_info(?) order by cid',
  postgresql:
    'select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute ' +
    'where attrelid = to_regclass(quote_ident(?)) and attnum > 0 and not attisdropped order by attnum',
  mariadb: MYSQL_TYPES,
  mysql: MYSQL_TYPES,
};

const MYSQL =
  'select column_name as name from information_schema.columns ' +
  'where table_schema = database() and table_name = ? order by ordinal_position';
const COLUMNS = {
  sqlite: 'select name from pragma_table_info(?) order by cid',
  postgresql:
    'select column_name as name from information_schema.columns ' +
    'where table_schema = current_schema() and table_name = ? order by ordinal_position',
  mariadb: MYSQL,
  mysql: MYSQL,
};

/**
 * The server's bytewise collation in which trailing blanks count. It depends on the server and not on the URL: a
 * MySQL driver may well talk to a MariaDB.
 */
export async function textCollation(sql: Sql): Promise<string> {
  if (sql.family === 'sqlite' || sql.family === 'postgresql') return '';
  return (await isMariaDb(sql)) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
}

export async function isMariaDb(sql: Sql): Promise<boolean> {
  const [row] = await sql.all('select version() as version');
  return /mariadb/i.test(String(row?.['version']));
}

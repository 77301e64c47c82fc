import type { Sql } from './sql.ts';

/** The columns that a table has; none when there is no such table. */
export async function tableColumns(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql.all(COLUMNS[sql.family], [table]);
  return rows.map((row) => String(row['name']));
}

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
  const [row] = await sql.all('select version() as version');
  return /mariadb/i.test(String(row?.['version'])) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
}

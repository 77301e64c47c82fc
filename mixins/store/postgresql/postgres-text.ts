import type { Lookup } from '../sql.ts';
import { columnList, type ColumnKind, quoted, type Table } from '../table.ts';

/**
 * Statements for many rows take one array per column: the text is the same for any number of rows, so it stays
 * prepared, and no number of rows meets the limit of 65,535 parameters.
 */
const ARRAYS: Readonly<Record<ColumnKind, string>> = {
  integer: 'bigint[]',
  text: 'text[]',
  bytes: 'bytea[]',
  boolean: 'boolean[]',
  decimal: 'numeric[]',
  date: 'date[]',
  timestamp: 'timestamp[]',
};

function arrays(columns: readonly { readonly kind: ColumnKind }[]): string {
  return columns.map(({ kind }, index) => `$${index + 1}::${ARRAYS[kind]}`).join(', ');
}

export function insertText(table: Table): string {
  return `insert into ${quoted(table.name)} (${columnList(table)}) select * from unnest(${arrays(table.columns)})`;
}

export function upsertText(table: Table): string {
  const changes = table.columns
    .filter(({ name }) => !table.key.includes(name))
    .map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  return `${insertText(table)} on conflict (${table.key.map(quoted).join(', ')}) do update set ${changes.join(', ')}`;
}

function keys(key: Lookup['key']): string {
  return `unnest(${arrays(key)}) as k(${key.map((_, index) => `k${index + 1}`).join(', ')})`;
}

export function findText({ table, select, key, lock }: Lookup): string {
  const same = key.map(({ name }, index) => `t.${quoted(name)} = k.k${index + 1}`).join(' and ');
  const order = key.map(({ name }) => `t.${quoted(name)}`).join(', ');
  const locked = lock ? ` order by ${order} for update of t` : '';
  return `select ${select} from ${quoted(table)} t join ${keys(key)} on ${same}${locked}`;
}

export function byKeyText(text: string, key: Lookup['key']): string {
  const columns = key.map(({ name }) => quoted(name)).join(', ');
  const values = key.map((_, index) => `k.k${index + 1}`).join(', ');
  return `${text} (${columns}) in (select ${values} from ${keys(key)})`;
}

/** `?` becomes `$1`, `$2`, ...: our texts hold no literals in which a question mark could stand. */
export function numbered(text: string): string {
  let number = 0;
  return text.replaceAll('?', () => `$${++number}`);
}

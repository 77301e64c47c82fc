import type { Lookup } from '../sql.ts';
import { columnList, quoted, type Table } from '../table.ts';

export function insertText(table: Table, rows: number): string {
  const row = `(${table.columns.map(() => '?').join(', ')})`;
  return `insert into ${quoted(table.name)} (${columnList(table)}) values ${repeated(row, rows)}`;
}

export function upsertText(table: Table, rows: number): string {
  const changes = table.columns
    .filter(({ name }) => !table.key.includes(name))
    .map(({ name }) => `${quoted(name)} = values(${quoted(name)})`);
  return `${insertText(table, rows)} on duplicate key update ${changes.join(', ')}`;
}

export function findText({ table, select, key, lock }: Lookup, keys: number): string {
  const order = key.map(({ name }) => quoted(name)).join(', ');
  const locked = lock ? ` order by ${order} for update` : '';
  return `select ${select} from ${quoted(table)} where ${condition(key, keys)}${locked}`;
}

export function byKeyText(text: string, key: Lookup['key'], keys: number): string {
  return `${text} ${condition(key, keys)}`;
}

function condition(key: Lookup['key'], keys: number): string {
  if (key.length === 1) return `${quoted(key[0]!.name)} in (${repeated('?', keys)})`;
  return `(${key.map(({ name }) => quoted(name)).join(', ')}) in (${repeated(`(${key.map(() => '?').join(', ')})`, keys)})`;
}

function repeated(text: string, times: number): string {
  return Array.from({ length: times }, () => text).join(', ');
}

import { defineEntity, p } from '@mikro-orm/core';
import type { Columns } from './orm/columns.ts';

/** One row at most: the process that has this database to itself, or had it last. For people: a lock decides. */
export function processEntity(columns: Columns) {
  return defineEntity({
    name: 'Process',
    tableName: 'process',
    properties: {
      id: p.integer().primary().autoincrement(false).unsigned(false),
      host: columns.text(),
      pid: columns.count(),
      sinceMs: columns.count(),
    },
  });
}

import type { ChainPoint } from '../../../domain/chain.ts';
import type { SqlRow, SqlValue } from '../sql.ts';

/** Values as drivers give them, made one kind: 64-bit integers may come as text, flags as 0 and 1. */
export function integer(row: SqlRow, column: string): number {
  return Number(row[column]);
}

export function text(row: SqlRow, column: string): string {
  return row[column] as string;
}

export function flag(row: SqlRow, column: string): boolean {
  return Boolean(row[column]);
}

/** Drivers give Buffers, which are compared, printed and cloned otherwise than the arrays they are. */
export function bytes(row: SqlRow, column: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = row[column] as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function json<T>(row: SqlRow, column: string): T {
  return JSON.parse(text(row, column)) as T;
}

export function pointAt(row: SqlRow, prefix: string): ChainPoint {
  return {
    epoch: integer(row, `${prefix}_epoch`),
    seq: integer(row, `${prefix}_seq`),
    hash: bytes(row, `${prefix}_hash`),
  };
}

export function pointValues({ epoch, seq, hash }: ChainPoint): SqlValue[] {
  return [epoch, seq, hash];
}

import type { FieldType } from './dataset.ts';

/** 14 digits before the point: as many as a 64-bit integer holds exactly at 4 places. */
export const MONEY: FieldType = { kind: 'decimal', precision: 18, scale: 4 };

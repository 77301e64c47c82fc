import { NETWORK_AWAY, NETWORK_LOST } from '../network-trouble.ts';
import type { Trouble } from '../trouble.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AGAIN = new Set(['40P01', '40001', '55P03']);
const LOST = new Set([
  '57P01',
  '57P02',
  '25P03',
  '57P05',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '08007',
]);
const AWAY = new Set(['57P03', '57014', '25006', '58030']);
const DISK_FULL = '53100';
/** Insufficient resources: memory, connections. */
const AWAY_CLASS = '53';
/** Authorisation, unknown database, insufficient privilege. */
const REFUSED = new Set(['28000', '28P01', '3D000', '42501']);

/** The driver has no codes for these. */
const LOST_MESSAGE = /connection terminated|connection error and is not queryable|client was closed/i;
const AWAY_MESSAGE =
  /timeout exceeded when trying to connect|connection timeout|timeout expired|query read timeout/i;

export function diagnosePostgres(error: unknown): Trouble {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : '';
  if (AWAY_MESSAGE.test(text)) return 'away';
  if (typeof code !== 'string') return LOST_MESSAGE.test(text) ? 'lost' : 'defect';
  if (AGAIN.has(code)) return 'again';
  if (code === DISK_FULL) return 'full';
  if (LOST.has(code) || NETWORK_LOST.has(code)) return 'lost';
  if (AWAY.has(code) || NETWORK_AWAY.has(code) || code.startsWith(AWAY_CLASS)) return 'away';
  return REFUSED.has(code) ? 'refused' : 'defect';
}

import { NETWORK_AWAY, NETWORK_LOST } from '../network-trouble.ts';
import type { Trouble } from '../trouble.ts';

/** https://mariadb.com/kb/en/mariadb-error-codes/ */
const AGAIN = new Set([1213 /* deadlock */, 1205 /* lock wait timeout */, 1020 /* changed since read */]);
const LOST = new Set([
  1053 /* shutting down */, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927 /* killed */,
  2006, 2013, 3169, 4031,
]);
const FULL = new Set([1021 /* disk full */, 1114 /* table full */]);
/** Those of the engine and of files tell it in words only: ENOSPC is 28. */
const FULL_MESSAGE = /error 28\b|errcode: 28\b|no space left on device/i;
const AWAY = new Set([
  1040 /* too many connections */, 1041, 1203, 1226, 1290 /* read only */, 1792, 1836,
  1969 /* statement time */, 3024, 3032,
]);
const REFUSED = new Set([1044, 1045, 1049 /* unknown database */, 1142, 1227, 1251, 1698]);
const LOST_CODES = new Set(['PROTOCOL_CONNECTION_LOST', ...NETWORK_LOST]);
/** Who waited that long for an answer does not want to wait again. */
const AWAY_CODES = new Set(['PROTOCOL_SEQUENCE_TIMEOUT', ...NETWORK_AWAY]);
const LOST_MESSAGE = /closed state|connection lost|connection is closed/i;

export function diagnoseMysql(error: unknown): Trouble {
  const { errno, code, message } = error as { errno?: unknown; code?: unknown; message?: unknown };
  if (typeof code === 'string' && LOST_CODES.has(code)) return isConnecting(error) ? 'away' : 'lost';
  if (typeof code === 'string' && AWAY_CODES.has(code)) return 'away';
  if (typeof errno === 'number' && errno > 0) {
    const isFull = FULL.has(errno) || FULL_MESSAGE.test(String(message));
    return isFull ? 'full' : diagnoseNumber(errno);
  }
  return typeof message === 'string' && LOST_MESSAGE.test(message) ? 'lost' : 'defect';
}

function isConnecting(error: unknown): boolean {
  const { syscall } = error as { syscall?: unknown };
  return syscall === 'connect';
}

function diagnoseNumber(errno: number): Trouble {
  if (AGAIN.has(errno)) return 'again';
  if (LOST.has(errno)) return 'lost';
  if (AWAY.has(errno)) return 'away';
  return REFUSED.has(errno) ? 'refused' : 'defect';
}

import { z } from 'zod';
import { isOfficeId, OFFICE_ID_RULE } from '../domain/event.ts';
import { DomainError } from '../domain/errors.ts';
import { parseDatabaseUrl } from './store/database-url.ts';
import type { SyncWindow } from './sync/sync-windows.ts';

/** What a variable must be. Messages complete a sentence that begins with its name, and never repeat a URL. */

export const officeId = z.string('must be set, e.g. head or west').refine(isOfficeId, OFFICE_ID_RULE);

export const timeZone = z.string().refine(isTimeZone, 'must be a time zone such as Europe/London');

export const port = wholeNumber(0, 65_535);

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

export const databaseUrl = z.string().superRefine((url, context) => {
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    const expected = error instanceof DomainError ? error.data['expected'] : null;
    context.addIssue({ code: 'custom', message: String(expected ?? 'is not a database URL') });
  }
});

export const linkUrl = serverUrl(['amqp:', 'amqps:'], 'amqps://user:password@host:5671/vhost');
export const redisUrl = serverUrl(['redis:', 'rediss:'], 'redis://host:6379/0');
export const transporter = serverUrl(
  ['amqp:', 'amqps:', 'nats:', 'redis:', 'rediss:', 'mqtt:', 'mqtts:'],
  'amqp://user:password@host:5672',
);

function serverUrl(protocols: readonly string[], example: string) {
  return z.string().refine((text) => isServerUrl(text, protocols), `must look like ${example}`);
}

function isServerUrl(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || !protocols.includes(url.protocol)) return false;
  try {
    return decodeURIComponent(url.username + url.password + url.pathname) !== null;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

export const syncWindows = z.string().transform((text, context): SyncWindow[] => {
  const windows = text.split(',').map((part) => parseWindow(part.trim()));
  if (windows.every((window) => window !== null)) return windows;
  context.addIssue({
    code: 'custom',
    message: 'must be times of day such as 20:00-22:00, separated by commas',
  });
  return z.NEVER;
});

function parseWindow(text: string): SyncWindow | null {
  const parts = WINDOW.exec(text);
  if (parts === null) return null;
  const [fromHour, fromMinute, toHour, toMinute] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const window = { fromMinute: fromHour * 60 + fromMinute, toMinute: toHour * 60 + toMinute };
  return window.fromMinute === window.toMinute ? null : window;
}

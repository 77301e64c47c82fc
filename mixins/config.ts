import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import * as value from './config-values.ts';
import type { SyncWindow } from './sync/sync-windows.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const ENVIRONMENT = z.object({
  OFFICE_ID: value.officeId,
  OFFICE_ROLE: z.enum(['head', 'branch'], 'must be head or branch').default('branch'),
  OFFICE_NAME: z.string().max(200, 'must have at most 200 characters').optional(),
  OFFICE_TIMEZONE: value.timeZone.default(Intl.DateTimeFormat().resolvedOptions().timeZone),
  DATABASE_URL: value.databaseUrl.optional(),
  DATASETS_DIR: z.string().optional(),
  LINK_URL: value.linkUrl.optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: value.port.default(3000),
  REDIS_URL: value.redisUrl.optional(),
  TRANSPORTER: value.transporter.optional(),
  SYNC_MODE: z.enum(['auto', 'manual'], 'must be auto or manual').default('auto'),
  SYNC_WINDOWS: value.syncWindows.optional(),
  SUBSCRIBE: z.enum(['own', 'all'], 'must be own or all').default('own'),
  HEAD_PARTITIONS: value.wholeNumber(1, 64).default(1),
  DISK_RESERVE_MB: value.wholeNumber(0, 1_000_000).default(64),
  CONFLICT_ALARM_HOURS: value.wholeNumber(1, 87_600).default(24),
  RETENTION_DAYS: value.wholeNumber(1, 36_500).default(90),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

/** The settings of one office. */
export interface OfficeConfig {
  readonly office: string;
  readonly role: 'head' | 'branch';
  /** Shown to people. */
  readonly name: string;
  readonly timeZone: string;
  /** Holds a password; never shown. */
  readonly databaseUrl: string;
  /** Folder with declarations of datasets beside those of the program. */
  readonly datasetsDir: string | null;
  /** Holds a password; never shown. null: this office has no link. */
  readonly linkUrl: string | null;
  readonly host: string;
  /** 0: any free port. null: no gateway. */
  readonly port: number | null;
  readonly redisUrl: string | null;
  readonly transporter: string | null;
  readonly syncMode: 'auto' | 'manual';
  readonly syncWindows: readonly SyncWindow[];
  readonly subscribe: 'own' | 'all';
  readonly headPartitions: number;
  /** Of the disk under a SQLite file: kept free of new events. */
  readonly diskReserveBytes: number;
  /** Of the head: a conflict that waits longer for a person is told of. */
  readonly conflictAlarmHours: number;
  readonly retentionDays: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

export interface SettingProblem {
  readonly setting: string;
  /** Completes a sentence that begins with the setting's name. */
  readonly reason: string;
}

export const SETTINGS: readonly string[] = Object.keys(ENVIRONMENT.shape);

/**
 * Reads an office's settings out of environment variables; empty ones count as not set.
 * @throws DomainError `invalid-configuration`, whose data.problems lists everything that is wrong at once
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): OfficeConfig {
  const given = Object.entries(environment).filter(([name, text]) => SETTINGS.includes(name) && text !== '');
  const parsed = ENVIRONMENT.safeParse(Object.fromEntries(given));
  if (parsed.success) return configOf(parsed.data);
  throw invalidConfiguration(parsed.error.issues.map(problemOf));
}

export function invalidConfiguration(problems: readonly SettingProblem[]): DomainError {
  const lines = problems.map(({ setting, reason }) => `  ${setting} ${reason}`);
  return new DomainError('invalid-configuration', `The configuration is wrong:\n${lines.join('\n')}`, {
    problems,
  });
}

function problemOf(issue: z.core.$ZodIssue): SettingProblem {
  return { setting: String(issue.path[0]), reason: issue.message };
}

function configOf(env: z.output<typeof ENVIRONMENT>): OfficeConfig {
  return {
    office: env.OFFICE_ID,
    role: env.OFFICE_ROLE,
    name: env.OFFICE_NAME ?? env.OFFICE_ID,
    timeZone: env.OFFICE_TIMEZONE,
    databaseUrl: env.DATABASE_URL ?? `sqlite:data/${env.OFFICE_ID}.sqlite`,
    datasetsDir: env.DATASETS_DIR ?? null,
    linkUrl: env.LINK_URL ?? null,
    host: env.HOST,
    port: env.PORT,
    redisUrl: env.REDIS_URL ?? null,
    transporter: env.TRANSPORTER ?? null,
    syncMode: env.SYNC_MODE,
    syncWindows: env.SYNC_WINDOWS ?? [],
    subscribe: env.SUBSCRIBE,
    headPartitions: env.HEAD_PARTITIONS,
    diskReserveBytes: env.DISK_RESERVE_MB * 1024 * 1024,
    conflictAlarmHours: env.CONFLICT_ALARM_HOURS,
    retentionDays: env.RETENTION_DAYS,
    logLevel: env.LOG_LEVEL,
  };
}

import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../domain/errors.ts';
import { readConfig, type SettingProblem } from '../../mixins/config.ts';

type Environment = Readonly<Record<string, string>>;

function refusal(environment: Environment): DomainError {
  try {
    readConfig(environment);
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('it was accepted');
}

const settingsRefused = (environment: Environment) =>
  (refusal(environment).data['problems'] as SettingProblem[]).map(({ setting }) => setting);

describe('readConfig', () => {
  it('needs two variables for a head', () => {
    expect(readConfig({ OFFICE_ID: 'head', OFFICE_ROLE: 'head' })).toMatchObject({
      office: 'head',
      role: 'head',
      name: 'head',
      databaseUrl: 'sqlite:data/head.sqlite',
      linkUrl: null,
      host: '127.0.0.1',
      port: 3000,
      syncMode: 'auto',
      syncWindows: [],
      subscribe: 'own',
      headPartitions: 1,
      diskReserveBytes: 67_108_864,
      conflictAlarmHours: 24,
      retentionDays: 90,
      logLevel: 'info',
    });
  });

  it('reads every variable', () => {
    const config = readConfig({
      OFFICE_ID: 'west',
      OFFICE_NAME: 'West End',
      OFFICE_TIMEZONE: 'Europe/London',
      DATABASE_URL: 'mariadb://u:p@db/west',
      LINK_URL: 'amqps://u:p@broker:5671/shop',
      HOST: '0.0.0.0',
      PORT: '0',
      SYNC_MODE: 'manual',
      SYNC_WINDOWS: '20:00-22:00, 23:30-01:00',
      SUBSCRIBE: 'all',
      HEAD_PARTITIONS: '4',
      DISK_RESERVE_MB: '0',
      RETENTION_DAYS: '30',
      REDIS_URL: 'redis://cache',
      TRANSPORTER: 'amqp://u:p@broker',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({ role: 'branch', port: 0, syncMode: 'manual', headPartitions: 4 });
    expect(config.syncWindows).toEqual([
      { fromMinute: 1200, toMinute: 1320 },
      { fromMinute: 1410, toMinute: 60 },
    ]);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ OFFICE_ID: 'west', LINK_URL: '', PORT: '' })).toMatchObject({
      linkUrl: null,
      port: 3000,
    });
  });

  it('lists everything that is wrong at once', () => {
    const wrong = {
      OFFICE_ID: 'West End',
      OFFICE_ROLE: 'boss',
      OFFICE_TIMEZONE: 'Mars/Base',
      DATABASE_URL: 'oracle://h/d',
      LINK_URL: 'http://broker',
      PORT: '70000',
      SYNC_MODE: 'never',
      SYNC_WINDOWS: '20-22',
      SUBSCRIBE: 'some',
      HEAD_PARTITIONS: '0',
      DISK_RESERVE_MB: '1.5',
      RETENTION_DAYS: '-1',
      LOG_LEVEL: 'loud',
    };
    expect(settingsRefused(wrong)).toEqual(Object.keys(wrong));
  });

  it.each([{ OFFICE_ID: 'shared' }, { OFFICE_ID: 'x' }, { OFFICE_ID: '1st' }, {}])(
    'refuses %j as an office',
    (environment) => {
      expect(settingsRefused(environment as Environment)).toEqual(['OFFICE_ID']);
    },
  );

  it('never shows a password', () => {
    const { message, data } = refusal({
      OFFICE_ID: 'west',
      DATABASE_URL: 'oracle://u:hunter22@h/d',
      LINK_URL: 'htp://u:hunter22@broker',
      REDIS_URL: 'x://u:hunter22@h',
      TRANSPORTER: 'x://u:hunter22@h',
    });
    expect(message).toContain('LINK_URL');
    expect(message + JSON.stringify(data)).not.toContain('hunter22');
  });
});

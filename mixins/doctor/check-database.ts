import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { wallMsOf } from '../../domain/hlc.ts';
import type { QuarantineReport } from '../../domain/sync/messages.ts';
import type { OfficeConfig } from '../config.ts';
import { quarantineText } from '../sync/quarantine-status.ts';
import { adviceOnRefusal } from '../sync/refusal-advice.ts';
import { databaseOf } from '../store/database-of.ts';
import { freeBytesOf } from '../store/disk-room.ts';
import { type DatabaseAddress, parseDatabaseUrl } from '../store/database-url.ts';
import { migrationsOf } from '../store/orm/families.ts';
import { tableColumns } from '../store/schema-facts.ts';
import type { Database, Sql } from '../store/sql.ts';
import type { Trouble } from '../store/trouble.ts';
import { type Finding, fine, officeShown, problem, reasonOf, warning } from './finding.ts';

const CHECK = 'database';
/** With less left than so many times the reserve, people are warned. */
const SCARCE = 4;
/** Hybrid times forgive more; but such a clock is wrong, or will be. */
const LARGEST_SKEW_MS = 5_000;

/** Looks at the database without changing it. */
export async function checkDatabase(config: OfficeConfig): Promise<Finding[]> {
  const address = parseDatabaseUrl(config.databaseUrl);
  if (address.family === 'sqlite' && !existsSync(address.target)) {
    return [fine(CHECK, `${address.shown} is not there yet; the first start makes it`)];
  }
  const { database, diagnose } = databaseOf(address, 1);
  const disk = diskFindings(address, config.diskReserveBytes);
  try {
    await database.open();
    return [...(await lookAround(database, address, config)), ...disk];
  } catch (error) {
    return [unusable(address, diagnose(error), error), ...disk];
  } finally {
    await database.close();
  }
}

function unusable({ family, shown }: DatabaseAddress, trouble: Trouble, error: unknown): Finding {
  return problem(CHECK, `${shown} cannot be used: ${reasonOf(error)}`, whatToCorrect(family, trouble));
}

/** Of a file; what a server has left only the server knows. */
function diskFindings({ family, target }: DatabaseAddress, reserveBytes: number): Finding[] {
  const freeBytes = family === 'sqlite' ? freeBytesOf(dirname(target)) : null;
  if (freeBytes === null) return [];
  const free = `${mib(freeBytes)} MiB are free`;
  const reserve = `DISK_RESERVE_MB is ${mib(reserveBytes)}`;
  if (freeBytes < reserveBytes) {
    const advice = 'Free some space on that disk: selling goes on by itself, without a restart.';
    return [problem('disk', `${free}, and ${reserve}: nothing can be sold`, advice)];
  }
  if (freeBytes >= SCARCE * reserveBytes) return [fine('disk', `${free}; ${reserve}`)];
  return [warning('disk', `only ${free}; ${reserve}`, 'Free some space on that disk before selling stops.')];
}

function mib(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}

/** A server that answered needs no start. */
function whatToCorrect(family: DatabaseAddress['family'], trouble: Trouble): string {
  if (trouble === 'full') return 'Free some space on the disk of the database.';
  if (family === 'sqlite') return 'Correct DATABASE_URL, or the file that it names and the rights to it.';
  if (trouble === 'refused') return 'Correct DATABASE_URL (user, password, name), or make what it names.';
  return 'Start the database, or correct DATABASE_URL (host, port).';
}

async function lookAround(
  database: Database,
  { shown }: DatabaseAddress,
  config: OfficeConfig,
): Promise<Finding[]> {
  const sql = database.read;
  const findings = [fine(CHECK, `${shown} answers: ${await versionOf(sql)}`)];
  for (const flaw of await database.durability()) {
    findings.push(
      problem(
        CHECK,
        flaw,
        'Without this a power cut may take committed sales. Correct the server’s setting.',
      ),
    );
  }
  findings.push(await schemaFinding(sql));
  if ((await tableColumns(sql, 'log')).length > 0)
    findings.push(
      await ownerFinding(sql, config),
      await waitingFinding(sql),
      ...(await quarantineFindings(sql, config)),
    );
  return [...findings, await clockFinding(sql)];
}

async function versionOf(sql: Sql): Promise<string> {
  const query =
    sql.family === 'sqlite' ? 'select sqlite_version() as version' : 'select version() as version';
  const [row] = await sql.all(query);
  return `${sql.family} ${String(row?.['version'])}`;
}

async function schemaFinding(sql: Sql): Promise<Finding> {
  const known = (await migrationsOf(sql.family)).map(({ name }) => name);
  const hasTables = (await tableColumns(sql, 'migration')).length > 0;
  const rows = hasTables ? await sql.all('select name from migration order by id') : [];
  const applied = rows.map((row) => String(row['name']));
  const newer = applied.filter((name) => !known.includes(name));
  const missing = known.filter((name) => !applied.includes(name));
  if (newer.length > 0) {
    return problem(
      'schema',
      `A newer program has changed the database: ${newer.join(', ')}`,
      'Start that program.',
    );
  }
  if (missing.length === 0) return fine('schema', `${applied.at(-1)!}`);
  return fine(
    'schema',
    `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} still to come; the next start does it, or branchline migrate`,
  );
}

async function ownerFinding(sql: Sql, { office, role }: OfficeConfig): Promise<Finding> {
  const [row] = await sql.all('select office, role, hold from log');
  if (row === undefined) return fine('owner', 'nobody yet; the first start gives it to this office');
  const owner = officeShown(String(row['office']), String(row['role']));
  const self = officeShown(office, role);
  if (owner !== self) {
    const advice = 'Correct DATABASE_URL, OFFICE_ID or OFFICE_ROLE.';
    return problem('owner', `The database belongs to ${owner}, and this is ${self}`, advice);
  }
  if (row['hold'] === 'none') return fine('owner', owner);
  return problem(
    'owner',
    `${owner} is fenced: another live copy of it was found`,
    adviceOnRefusal('second-copy')!,
  );
}

async function waitingFinding(sql: Sql): Promise<Finding> {
  const [row] = await sql.all('select waiting from log');
  const count = Number(row?.['waiting'] ?? 0);
  if (count === 0) return fine('waiting', 'no event waits');
  return warning(
    'waiting',
    `${count} ${count === 1 ? 'event is' : 'events are'} kept and not applied`,
    'Look at them: branchline quarantine list',
  );
}

/** At a branch: what the head said last that it does not apply. A database of an older program does not know. */
async function quarantineFindings(sql: Sql, { office, role }: OfficeConfig): Promise<Finding[]> {
  if (role === 'head' || !(await tableColumns(sql, 'office')).includes('quarantined')) return [];
  const rows = await sql.all(`select quarantined from office where quarantined <> ''`);
  return rows.map((row) => {
    const report = JSON.parse(String(row['quarantined'])) as QuarantineReport;
    const advice =
      'Correct it at the head: branchline quarantine retry, or discard; what was sold can be sold again.';
    return warning('quarantine', quarantineText(office, report), advice);
  });
}

async function clockFinding(sql: Sql): Promise<Finding> {
  const aheadMs = await logAheadMs(sql);
  if (aheadMs > LARGEST_SKEW_MS) {
    const detail = `The log is ${Math.round(aheadMs / 1000)} s ahead of this machine’s clock`;
    return warning(
      'clock',
      detail,
      'The clock was set back, or another office’s is ahead. Let NTP set the clocks.',
    );
  }
  const skewMs = (await databaseNowMs(sql)) - Date.now();
  const detail = `${Math.abs(Math.round(skewMs))} ms between this machine and its database`;
  if (Math.abs(skewMs) <= LARGEST_SKEW_MS) return fine('clock', detail);
  return warning('clock', detail, 'Let NTP set the clocks of both machines.');
}

/** How far the newest hybrid time, own or of another office, is ahead; negative when it is past. */
async function logAheadMs(sql: Sql): Promise<number> {
  if ((await tableColumns(sql, 'log')).length === 0) return 0;
  const [row] = await sql.all('select at from log');
  return row === undefined ? 0 : wallMsOf(String(row['at'])) - Date.now();
}

async function databaseNowMs(sql: Sql): Promise<number> {
  const expression = {
    sqlite: `(julianday('now') - 2440587.5) * 86400000`,
    postgresql: 'extract(epoch from clock_timestamp()) * 1000',
    mariadb: 'unix_timestamp(now(6)) * 1000',
    mysql: 'unix_timestamp(now(6)) * 1000',
  }[sql.family];
  const [row] = await sql.all(
    `select cast(${expression} as ${sql.family === 'postgresql' ? 'text' : 'char'}) as ms`,
  );
  return Number(row?.['ms']);
}

import { type OfficeConfig, readConfig } from '../mixins/config.ts';

/** The office that the environment variables describe. @throws DomainError `invalid-configuration` */
export function officeConfig(): OfficeConfig {
  return readConfig(process.env);
}

/** Whether the environment describes any office. */
export function hasOfficeConfig(): boolean {
  return (process.env['OFFICE_ID'] ?? '') !== '';
}

export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

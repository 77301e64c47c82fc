import { serveOffice, type ServedOffice } from '../cli/serve-office.ts';
import { readConfig } from '../mixins/config.ts';
import { BRANCH } from './sample-log.ts';

/** A branch with its services in this process, without a gateway and without a link. */
export function serveBranch(DATABASE_URL: string): Promise<ServedOffice> {
  const config = readConfig({ OFFICE_ID: BRANCH, DATABASE_URL, LOG_LEVEL: 'warn' });
  return serveOffice({ ...config, port: null }, { link: null });
}

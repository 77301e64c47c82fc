import { M0001OfficeTables } from './m0001-office-tables.ts';

/** In order. */
export const MIGRATIONS = [{ name: 'm0001-office-tables', class: M0001OfficeTables }];

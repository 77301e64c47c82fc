import { OfficeLog } from '../unit/sync-log.ts';
import type { LedgerWorld, Office, OfficeOptions } from './ledger-world.ts';

export const HEAD: OfficeOptions = { office: 'head', role: 'head' };

/** Opens heads that know west and east. */
export function headsOf(world: LedgerWorld) {
  return async (options: OfficeOptions = {}): Promise<Office> => {
    const office = await world.office({ ...HEAD, ...options });
    for (const id of ['west', 'east'])
      await office.ledger.addOffice({ office: id, name: id, subscribe: id === 'west' ? 'own' : 'all' });
    return office;
  };
}

/** The log of an office, with this many sales. */
export function logOf(office: string, length: number): OfficeLog {
  const log = new OfficeLog(office);
  for (let i = 0; i < length; i++) log.records(`${office}-${i}`);
  return log;
}

/** What a head knows of an office. */
export const rowOf = async ({ ledger }: Office, office = 'west') => (await ledger.read.office(office))!;

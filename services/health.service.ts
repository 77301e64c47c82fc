import type { ServiceSchema } from 'moleculer';
import type { Office } from '../mixins/office.ts';
import { PROGRAM } from '../mixins/program.ts';
import { openConflicts } from './conflicts/overdue.ts';
import { problemOf } from './problem.ts';
import type { Readiness } from './readiness.ts';

/** `live`: the process answers. `ready`: it can do its work, which takes its database and nothing else. */
export function healthService(office: Office): ServiceSchema {
  const { office: id, role, name } = office.config;
  return {
    name: 'health',
    actions: {
      live: {
        params: { $$strict: true },
        handler: () => ({ status: 'ok', office: id, role, name, program: PROGRAM }),
      },
      ready: {
        params: { $$strict: true },
        async handler(): Promise<Readiness> {
          const database = await databaseHealth(office);
          const sync = await office.syncStatus().catch(() => null);
          const conflicts = await openConflicts(office).catch(() => null);
          return { ready: database.ok, office: id, role, program: PROGRAM, database, conflicts, sync };
        },
      },
    },
  };
}

async function databaseHealth(office: Office): Promise<Readiness['database']> {
  try {
    await office.ledger().read.logRow();
    const problem = office.store.problem();
    return { ok: problem === null, problem };
  } catch (error) {
    return { ok: false, problem: problemOf(error).detail };
  }
}

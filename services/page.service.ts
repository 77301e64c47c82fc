import type { ServiceSchema } from 'moleculer';
import { errorType, isTransient } from '../domain/errors.ts';
import { dotName } from '../domain/event.ts';
import type { Office } from '../mixins/office.ts';
import { openConflicts } from './conflicts/overdue.ts';
import { type OfficePage, officePage } from './page/office-page.ts';
import { waitingPage } from './waiting-page.ts';

const MOST_HELD = 20;
/** How long somebody looks at a button that was pressed. */
const SYNC_MS = 20_000;
const PATIENCE_MS = 5_000;

/** The office as a page for people. */
export function pageService(office: Office): ServiceSchema {
  return {
    name: 'page',
    actions: {
      show: {
        params: { $$strict: true },
        handler: () => show(office),
      },
      /** Shows nothing itself: the page that is asked for next says how it stands. */
      sync: {
        params: { $$strict: true },
        handler: () => sync(office),
      },
    },
  };
}

async function show(office: Office): Promise<string> {
  return officePage({
    office: office.config,
    status: await office.syncStatus(),
    held: await heldHere(office),
    conflicts: await openConflicts(office).catch(() => null),
  });
}

async function heldHere(office: Office): Promise<OfficePage['held']> {
  try {
    const query = { status: 'quarantined', limit: MOST_HELD } as const;
    const { items, next } = await waitingPage(office.ledger().read, query);
    return { items: items.map((one) => ({ ...one, event: dotName(one) })), isAll: next === null };
  } catch (error) {
    if (isTransient(error)) return null; // the page says so already
    throw error;
  }
}

async function sync(office: Office): Promise<null> {
  await office
    .branchSync()
    .now(SYNC_MS, PATIENCE_MS)
    .catch((error: unknown) => {
      if (!SEEN_ON_THE_PAGE.has(errorType(error))) throw error;
    });
  return null;
}

const SEEN_ON_THE_PAGE = new Set(['sync-incomplete', 'sync-paused']);

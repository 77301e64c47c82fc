import type { ServiceSchema } from 'moleculer';
import { DomainError } from '../domain/errors.ts';
import { verifyChain, type VerifiedRun } from '../mixins/ledger/verify-chain.ts';
import type { Office } from '../mixins/office.ts';
import type { FeedFilter } from '../mixins/store/store.ts';
import { type Call, DEFAULT_PAGE, type Page, PAGE_PARAMS } from './call.ts';
import { type EventView, viewEvent } from './event-view.ts';
import { PAGE_BYTES, waitingPage } from './waiting-page.ts';

interface ReadParams {
  readonly after?: number;
  readonly limit?: number;
  readonly author?: string;
  readonly scope?: string;
}

type VerifyParams = Pick<ReadParams, 'after' | 'limit' | 'author'>;

const MOST_VERIFIED = 10_000;

const POSITION = {
  type: 'number',
  integer: true,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  convert: true,
  optional: true,
} as const;

/** The log of this office: its own events and those it was sent, in the order in which they were accepted here. */
export function logService(office: Office): ServiceSchema {
  return {
    name: 'log',
    actions: {
      read: {
        params: {
          $$strict: true,
          ...PAGE_PARAMS,
          after: POSITION,
          author: { type: 'string', optional: true },
          scope: { type: 'string', optional: true },
        },
        handler: (ctx: Call<ReadParams>) => readLog(office, ctx.params),
      },
      /** Of it, what is parked or quarantined, and why. */
      waiting: {
        params: {
          $$strict: true,
          ...PAGE_PARAMS,
          after: POSITION,
        },
        handler: (ctx: Call<Pick<ReadParams, 'after' | 'limit'>>) =>
          waitingPage(office.ledger().read, ctx.params),
      },
      /** Whether the log of an office that is held whole is as it was written, run by run. */
      verify: {
        params: {
          $$strict: true,
          after: POSITION,
          limit: { type: 'number', integer: true, min: 1, max: MOST_VERIFIED, convert: true, optional: true },
          author: { type: 'string', optional: true },
        },
        handler: (ctx: Call<VerifyParams>) => verifyLog(office, ctx.params),
      },
      tail: {
        params: { $$strict: true },
        async handler() {
          const { position, tail, at, waiting } = await office.ledger().read.logRow();
          return { position, epoch: tail.epoch, seq: tail.seq, at, waiting };
        },
      },
    },
  };
}

function verifyLog(office: Office, params: VerifyParams): Promise<VerifiedRun> {
  const { office: own, role } = office.config;
  const { author = own, after = 0, limit = MOST_VERIFIED } = params;
  if (author !== own && role !== 'head') {
    throw new DomainError(
      'only-at-the-head',
      `A branch holds no log whole but its own; ask the head for that of ${author}`,
      {
        office: own,
      },
    );
  }
  return verifyChain(office.ledger().read, office.ports, { office: author, after, limit });
}

async function readLog(office: Office, params: ReadParams): Promise<Page<EventView, number>> {
  const { after = 0, limit = DEFAULT_PAGE, author, scope } = params;
  const only: FeedFilter = {
    ...(author === undefined ? {} : { author }),
    ...(scope === undefined ? {} : { scopes: [scope] }),
  };
  const { read } = office.ledger();
  const rows = await read.eventsByPosition(after, { count: limit, bytes: PAGE_BYTES }, only);
  const last = rows.at(-1)?.position;
  const isEnd = last === undefined || (await read.lastPosition(only)) <= last;
  return { items: rows.map(viewEvent), next: isEnd ? null : last };
}

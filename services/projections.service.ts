import type { ServiceSchema } from 'moleculer';
import { isCalendarDate } from '../domain/calendar.ts';
import { flawOfText } from '../domain/text.ts';
import type { Office } from '../mixins/office.ts';
import type { AsOfOptions } from '../mixins/projections/projections.ts';
import { type Call, DEFAULT_PAGE, type Page, PAGE_PARAMS, pageOf } from './call.ts';
import { invalidParameters } from './dataset/row-filter.ts';

interface NameParams {
  readonly name: string;
}

interface JobParams extends NameParams {
  readonly maxLoad?: number;
}

interface AsOfParams extends JobParams {
  readonly into: string;
  readonly position?: number;
  readonly time?: string;
}

interface RowsParams extends NameParams {
  readonly after?: string;
  readonly limit?: number;
}

type Line = Readonly<Record<string, unknown>>;

const NAME = { type: 'string', min: 1, max: 64 } as const;
const MAX_LOAD = {
  type: 'number',
  min: 0.01,
  max: 1,
  convert: true,
  optional: true,
  doc: { description: 'The share of the time that the work may take; all of it unless told.' },
} as const;
const POSITION = {
  type: 'number',
  integer: true,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  optional: true,
} as const;
const TIME = {
  type: 'string',
  pattern: /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/,
  optional: true,
  messages: { stringPattern: 'must be a moment in UTC: 2026-04-01 or 2026-04-01T09:30:00Z' },
} as const;

/** What is folded from the log beside the datasets themselves: how it stands, and to make it anew. */
export function projectionsService(office: Office): ServiceSchema {
  const job = { $$strict: true, name: NAME, maxLoad: MAX_LOAD } as const;
  return {
    name: 'projections',
    actions: {
      list: {
        params: { $$strict: true },
        handler: async () => ({ items: await office.projections().list(), next: null }),
      },
      get: {
        params: { $$strict: true, name: NAME },
        handler: (ctx: Call<NameParams>) => office.projections().get(ctx.params.name),
      },
      rebuild: {
        params: job,
        handler: ({ params: { name, ...how } }: Call<JobParams>) => office.projections().rebuild(name, how),
      },
      verify: {
        params: job,
        handler: ({ params: { name, ...how } }: Call<JobParams>) => office.projections().verify(name, how),
      },
      asOf: {
        params: { ...job, into: NAME, position: POSITION, time: TIME },
        handler: ({ params }: Call<AsOfParams>) =>
          office.projections().asOf(params.name, asOfOptions(params)),
      },
      cancel: {
        params: { $$strict: true, name: NAME },
        handler: (ctx: Call<NameParams>) => office.projections().cancel(ctx.params.name),
      },
      drop: {
        params: { $$strict: true, name: NAME },
        handler: (ctx: Call<NameParams>) => office.projections().drop(ctx.params.name),
      },
      rows: {
        params: { $$strict: true, ...PAGE_PARAMS, name: NAME, after: { type: 'string', optional: true } },
        handler: (ctx: Call<RowsParams>) => rowsOf(office, ctx.params),
      },
    },
  };
}

/** @throws DomainError `invalid-parameters` */
function asOfOptions({ into, position, time, maxLoad }: AsOfParams): AsOfOptions {
  const load = maxLoad === undefined ? {} : { maxLoad };
  if (position !== undefined && time === undefined) return { into, asOf: { position }, ...load };
  if (time !== undefined && position === undefined && isMoment(time))
    return { into, asOf: { time }, ...load };
  const reason =
    time === undefined || position !== undefined ? 'or time is needed, one of them' : 'does not exist';
  throw invalidParameters([
    { field: time === undefined || position !== undefined ? 'position' : 'time', reason },
  ]);
}

/** Date.parse takes the 30th of February for one of March. */
function isMoment(time: string): boolean {
  return isCalendarDate(time.slice(0, 10)) && !Number.isNaN(Date.parse(time));
}

async function rowsOf(
  office: Office,
  { name, after, limit = DEFAULT_PAGE }: RowsParams,
): Promise<Page<Line, string>> {
  const projections = office.projections();
  const key = await projections.keyOf(name);
  const behind = after === undefined ? null : readToken(after, key.length);
  const found: readonly Line[] = await projections.lines(name, behind, limit + 1);
  return pageOf(found, limit, (line) => token(key.map((field) => String(line[field]))));
}

function token(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws DomainError `invalid-parameters` */
function readToken(text: string, length: number): string[] {
  try {
    const key = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (key.length === length && key.every((part) => typeof part === 'string' && flawOfText(part) === null))
      return key as string[];
  } catch {
    // Falls through: whatever it was, it was none of ours.
  }
  throw invalidParameters([{ field: 'after', reason: 'is not the `next` of a page before' }]);
}

import type { Context } from 'moleculer';

/** What travels beside the parameters of a call. */
export interface CallMeta {
  /** Who asks. */
  actor?: string;
  /** Of a request with an Idempotency-Key: the key, and the request as text. */
  idempotency?: { readonly key: string; readonly request: string };
  /** Set by the action: the answer is that of an earlier, identical request. */
  replayed?: boolean;
}

export type Call<Params = object> = Context<Params, CallMeta>;

/** Until there are people and rights. */
export const ANONYMOUS = 'anonymous';
export const MAX_PAGE = 1_000;
export const DEFAULT_PAGE = 100;

/** Parameters that every list takes; texts of a query are converted. */
export const PAGE_PARAMS = {
  limit: { type: 'number', integer: true, min: 1, max: MAX_PAGE, convert: true, optional: true },
} as const;

export interface Page<Item, After> {
  readonly items: readonly Item[];
  /** Give it as `after` to get the next page; null at the end. */
  readonly next: After | null;
}

/** Of one item more than was asked for: whether there are more is then known without counting. */
export function pageOf<Item, After>(
  found: readonly Item[],
  limit: number,
  after: (last: Item) => After,
): Page<Item, After> {
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? after(items.at(-1)!) : null };
}

/** What the gateway does around one action. */
export interface Rest {
  readonly action: string;
  /** For people who read the description. */
  readonly summary: string;
  /** What it answers when it is done: a name of answers.ts. */
  readonly answer: string;
  /** Statuses of the problems that it may answer beside those that every route of its form may. */
  readonly refusals?: readonly number[];
  /** Whether the request has a JSON body. None unless told; a body that nobody reads is refused. */
  readonly body?: 'required' | 'optional';
  /** Query parameters taken beside a body. Without a body the action's own parameters decide. */
  readonly query?: readonly string[];
  /** Whether an Idempotency-Key is heeded. */
  readonly idempotent?: boolean;
  /** Whether it is a page for people, and no JSON. */
  readonly isPage?: true;
  /** 200 unless told. */
  readonly status?: (data: unknown) => number;
  /** Of what was created, or is to be looked at next. */
  readonly location?: (data: unknown) => string;
}

/** `METHOD /path` -> what happens. */
export type RouteTable = Readonly<Record<string, Rest>>;

import type { ChainPoint } from '../../domain/chain.ts';
import { MAX_EVENT_BYTES, OFFICE_ID_PATTERN } from '../../domain/event.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type {
  Ack,
  ControlMessage,
  DownMessage,
  FedEvent,
  FeedCursor,
  FeedRun,
  HashedBytes,
  HeadTip,
  KnownDatasets,
  Pulled,
  QuarantinedItem,
  QuarantineReport,
  RefusalReason,
  Subscription,
  UpMessage,
  Versions,
  Welcome,
} from '../../domain/sync/messages.ts';
import {
  bytes,
  flag,
  ifGiven,
  integer,
  list,
  matching,
  oneOf,
  orNull,
  recordOf,
  shape,
  text,
} from './check.ts';
import type { Check, Fields } from './check.ts';
import { INSTANCE_PATTERN } from './streams.ts';

/** What every message must look like. If you change domain/sync/messages.ts, this file stops compiling. */

const MAX_EVENTS = 100_000;

const office = matching(OFFICE_ID_PATTERN, 'an office id');
const nonce = text(64);
/** Becomes part of a queue's name. */
const instance = matching(INSTANCE_PATTERN, 'the name of a process');
const session = text(200);
const hash = bytes(32, 32);
const event = bytes(1, MAX_EVENT_BYTES);
const events = list(event, MAX_EVENTS);
const seq = integer(0);
const position = integer(0);
const feedEpoch = integer(0);
const detail = text(10_000);
const subscribe = oneOf<Subscription>({ own: true, all: true });

const chainPoint = shape<ChainPoint>({ epoch: integer(1), seq, hash });
const feedCursor = shape<FeedCursor>({ feedEpoch, position, hash });
const headTip = shape<HeadTip>({ epoch: integer(1), seq, hash });
const versions = shape<Versions>({ wire: integer(1), program: text(64) });
const datasets = shape<KnownDatasets>({
  evolutions: integer(0),
  versions: recordOf(text(32), integer(1)),
});
const hashedEvents = list(shape<HashedBytes>({ bytes: event, hash }), MAX_EVENTS);
const fedEvents = list(shape<FedEvent>({ bytes: event, hash, position }), MAX_EVENTS);
const returnAfter = shape<{ readonly tip: HeadTip | null }>({ tip: orNull(headTip) });
const upTo = shape<Pulled['upTo']>({ position, hash });
const previous = shape<FeedRun['previous']>({
  all: position,
  shared: position,
  scopes: recordOf(office, position),
});

const quarantined = ifGiven(
  shape<QuarantineReport>({
    count: integer(0),
    items: list(
      shape<QuarantinedItem>({
        epoch: integer(1),
        seq: integer(1),
        type: text(64),
        dataset: text(64),
        entityId: text(256),
        reason: text(64),
        detail: text(LIMITS.reportDetail),
      }),
      LIMITS.reportItems,
    ),
  }),
);

type Kinds<M extends { kind: string }> = {
  readonly [K in M['kind']]: Check<Extract<M, { kind: K }>>;
};

/** `kind` chose the shape, so only the other fields are listed. */
const kind = <M extends { kind: string }>(fields: Fields<Omit<M, 'kind'>>): Check<M> =>
  shape(fields) as Check<M>;

const from = { office, instance, nonce };
const verdict = oneOf<Ack['verdict']>({ ok: true, gap: true, fork: true });

const UP: Kinds<UpMessage> = {
  hello: kind({
    ...from,
    session: integer(0),
    last: chainPoint,
    acked: chainPoint,
    feed: feedCursor,
    headTips: list(headTip, LIMITS.headTips),
    subscribe,
    versions,
    datasets: ifGiven(datasets),
    answers: ifGiven(text(64)),
  }),
  batch: kind({ ...from, firstSeq: integer(1), before: hash, after: hash, events }),
  probe: kind({ ...from, number: integer(1), upTo: seq }),
  pull: kind({ ...from, hash, feedEpoch, after: position }),
  fetch: kind({ ...from, after: seq }),
  fork: kind({ ...from, common: chainPoint }),
  stranded: kind({ ...from, common: chainPoint, events }),
  adopted: kind({ ...from, from: session }),
  returned: kind({ ...from, number: integer(1), events: hashedEvents, end: flag }),
  bye: kind({ ...from }),
};

const CONTROL: Kinds<ControlMessage> = {
  welcome: kind({
    nonce,
    head: office,
    session: integer(0),
    cursor: chainPoint,
    hashAtYourLast: orNull(hash),
    feed: shape<Welcome['feed']>({ feedEpoch, position }),
    returnAfter: orNull(returnAfter),
    subscribe,
    feedEnd: position,
    safeSeq: seq,
    versions,
    quarantined,
  }),
  refused: kind({
    nonce,
    reason: oneOf<RefusalReason>({
      'unknown-office': true,
      'retired-office': true,
      'program-too-old': true,
      'program-too-new': true,
      'lease-held': true,
      'second-copy': true,
      'second-process': true,
      'batch-refused': true,
    }),
    detail,
    cursor: orNull(chainPoint),
  }),
  ack: kind({ nonce, at: chainPoint, safeSeq: seq, verdict, probed: integer(0), quarantined }),
  own: kind({ nonce, afterSeq: seq, before: hash, after: hash, events, end: chainPoint }),
  grant: kind({ nonce, epoch: integer(1) }),
  pulled: kind({ nonce, feedEpoch, after: position, events: fedEvents, upTo, end: flag }),
  beacon: kind({ nonce, feedEpoch, feedEnd: position, position, safeSeq: seq, source: text(64) }),
  adopt: kind({ nonce, from: session, epoch: integer(1), common: chainPoint, events }),
  'stranded-taken': kind({ nonce }),
  'returned-taken': kind({ nonce }),
  'greet-again': kind({ nonce, token: ifGiven(text(64)) }),
};

const DOWN: Kinds<DownMessage> = {
  ...CONTROL,
  feed: kind({ feedEpoch, source: text(64), stream: office, previous, events: fedEvents }),
};

function check(kinds: Readonly<Record<string, Check<unknown>>>, value: unknown): string | undefined {
  const name = (value as { kind?: unknown } | null)?.kind;
  if (typeof name !== 'string' || !Object.hasOwn(kinds, name)) return '.kind is no kind of message';
  const problem = kinds[name]!(value);
  return problem === undefined ? undefined : `${name}${problem}`;
}

/** What is wrong with a message to the head, or nothing. */
export function checkUp(value: unknown): string | undefined {
  return check(UP, value);
}

/** What is wrong with a message to a branch, or nothing. */
export function checkDown(value: unknown): string | undefined {
  return check(DOWN, value);
}

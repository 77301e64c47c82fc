import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';

/** One message of every kind, for the tests of the links. */

export const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 0xff);

export const hashOf = (seed: number): Uint8Array => bytesOf(32, seed);

const office = 'west';
const nonce = 'n1';
const from = { office, instance: 'process-1', nonce };
const point = (seq: number) => ({ epoch: 1, seq, hash: hashOf(seq) });
const feed = { feedEpoch: 1, position: 7, hash: hashOf(7) };
const tip = { epoch: 1, seq: 4, hash: hashOf(4) };
const versions = { wire: 1, program: '0.1.0' };
const events = [bytesOf(300), bytesOf(301, 2)];
const hashed = events.map((bytes, i) => ({ bytes, hash: hashOf(i) }));
const fed = hashed.map((event, i) => ({ ...event, position: 5_000_000_000 + i }));

export const UP_MESSAGES: readonly UpMessage[] = [
  {
    kind: 'hello',
    ...from,
    session: 0,
    last: point(3),
    acked: point(2),
    feed,
    headTips: [tip],
    subscribe: 'own',
    versions,
  },
  { kind: 'batch', ...from, firstSeq: 1, before: hashOf(0), after: hashOf(2), events },
  { kind: 'probe', ...from, number: 1, upTo: 2 },
  { kind: 'pull', ...from, feedEpoch: 1, after: 0, hash: hashOf(0) },
  { kind: 'fetch', ...from, after: 0 },
  { kind: 'fork', ...from, common: point(1) },
  { kind: 'stranded', ...from, common: point(1), events },
  { kind: 'adopted', ...from, from: 'process-2/n0' },
  { kind: 'returned', ...from, number: 1, events: hashed, end: false },
  { kind: 'bye', ...from },
];

export const DOWN_MESSAGES: readonly DownMessage[] = [
  {
    kind: 'welcome',
    nonce,
    head: 'hq',
    session: 1,
    cursor: point(2),
    hashAtYourLast: null,
    feed: { feedEpoch: 1, position: 7 },
    returnAfter: { tip: null },
    subscribe: 'own',
    feedEnd: 9,
    safeSeq: 0,
    versions,
  },
  { kind: 'refused', nonce, reason: 'second-copy', detail: 'Ein Büro, zwei Kopien', cursor: point(2) },
  { kind: 'ack', nonce, at: point(2), safeSeq: 1, verdict: 'ok', probed: 1 },
  { kind: 'own', nonce, afterSeq: 1, before: hashOf(1), after: hashOf(3), events, end: point(3) },
  { kind: 'grant', nonce, epoch: 2 },
  {
    kind: 'pulled',
    nonce,
    feedEpoch: 1,
    after: 5,
    events: fed,
    upTo: { position: 9, hash: hashOf(9) },
    end: true,
  },
  { kind: 'beacon', nonce, feedEpoch: 1, feedEnd: 9, position: 12, safeSeq: 0, source: 's' },
  { kind: 'adopt', nonce, from: 'process-2/n0', epoch: 2, common: point(1), events },
  { kind: 'stranded-taken', nonce },
  { kind: 'returned-taken', nonce },
  {
    kind: 'feed',
    feedEpoch: 1,
    source: 's',
    stream: 'west',
    previous: { all: 3, shared: 2, scopes: { west: 1 } },
    events: fed,
  },
];

import { type Channel, channel } from 'node:diagnostics_channel';

/**
 * Named moments of an office's life, for whoever looks from outside: a tracer, or a test that ends the process there.
 * Each is a channel of node:diagnostics_channel, `branchline:NAME`; a moment that nobody listens for costs one look.
 * See docs/adr/0010.
 */
export const MOMENTS = [
  /** Own events are written and not committed. */
  'append-written',
  /** They are committed, and nobody has been answered or told. */
  'append-committed',
  /** A batch was read from the log and is about to be published. */
  'batch-read',
  /** It was given to the line; the broker has not confirmed it. */
  'batch-published',
  'batch-confirmed',
  /** The head was handed a batch. */
  'batch-received',
  /** Foreign events, or own ones that came back, are written and not committed: tables, cursor and log row are to come. */
  'apply-written',
  /** The head has committed a batch, and has told nobody. */
  'batch-applied',
  /** Its acknowledgement is at the broker, which still holds the batch as not dealt with. */
  'batch-answered',
  /** The branch has an acknowledgement that it has not saved. */
  'ack-heard',
  /** The head knows how it will rule on a case, and has written nothing. */
  'case-judged',
  /** The ruling is committed. */
  'ruling-committed',
  /** A run of the feed is about to be published. */
  'run-read',
  /** The head has committed an epoch that it grants, and has told nobody. */
  'epoch-granted',
  /** In the middle of mending a fork: the displaced events are out of the log and not written again, nor committed. */
  'log-displaced',
  /** The mended log is committed, and the head does not know of it. */
  'log-mended',
  /** The last step of a rebuild is written, and the tables are not exchanged; on MySQL and MariaDB it is committed. */
  'exchange-noted',
  /** The tables are exchanged, and no row says so; on SQLite and PostgreSQL nothing is committed. */
  'tables-exchanged',
  /** All of it is committed. The old table is there still. */
  'exchange-committed',
  /** One change to a dataset's table is made; on SQLite and PostgreSQL it is not committed. */
  'table-altered',
] as const;

export type Moment = (typeof MOMENTS)[number];

const CHANNELS = Object.fromEntries(
  MOMENTS.map((moment) => [moment, channel(channelOf(moment))]),
) as unknown as Readonly<Record<Moment, Channel>>;

export function channelOf(moment: Moment): string {
  return `branchline:${moment}`;
}

/** Listeners are called at once, before the office goes on. */
export function passed(moment: Moment): void {
  const listened = CHANNELS[moment];
  if (listened.hasSubscribers) listened.publish({});
}

import { sameBytes } from '../../../domain/chain.ts';
import { ruleOn } from '../../../domain/conflict/rule.ts';
import { feedFilter } from '../../../mixins/ledger/head-ledger.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { datasetsOf } from '../site-datasets.ts';
import { Strangers } from '../strangers.ts';

/** What is still to be done before everybody knows all there is to know; null when nothing is. */
export function whyNotConverged(scene: Scene): string | null {
  for (const site of scene.sites()) {
    if (site.status() === null) return `${site.name} does not run`;
    const waiting = whatWaits(site);
    if (waiting !== '') return `events wait at ${site.name}: ${waiting}`;
  }
  for (const branch of scene.branches()) {
    if (scene.isCloned(branch.office))
      return `${branch.office} still has two copies: ${statesOf(scene, branch)}`;
    const trouble = whyApart(scene.head, branch);
    if (trouble !== null) return `${branch.name}: ${trouble} (${JSON.stringify(branch.status())})`;
  }
  return whatIsUnruled(scene.head);
}

/** What strangers wrote waits for ever. */
function whatWaits(site: Site): string {
  const waiting = site.disk.reads.waiting(0, 1_000_000).filter((row) => !Strangers.isTheirs(row));
  return waiting
    .slice(0, 5)
    .map(({ position, reason, detail }) => `${position} ${reason} ${detail}`)
    .join('; ');
}

function statesOf(scene: Scene, { office }: Site): string {
  const copies = scene.branches().filter((site) => site.office === office);
  return copies.map((site) => `${site.name} ${JSON.stringify(site.status())}`).join(', ');
}

function whyApart(head: Site, branch: Site): string | null {
  const known = head.disk.reads.office(branch.office);
  if (known === null) return 'the head does not know it';
  const { tail, feed } = branch.disk.reads.logRow();
  if (known.cursor.seq !== tail.seq) return `wrote ${tail.seq}, the head has ${known.cursor.seq}`;
  if (!sameBytes(known.cursor.hash, tail.hash)) return `the head has another event at ${tail.seq}`;
  const log = head.disk.reads.logRow();
  const end = head.disk.reads.lastPosition(feedFilter(log.office, branch.office, known.subscribe));
  if (feed.feedEpoch !== log.feedEpoch)
    return `follows life ${feed.feedEpoch} of the feed, not ${log.feedEpoch}`;
  return feed.position < end ? `has the feed up to ${feed.position} of ${end}` : null;
}

function whatIsUnruled(head: Site): string | null {
  const datasets = datasetsOf(head);
  for (const open of head.disk.reads.cases({ status: 'open', limit: 1_000_000 })) {
    const { writes } = ruleOn(open, datasets.named(open.dataset)!, head.office);
    if (Object.keys(writes).length > 0) return `the case ${open.id} over ${open.entityId} is not ruled on`;
  }
  return null;
}

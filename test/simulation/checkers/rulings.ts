import { type Dot, type DomainEvent, dotName } from '../../../domain/event.ts';
import type { Scene } from '../scene.ts';
import { datasetsOf } from '../site-datasets.ts';
import { countedIn, disputesIn, saw, standingOf, STATUS, unawareEditors, writesOf } from './standing.ts';

/** A ruling names every side that it overwrote: nothing disappears that nobody weighed. */
export function checkRulings(scene: Scene): string[] {
  const { events } = scene.head.disk.tables;
  const datasets = datasetsOf(scene.head);
  const rulings = events.inOrder().filter(({ event }) => event.type === 'ConflictResolved');
  return rulings.flatMap(({ event, status }) => {
    if (status !== 'applied') return [];
    const seen = events
      .ofEntity(event)
      .map((row) => row.event)
      .filter((other) => other !== event && saw(event, other));
    return flawsOf(event, seen, countedIn(datasets.named(event.dataset)));
  });
}

function flawsOf(ruling: DomainEvent, seen: readonly DomainEvent[], counted: ReadonlySet<string>): string[] {
  const standing = standingOf(seen);
  const disputed = disputesIn(standing, counted);
  const ruled = Object.keys(writesOf(ruling)).filter((field) => disputed.has(field));
  const sides = new Set(ruled.flatMap((field) => standing.get(field) ?? []));
  if (ruled.includes(STATUS)) for (const editor of unawareEditors(standing)) sides.add(editor);
  const weighed = ruling.data['contenders'] as unknown as readonly Dot[];
  return [...sides]
    .filter((side) => !weighed.some((dot) => isOfSide(dot, side)))
    .map((side) => `the ruling ${dotName(ruling)} overwrote ${dotName(side)}, which it had not weighed`);
}

/** A side is all that one life of an office holds of the dispute, named by the last of it. */
function isOfSide(dot: Dot, side: DomainEvent): boolean {
  return dot.office === side.office && dot.epoch === side.epoch && dot.seq >= side.seq;
}

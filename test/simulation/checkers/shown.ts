import type { JsonValue } from '../../../domain/event.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { disputesIn, standingOf, STATUS, valueOf } from './standing.ts';

/** Rows show what the rules say: the last of the values that stand, voided if a void stands, and what is in dispute. */
export function checkShown(scene: Scene): string[] {
  return scene.sites().flatMap((site) => flawsAt(site).map((flaw) => `${site.name}: ${flaw}`));
}

function flawsAt({ disk: { tables } }: Site): string[] {
  const flaws: string[] = [];
  for (const [, { row, ...key }] of tables.entities.entries()) {
    if (row === null) continue;
    const applied = tables.events.ofEntity(key).filter(({ status }) => status === 'applied');
    const standing = standingOf(applied.map(({ event }) => event));
    const expect = (what: string, shown: JsonValue, due: JsonValue): void => {
      if (shown !== due)
        flaws.push(
          `${what} of ${key.entityId} is shown as ${JSON.stringify(shown)}, due is ${JSON.stringify(due)}`,
        );
    };
    for (const [field, events] of standing)
      if (field !== STATUS) expect(field, row.values[field] ?? null, valueOf(events.at(-1)!, field));
    const isVoided = standing.get(STATUS)?.some((event) => valueOf(event, STATUS) === 'voided') ?? false;
    expect('the void', row.deletedAt !== null, isVoided);
    expect('the conflict', row.conflicted, disputesIn(standing).size > 0);
  }
  return flaws;
}

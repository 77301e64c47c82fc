import type { JsonValue } from '../../../domain/event.ts';
import type { DatasetRow } from '../../../domain/datasets/dataset.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import type { Histories, History } from './histories.ts';
import type { Due } from './standing.ts';

/** Rows show what the rules say: the last of the values that stand, voided if a void stands, and what is in dispute. */
export function checkShown(scene: Scene, histories: Histories): string[] {
  return scene
    .sites()
    .flatMap((site) => flawsAt(site, histories.at(site)).map((flaw) => `${site.name}: ${flaw}`));
}

function flawsAt({ disk: { tables } }: Site, histories: ReadonlyMap<string, History>): string[] {
  const flaws: string[] = [];
  for (const [name, { row }] of tables.entities.entries()) {
    const due = histories.get(name)?.due;
    if (row !== null && due !== undefined) flaws.push(...flawsOfRow(row, due));
  }
  return flaws;
}

function flawsOfRow(row: DatasetRow, { values, isVoided, isConflicted }: Due): string[] {
  const flaws: string[] = [];
  const expect = (what: string, shown: JsonValue, due: JsonValue): void => {
    if (shown !== due)
      flaws.push(
        `${what} of ${row.entityId} is shown as ${JSON.stringify(shown)}, due is ${JSON.stringify(due)}`,
      );
  };
  for (const [field, value] of values) expect(field, row.values[field] ?? null, value);
  expect('the void', row.deletedAt !== null, isVoided);
  expect('the conflict', row.conflicted, isConflicted);
  return flaws;
}

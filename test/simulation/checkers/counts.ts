import { type DomainEvent, entityName } from '../../../domain/event.ts';
import { addedBy, countIn } from '../counters.ts';
import { type Operation, operationNamedBy } from '../oracle.ts';
import type { Scene } from '../scene.ts';

/** What was added to one entity, by the numbers of the operations. */
type Additions = Map<number, number>;

/**
 * A count is what it began with and all that was added since, each addition once: as those noted it who made them, whatever
 * numbers the events carry.
 */
export function checkCounts(scene: Scene): string[] {
  const additions = additionsAt(scene);
  return scene.sites().flatMap(({ name, disk }) =>
    [...additions].flatMap(([entity, added]) => {
      const row = disk.tables.entities.get(entity)?.row;
      if (!row) return [];
      const due = [...added.values()].reduce((sum, one) => sum + one, 0);
      const [dataset = ''] = entity.split('\n');
      const shown = row.values[countIn(dataset)!];
      return shown === due
        ? []
        : [`${name}: ${JSON.stringify(entity)} counts ${String(shown)}, people added up to ${due}`];
    }),
  );
}

/** Of every entity whose count can be told: see `isToldTwice`. */
function additionsAt({ head, oracle }: Scene): Map<string, Additions> {
  const byEntity = new Map<string, DomainEvent[]>();
  for (const { event, status } of head.disk.tables.events.inOrder()) {
    const operation = status === 'applied' ? operationOf(event, oracle.operations) : null;
    if (operation === null || addedBy(operation.command) === null) continue;
    byEntity.set(entityName(event), [...(byEntity.get(entityName(event)) ?? []), event]);
  }
  const told = [...byEntity].filter(([, events]) => !events.some((event) => isToldTwice(event, events)));
  return new Map(
    told.map(([entity, events]) => {
      const operations = events.map((event) => operationOf(event, oracle.operations)!);
      return [entity, new Map(operations.map(({ number, command }) => [number, addedBy(command)!]))];
    }),
  );

  /** Two lives of the head carried out one request, of which it may count both: docs/RELIABILITY.md. */
  function isToldTwice(event: DomainEvent, events: readonly DomainEvent[]): boolean {
    return (
      event.office === head.office && events.some((other) => other !== event && other.actor === event.actor)
    );
  }
}

function operationOf({ actor }: DomainEvent, operations: readonly Operation[]): Operation | null {
  const number = operationNamedBy(actor);
  return number === null ? null : operations[number - 1]!;
}

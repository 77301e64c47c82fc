import type { Dataset } from '../datasets/dataset.ts';
import { CATALOGUE_KEY, newestVersion } from '../datasets/definitions.ts';
import { addedDataset, evolveDataset } from '../datasets/evolution.ts';
import { readChanges, readEvolution, type SchemaChange } from '../datasets/schema-change.ts';
import { DomainError } from '../errors.ts';
import { entityName, type DomainEvent, type JsonObject } from '../event.ts';
import type { EvolveDataset } from './commands.ts';
import type { EntityState } from './entity-state.ts';
import { DATASET_EVOLVED } from './evolve.ts';

/** Goes up when a kind of change is added, so that programs that do not know it keep such events until they do. */
export const EVOLUTION_VERSION = 1;

/**
 * The event by which the head changes a dataset's schema.
 * @throws DomainError `invalid-input`, `dataset-changed`, `dataset-changing`
 */
export function decideEvolution(
  command: EvolveDataset,
  state: EntityState | null,
  known: Dataset | null,
): Pick<DomainEvent, 'type' | 'version' | 'data'> {
  const read = readChanges(command.changes);
  if ('problems' in read) throw flawed(command, read.problems);
  const { changes } = read;
  const to = known === null ? 1 : known.version + 1;
  if (newestVersion(state, command.evolves) >= to) throw stillChanging(command);
  if (command.expected !== undefined && command.expected !== to - 1) throw changedMeanwhile(command, to - 1);
  const evolved = known === null ? addedDataset(changes) : evolveDataset(known, changes);
  if ('problems' in evolved) throw flawed(command, evolved.problems);
  if (evolved.dataset.name !== command.evolves || evolved.dataset.version !== to)
    throw flawed(command, [`its declaration must have this name, and version ${to}`]);
  const data = { dataset: command.evolves, to, changes: jsonOf(changes) };
  return { type: DATASET_EVOLVED, version: EVOLUTION_VERSION, data };
}

/** Why an event of the head's is no evolution, or null. Whether it fits what an office declares, that office finds out. */
export function flawOfEvolution(
  event: Pick<DomainEvent, 'data' | 'dataset' | 'scope' | 'entityId'>,
): string | null {
  if (entityName(event) !== entityName(CATALOGUE_KEY)) return `"${event.entityId}" is not the catalogue`;
  const read = readEvolution(event.data);
  return 'reason' in read ? read.reason : null;
}

function jsonOf(changes: readonly SchemaChange[]): JsonObject[] {
  return JSON.parse(JSON.stringify(changes)) as JsonObject[];
}

function flawed({ evolves }: EvolveDataset, reasons: readonly string[]): DomainError {
  return new DomainError('invalid-input', `${evolves} cannot be changed so: ${reasons.join('; ')}`, {
    problems: reasons.map((reason) => ({ field: evolves, reason })),
  });
}

function stillChanging({ evolves }: EvolveDataset): DomainError {
  const message = `An earlier change of ${evolves} is not carried out here yet; see branchline datasets list`;
  return new DomainError('dataset-changing', message, { dataset: evolves });
}

function changedMeanwhile({ evolves, expected }: EvolveDataset, actual: number): DomainError {
  const message = `${evolves} has version ${actual} by now; look at the change again`;
  return new DomainError('dataset-changed', message, {
    dataset: evolves,
    expected: expected ?? null,
    actual,
  });
}

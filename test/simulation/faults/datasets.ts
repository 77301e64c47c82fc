import type { Datasets } from '../../../domain/datasets/catalogue.ts';
import type { Dataset } from '../../../domain/datasets/dataset.ts';
import { CATALOGUE_KEY } from '../../../domain/datasets/definitions.ts';
import { sales } from '../../../domain/datasets/sales.ts';
import type { SchemaChangeInput } from '../../../domain/datasets/schema-change.ts';
import { errorType, isTransient } from '../../../domain/errors.ts';
import type { Command } from '../../../domain/office/commands.ts';
import { VISITS } from '../counters.ts';
import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import { type Fault, MINUTE_MS, NEEDS_OFFICE } from './fault.ts';

/** What another change, that came first, may do to this one. */
const OVERTAKEN = new Set(['invalid-input', 'dataset-changed', 'dataset-changing']);
/** How often a change of sales comes with another one; and how often a dataset is added in its place. */
const ALSO_ANOTHER = 0.3;
const ADDS_DATASET = 0.3;
const POLICIES = ['latest', 'head-wins', 'owner-wins', 'max', 'min', 'manual'];

/** The head changes what sales are, and how disputes over them are settled, while offices are away. */
export const DATASET_FAULTS: readonly Fault[] = [
  {
    name: 'dataset-changed',
    meanMs: 4 * MINUTE_MS,
    hits: 'head',
    never: NEEDS_OFFICE,
    strike: (scene, chance) =>
      ask(
        scene,
        (dataset, known) => addedDataset(known, chance.fork('dataset')) ?? evolution(dataset, chance),
      ),
  },
  {
    name: 'policies-changed',
    meanMs: 5 * MINUTE_MS,
    hits: 'head',
    never: NEEDS_OFFICE,
    strike: (scene, chance) => ask(scene, (dataset) => newPolicies(dataset, chance)),
  },
];

function ask(scene: Scene, commandOn: (dataset: Dataset, known: Datasets) => Command): boolean {
  const { ledger } = scene.head;
  const dataset = ledger?.datasets.named(sales.name) ?? null;
  if (ledger === null || dataset === null) return false;
  ledger.submit({ command: commandOn(dataset, ledger.datasets), actor: 'admin' }).catch((error: unknown) => {
    if (!isTransient(error) && !OVERTAKEN.has(errorType(error))) scene.world.fail(error);
  });
  return true;
}

/** In the middle of everything, a dataset that no program declares: offices write to it from then on. */
function addedDataset({ named }: Datasets, chance: Prng): Command | null {
  if (named(VISITS.name) !== null || !chance.chance(ADDS_DATASET)) return null;
  const changes = [{ kind: 'add-dataset' as const, declaration: VISITS }];
  return { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: VISITS.name, changes };
}

function evolution(dataset: Dataset, chance: Prng): Command {
  const changes = [changeOf(dataset, chance)];
  if (chance.fork('further').chance(ALSO_ANOTHER)) changes.push(addition(chance));
  return { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: dataset.name, changes };
}

function changeOf(dataset: Dataset, chance: Prng): SchemaChangeInput {
  const added = Object.keys(dataset.fields).filter(
    (key) => !Object.hasOwn(sales.fields, key) && dataset.fields[key]!.retired !== true,
  );
  const draw = chance.next();
  if (added.length === 0 || draw < 0.5) return addition(chance);
  const field = chance.pick(added);
  const { kind } = dataset.fields[field]!;
  if (draw < 0.65) return { kind: 'retire-field', field };
  if (draw < 0.8 || kind !== 'integer') return { kind: 'rename-field', field, to: `named${chance.hex(6)}` };
  const { max } = dataset.fields[field] as { max: number };
  return { kind: 'widen-field', field, to: { max: max + 100 } };
}

function addition(chance: Prng): SchemaChangeInput {
  const field = `extra${chance.hex(6)}`;
  return chance.chance(0.5)
    ? { kind: 'add-field', field, type: { kind: 'integer', min: 0, max: 100, required: true }, default: 7 }
    : { kind: 'add-field', field, type: { kind: 'boolean' } };
}

function newPolicies(dataset: Dataset, chance: Prng): Command {
  const field = chance.pick(Object.keys(sales.fields));
  const policies = { fields: { [field]: chance.pick(POLICIES) } };
  return { type: 'change-policies', ...CATALOGUE_KEY, changes: dataset.name, policies };
}

// A head and branches in one process, each with a real database, joined by a line that can be cut.
import { toHex } from '../../../domain/chain.ts';
import { CATALOGUE_KEY } from '../../../domain/datasets/definitions.ts';
import type { SchemaChangeInput } from '../../../domain/datasets/schema-change.ts';
import type { Command } from '../../../domain/office/commands.ts';
import { readConfig } from '../../../mixins/config.ts';
import { createInProcessHub, type InProcessHub } from '../../../mixins/link/in-process.ts';
import type { Office } from '../../../mixins/office.ts';
import { createOffice } from '../../../mixins/running-office.ts';
import { expect } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { type DatabaseKind, testDatabase, type TestPlace } from '../../harness/servers.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
const AT_ONCE = 500;
const CATCH_UP_MS = 60_000;

type Fields = Readonly<Record<string, unknown>>;

export class Company {
  readonly #hub: InProcessHub = createInProcessHub();
  readonly #places = new Map<string, TestPlace>();
  readonly #offices = new Map<string, Office>();

  /** Opens an office, or opens it again, by this program unless told. */
  async open(id: string, kind: DatabaseKind, program = { createOffice }): Promise<Office> {
    const place = this.#places.get(id) ?? (await testDatabase(kind));
    this.#places.set(id, place);
    const role = id === 'head' ? 'head' : 'branch';
    const config = readConfig({ OFFICE_ID: id, OFFICE_ROLE: role, DATABASE_URL: place.url });
    const office = program.createOffice(config, { journal: QUIET, link: this.#hub });
    await office.start();
    this.#offices.set(id, office);
    return office;
  }

  async close(id: string): Promise<void> {
    await this.#offices.get(id)?.stop();
    this.#offices.delete(id);
  }

  cut(id: string): void {
    this.#hub.cut(id);
  }

  join(id: string): void {
    this.#hub.join(id);
  }

  async end(): Promise<void> {
    for (const id of [...this.#offices.keys()].reverse()) await this.close(id);
    for (const place of this.#places.values()) await place.drop();
  }
}

/** At the head. */
export async function evolve(head: Office, dataset: string, ...changes: SchemaChangeInput[]): Promise<void> {
  const command: Command = { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: dataset, changes };
  await head.ledger().submit({ command, actor: 'admin' });
}

/** One entity for each id, in its own scope. */
export async function recordAll(
  office: Office,
  ids: readonly string[],
  fields: Fields,
  dataset = 'sales',
): Promise<void> {
  const scope = office.config.office;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const outcomes = await office.ledger().submitAll(
      ids.slice(from, from + AT_ONCE).map((entityId) => ({
        command: { type: 'record', dataset, scope, entityId, fields },
        actor: 'clerk',
      })),
    );
    for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
  }
}

export async function amend(office: Office, scope: string, entityId: string, fields: Fields): Promise<void> {
  const command: Command = { type: 'amend', dataset: 'sales', scope, entityId, fields };
  await office.ledger().submit({ command, actor: 'clerk' });
}

/** Every row of a scope, as its table has it. */
export async function rowsOf(office: Office, dataset: string, scope: string) {
  const declared = office.datasets.named(dataset);
  if (declared === null) return null;
  return office.ledger().read.rows(declared, { scope, deleted: 'with', limit: 1_000_000 });
}

/** What two offices that hold the same events, and the same state, say alike. */
async function digestOf(office: Office, dataset: string, scope: string) {
  const rows = await office.ledger().read.digests(dataset, scope);
  return rows.map(({ bucket, count, events, state }) =>
    [bucket, count, toHex(events), toHex(state)].join(' '),
  );
}

/** Both know all that there is of a scope, and show it alike. */
export async function expectAlike(
  some: Office,
  other: Office,
  dataset: string,
  scope: string,
): Promise<void> {
  await eventually(async () => {
    expect(await digestOf(some, dataset, scope)).toEqual(await digestOf(other, dataset, scope));
    expect(await rowsOf(some, dataset, scope)).toEqual(await rowsOf(other, dataset, scope));
  }, CATCH_UP_MS);
}

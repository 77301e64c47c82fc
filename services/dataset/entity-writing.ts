import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DomainError } from '../../domain/errors.ts';
import type { EntityKey, LoggedEvent } from '../../domain/event.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { presentRow } from '../../domain/office/present.ts';
import type { Submitted } from '../../mixins/ledger/ledger.ts';
import type { Office } from '../../mixins/office.ts';
import { ANONYMOUS, type Call } from '../call.ts';
import { scopeOf } from './entity-reading.ts';
import { assertScope } from './scope.ts';
import { type EntityView, viewEntity } from './entity-view.ts';

export interface RecordParams {
  /** Chosen by the client, or new. */
  readonly id?: string;
  /** At the head: for which office. */
  readonly office?: string;
  readonly [field: string]: unknown;
}

export interface EntityParams {
  readonly id: string;
  /** Which of several entities with this id; needed at the head only. */
  readonly office?: string;
}

export interface AmendParams extends EntityParams {
  readonly [field: string]: unknown;
}

/** Commands on the entities of one dataset, and their answers. */
export class EntityWriting {
  readonly #office: Office;
  readonly #dataset: Dataset;

  constructor(office: Office, dataset: Dataset) {
    this.#office = office;
    this.#dataset = dataset;
  }

  async record(ctx: Call<RecordParams>): Promise<EntityView> {
    const { id = this.#office.ports.newId(), office, ...fields } = ctx.params;
    const scope = office ?? this.#office.config.office;
    await assertScope(this.#office, scope);
    return this.#submit(ctx, { type: 'record', dataset: this.#dataset.name, scope, entityId: id, fields });
  }

  async amend(ctx: Call<AmendParams>): Promise<EntityView> {
    const { id, office, ...fields } = ctx.params;
    return this.#submit(ctx, { type: 'amend', ...(await this.#key({ id, office })), fields });
  }

  async void(ctx: Call<EntityParams & { readonly reason?: string }>): Promise<EntityView> {
    const { reason } = ctx.params;
    const key = await this.#key(ctx.params);
    return this.#submit(ctx, { type: 'void', ...key, ...(reason === undefined ? {} : { reason }) });
  }

  async restore(ctx: Call<EntityParams>): Promise<EntityView> {
    return this.#submit(ctx, { type: 'restore', ...(await this.#key(ctx.params)) });
  }

  async #submit(ctx: Call, command: Command): Promise<EntityView> {
    const { actor = ANONYMOUS, idempotency } = ctx.meta;
    const submission = { command, actor, ...(idempotency === undefined ? {} : { idempotency }) };
    const submitted = await this.#office.ledger().submit(submission);
    if (submitted.replayed) ctx.meta.replayed = true;
    return viewEntity(this.#dataset, presentRow(this.#dataset, await this.#stateThen(command, submitted)));
  }

  async #stateThen(key: EntityKey, { logged, replayed, state }: Submitted): Promise<EntityState> {
    const then = replayed && logged !== null ? await this.#stateAt(key, logged) : state;
    if (then !== null) return then;
    throw new DomainError('invariant-broken', 'Invariant broken: a command leaves an entity behind');
  }

  /** The first answer to a request that is repeated: what this office knew when it had just written its event. */
  async #stateAt(key: EntityKey, { event }: LoggedEvent): Promise<EntityState | null> {
    const { read } = this.#office.ledger();
    const [[own], history] = await Promise.all([
      read.eventsByIds(event.office, [event.id]),
      read.eventsOfEntity(event.dataset === key.dataset ? event : key), // a new id was drawn for the repetition
    ]);
    const known = history.filter(
      ({ position, status }) => status === 'applied' && position <= (own?.position ?? 0),
    );
    return known.reduce<EntityState | null>((state, row) => evolve(state, row.event), null);
  }

  async #key({ id, office }: { readonly id: string; readonly office: string | undefined } | EntityParams) {
    const scope = office ?? (await scopeOf(this.#office, this.#dataset, id));
    return { dataset: this.#dataset.name, scope, entityId: id };
  }
}

import type { Dataset } from '../../domain/datasets/dataset.ts';
import { eventType } from '../../domain/datasets/event-types.ts';
import { byKey } from '../../domain/datasets/shown.ts';
import { validateFields } from '../../domain/datasets/validate.ts';
import { DomainError, errorType } from '../../domain/errors.ts';
import { type DomainEvent, dotName, type EntityKey } from '../../domain/event.ts';
import { sameValue } from '../../domain/conflict/detect.ts';
import type { Command, RecordEntity } from '../../domain/office/commands.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { presentRow } from '../../domain/office/present.ts';
import type { Submitted } from '../../mixins/ledger/ledger.ts';
import type { Office } from '../../mixins/office.ts';
import type { EventRow } from '../../mixins/store/store.ts';
import { ANONYMOUS, type Call } from '../call.ts';
import { datasetOf } from './dataset-of.ts';
import { scopeOf } from './entity-reading.ts';
import { assertScope, homeOf } from './scope.ts';
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
  readonly #name: string;

  constructor(office: Office, name: string) {
    this.#office = office;
    this.#name = name;
  }

  /** As it is now. */
  get #dataset(): Dataset {
    return datasetOf(this.#office, this.#name);
  }

  async record(ctx: Call<RecordParams>): Promise<EntityView> {
    const { id = this.#office.ports.newId(), office, ...given } = ctx.params;
    const fields = byKey(this.#dataset, given);
    const scope = office ?? homeOf(this.#office, this.#dataset);
    await assertScope(this.#office, this.#dataset, scope);
    const command = { type: 'record', dataset: this.#dataset.name, scope, entityId: id, fields } as const;
    try {
      return await this.#submit(ctx, command);
    } catch (error) {
      // A key says by itself which request is a repetition.
      const isNamed = ctx.params.id !== undefined && ctx.meta.idempotency === undefined;
      const first = isNamed && errorType(error) === 'already-exists' ? await this.#recorded(command) : null;
      if (first === null) throw error;
      ctx.meta.replayed = true;
      return this.#view(await this.#stateAt(command, first));
    }
  }

  async amend(ctx: Call<AmendParams>): Promise<EntityView> {
    const { id, office, ...given } = ctx.params;
    const fields = byKey(this.#dataset, given);
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
    return this.#view(await this.#stateThen(command, submitted));
  }

  #view(state: EntityState | null): EntityView {
    if (state !== null) return viewEntity(this.#dataset, presentRow(this.#dataset, state));
    throw new DomainError('invariant-broken', 'Invariant broken: a command leaves an entity behind');
  }

  #stateThen(key: EntityKey, { logged, replayed, state }: Submitted): Promise<EntityState | null> {
    return replayed && logged !== null ? this.#stateAt(key, logged.event) : Promise.resolve(state);
  }

  /**
   * The event by which this office recorded the very same: a client that chose the id and got no answer asks again.
   * null when it was something else.
   */
  async #recorded({ fields, ...key }: RecordEntity): Promise<DomainEvent | null> {
    const history = await this.#office.ledger().read.eventsOfEntity(key);
    const recorded = history.find(
      ({ event, status }) =>
        status === 'applied' &&
        event.office === this.#office.config.office &&
        event.type === eventType(this.#dataset, 'Recorded') &&
        event.version === this.#dataset.version,
    );
    if (recorded === undefined) return null;
    const { data } = recorded.event;
    const asked = validateFields(this.#dataset, fields, 'record');
    const names = new Set([...Object.keys(asked), ...Object.keys(data)]);
    const isSame = [...names].every((name) => sameValue(asked[name] ?? null, data[name] ?? null));
    return isSame ? recorded.event : null;
  }

  /** The first answer to a request that is repeated: what this office knew when it had just written its event. */
  async #stateAt(key: EntityKey, event: DomainEvent): Promise<EntityState | null> {
    const { read } = this.#office.ledger();
    const isOfDataset = event.dataset === key.dataset;
    const [history, [own]] = await Promise.all([
      read.eventsOfEntity(isOfDataset ? event : key), // a new id was drawn for the repetition
      read.eventsByDots([event]),
    ]);
    if (own !== undefined && own.status !== 'applied') throw notInForce(own, key);
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

/** What a repeated request wrote counts for nothing (any more), so that its first answer would be untrue. */
function notInForce({ event, status }: EventRow, { dataset, scope, entityId }: EntityKey): DomainError {
  const dot = dotName(event);
  if (status === 'discarded') {
    const message = `What this request wrote, ${dot}, was discarded at the head; if it is still wanted, send it with another Idempotency-Key`;
    return new DomainError('event-discarded', message, { event: dot });
  }
  const message = `What this request wrote, ${dot}, is kept and not applied yet; try again after a sync`;
  return new DomainError('entity-waiting', message, { dataset, scope, entityId, event: dot });
}

import { encodeEvent } from '../../domain/canonical.ts';
import { chainHash } from '../../domain/chain.ts';
import { lifeOf } from '../../domain/clock.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import type { DomainEvent, EntityKey, LoggedEvent } from '../../domain/event.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { LogRow } from '../../mixins/store/store.ts';
import type { Prng } from './prng.ts';
import { uuidV7, type World } from './world.ts';

const SALE = { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 1, cost: '1', tax: '0' };

/** What a newer or a hostile program may put behind a good event of its own. */
const STRANGE: readonly Partial<DomainEvent>[] = [
  { type: 'SaleTeleported' },
  { type: 'SaleAmended', version: 99 },
  { type: 'SaleAmended', data: { qty: 'many' } },
  { type: 'ConflictResolved', data: { writes: {} } },
  { dataset: 'spaceships', type: 'SpaceshipSold' },
];

/**
 * Programs that others do not understand: they write, well chained, events of an unknown type, of a version to come, of
 * no sense, or into a scope that is not theirs. Such an event is kept and waits, and so does what follows it on its
 * entity, at every office; all else goes on.
 */
export class Strangers {
  /** In the ids of their entities, which no operator ever touches. */
  static readonly MARK = 'strange-';
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  static isTheirs({ entityId }: EntityKey): boolean {
    return entityId.startsWith(Strangers.MARK);
  }

  /** In the office's own log, as if its program had been another one. */
  write(ledger: OfficeLedger, chance: Prng): void {
    this.#write(ledger, chance).catch((error: unknown) => {
      const isWeather = isTransient(error) || errorType(error) === 'log-moved'; // it may have grown meanwhile
      if (!isWeather) this.#world.fail(error);
    });
  }

  async #write(ledger: OfficeLedger, chance: Prng): Promise<void> {
    const log = await ledger.read.logRow();
    if (log.hold !== 'none') return;
    await ledger.branch.restoreOwn(log.tail, this.#story(log, chance));
  }

  /** A sale, something strange about it, and a change that comes after. */
  #story(log: LogRow, chance: Prng): LoggedEvent[] {
    const entityId = `${Strangers.MARK}${chance.hex(8)}`;
    const scope = chance.chance(0.2) ? 'elsewhere' : log.office;
    const kinds = [{ type: 'SaleRecorded', data: SALE }, chance.pick(STRANGE), { type: 'SaleAmended' }];
    const events: LoggedEvent[] = [];
    let { seq, hash } = log.tail;
    for (const kind of kinds) {
      seq += 1;
      const common = { dataset: 'sales', scope, entityId, version: 1, data: { qty: 2 }, type: '', ...kind };
      const event = this.#event(log, seq, common, chance);
      const bytes = encodeEvent(event);
      hash = chainHash(machinePorts, hash, bytes);
      events.push({ event, bytes, hash });
    }
    return events;
  }

  #event(
    { office, tail, at }: LogRow,
    seq: number,
    what: Pick<DomainEvent, 'dataset' | 'scope' | 'entityId' | 'type' | 'version' | 'data'>,
    chance: Prng,
  ): DomainEvent {
    const dot = { office, epoch: tail.epoch, seq };
    const id = uuidV7(Math.floor(this.#world.nowMs), chance);
    return { ...what, ...dot, id, at, actor: 'a stranger', clock: { [lifeOf(dot)]: seq } };
  }
}

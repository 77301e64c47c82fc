import { encodeEvent } from '../../domain/canonical.ts';
import { type ChainPoint, chainHash, START_OF_CHAIN } from '../../domain/chain.ts';
import { lifeOf, type VectorClock } from '../../domain/clock.ts';
import type { DomainEvent, JsonObject, LoggedEvent } from '../../domain/event.ts';
import { hybridTime } from '../../domain/hlc.ts';
import { SALE } from './story.ts';
import { NOON_MS } from './sync-ports.ts';
import { testHasher } from './test-hasher.ts';

let ids = 0;

/** One office's log, written without any office: whatever is not said of an event is unremarkable. */
export class OfficeLog {
  readonly office: string;
  readonly events: LoggedEvent[] = [];
  #end: ChainPoint;

  constructor(office: string, from: ChainPoint = START_OF_CHAIN) {
    this.office = office;
    this.#end = from;
  }

  get end(): ChainPoint {
    return this.#end;
  }

  get bytes(): Uint8Array[] {
    return this.events.map((logged) => logged.bytes);
  }

  records(entityId: string, changes: Partial<DomainEvent> = {}): LoggedEvent {
    return this.writes({ entityId, type: 'SaleRecorded', data: { ...SALE }, ...changes });
  }

  /** `seen`: what its author knew of the sale, its own dot left out. */
  amends(entityId: string, data: JsonObject, seen: VectorClock = {}, scope = this.office): LoggedEvent {
    return this.writes({ entityId, scope, type: 'SaleAmended', data }, seen);
  }

  writes(changes: Partial<DomainEvent>, seen: VectorClock = {}): LoggedEvent {
    const dot = { office: this.office, epoch: changes.epoch ?? this.#end.epoch, seq: this.#end.seq + 1 };
    const event: DomainEvent = {
      id: newId(),
      dataset: 'sales',
      scope: this.office,
      entityId: `sale-${dot.seq}`,
      type: 'SaleRecorded',
      version: 1,
      at: hybridTime(NOON_MS + dot.seq * 1000, 0),
      actor: 'anna',
      data: { ...SALE },
      ...changes,
      ...dot,
      clock: changes.clock ?? { ...seen, [lifeOf(dot)]: dot.seq },
    };
    const bytes = encodeEvent(event);
    const logged = { event, bytes, hash: chainHash(testHasher, this.#end.hash, bytes) };
    this.#end = { epoch: dot.epoch, seq: dot.seq, hash: logged.hash };
    this.events.push(logged);
    return logged;
  }

  /** As a batch: the events after a place, up to another. */
  after(seq: number, upTo = this.#end.seq) {
    const events = this.events.slice(seq, upTo);
    const before = seq === 0 ? START_OF_CHAIN.hash : this.events[seq - 1]!.hash;
    const batch = {
      kind: 'batch',
      office: this.office,
      instance: 'i1',
      nonce: 'n1',
      firstSeq: seq + 1,
    } as const;
    return {
      ...batch,
      before,
      after: events.at(-1)?.hash ?? before,
      events: events.map(({ bytes }) => bytes),
    };
  }

  pointAt(seq: number): ChainPoint {
    if (seq === 0) return START_OF_CHAIN;
    const { event, hash } = this.events[seq - 1]!;
    return { epoch: event.epoch, seq, hash };
  }
}

export function newId(): string {
  return `00000000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`;
}

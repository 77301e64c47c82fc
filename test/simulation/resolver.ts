import { isTransient } from '../../domain/errors.ts';
import type { Ports } from '../../domain/ports.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { Scheduler } from '../../mixins/sync/scheduler.ts';
import { type Bench, ruleAutomatically } from '../../services/conflicts/rule-automatically.ts';
import type { Prng } from './prng.ts';

/** The head's conflicts service without its broker: rules by policy on every case it hears of, a moment later. */
export class Resolver {
  readonly #ledger: OfficeLedger;
  readonly #office: Bench;
  readonly #scheduler: Scheduler;
  readonly #chance: Prng;

  constructor(ledger: OfficeLedger, ports: Ports, scheduler: Scheduler, chance: Prng) {
    this.#ledger = ledger;
    this.#office = {
      ledger: () => ledger,
      ports,
      config: { office: ledger.office },
      datasets: ledger.datasets,
    };
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  start(): void {
    this.#ledger.onCommitted(({ cases }) => cases.forEach((id) => this.#soon(id)));
    this.#ledger.datasets.onChanged(() => void this.#sweep());
    void this.#sweep();
  }

  /** What an earlier process left undone. */
  async #sweep(): Promise<void> {
    try {
      const open = await this.#ledger.read.cases({ status: 'open', limit: 1_000_000 });
      open.forEach(({ id }) => this.#soon(id));
    } catch {
      this.#scheduler.after(1_000, () => void this.#sweep());
    }
  }

  #soon(id: string): void {
    this.#scheduler.after(this.#chance.between(0, 500), () => {
      void this.#rule(id);
    });
  }

  async #rule(id: string): Promise<void> {
    try {
      const [failed] = await ruleAutomatically(this.#office, [id]);
      if (failed !== undefined) throw failed.error;
    } catch (error) {
      if (!isTransient(error)) throw error;
      this.#soon(id);
    }
  }
}

import { standingContenders } from '../../domain/conflict/cases.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import { datasetNamed } from '../../domain/datasets/registry.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import { dotOf, entityKeyOf } from '../../domain/event.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { Ledger } from '../../mixins/ledger/ledger.ts';
import type { Scheduler } from '../../mixins/sync/scheduler.ts';
import type { Prng } from './prng.ts';

/** The head's conflicts service as far as the protocol is concerned: rules by policy on every case it hears of. */
export class Resolver {
  readonly #ledger: Ledger;
  readonly #scheduler: Scheduler;
  readonly #chance: Prng;

  constructor(ledger: Ledger, scheduler: Scheduler, chance: Prng) {
    this.#ledger = ledger;
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  start(): void {
    this.#ledger.onCommitted(({ cases }) => cases.forEach((id) => this.#soon(id)));
    void this.#scan();
  }

  /** What an earlier process left undone. */
  async #scan(): Promise<void> {
    try {
      const open = await this.#ledger.read.cases({ status: 'open', limit: 1_000_000 });
      open.forEach(({ id }) => this.#soon(id));
    } catch {
      this.#scheduler.after(1_000, () => void this.#scan());
    }
  }

  #soon(id: string): void {
    this.#scheduler.after(this.#chance.between(0, 500), () => {
      this.#rule(id).catch((error: unknown) => {
        if (isTransient(error)) this.#soon(id);
        else if (errorType(error) !== 'case-settled') throw error;
      });
    });
  }

  async #rule(id: string): Promise<void> {
    const conflict = await this.#ledger.read.case(id);
    const dataset = conflict === null ? null : datasetNamed(conflict.dataset);
    if (conflict === null || dataset === null || conflict.status !== 'open') return;
    const { writes, policies } = ruleOn(conflict, dataset, this.#ledger.office);
    if (Object.keys(writes).length === 0) return;
    const policyVersion = dataset.policies.version;
    const command = {
      type: 'resolve' as const,
      ...entityKeyOf(conflict),
      caseId: id,
      contenders: standingContenders(conflict).map(dotOf),
      writes,
      policies,
      policyVersion,
      decision: 'automatic' as const,
      base: conflict.base,
    };
    const eventId = resolutionEventId(conflict, policyVersion, machinePorts);
    await this.#ledger.submit({ command, actor: 'branchline', eventId });
  }
}

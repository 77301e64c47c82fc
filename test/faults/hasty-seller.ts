// People who sell without a key and never ask again: what they were not answered may be there, but once at most.
import { randomUUID } from 'node:crypto';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { paper, type Sale } from '../e2e/sales.ts';
import type { Told } from './oracle.ts';
import { isPassing, type Sold } from './seller.ts';

const AGAIN_MS = 20;

export class HastySeller implements Told {
  readonly sold: Sold[] = [];
  readonly refusals: string[] = [];
  readonly #office: OfficeProcess;
  readonly #work: Promise<void>;
  #isOpen = true;

  constructor(office: OfficeProcess) {
    this.#office = office;
    this.#work = this.#sell();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#work;
  }

  async #sell(): Promise<void> {
    while (this.#isOpen) {
      const label = `sale ${randomUUID()}`;
      const sold: Sold = { label, told: null, isUnsure: false };
      this.sold.push(sold);
      const answer = await this.#office
        .send<Sale>('POST', '/api/sales', { ...paper(1), product: label })
        .catch(() => null);
      if (answer?.status === 201) sold.told = answer.body;
      else if (answer !== null && !isPassing(answer.status))
        this.refusals.push(`${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

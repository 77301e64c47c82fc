// Black-box load: people who sell over REST, ask again when no answer comes, and write down what they were told.
import { randomUUID } from 'node:crypto';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { paper, type Sale } from '../e2e/sales.ts';

const ANSWER_MS = 30_000;
const AGAIN_MS = 100;
/** Of ten commands: so many change an earlier sale. */
const CHANGES_OF_TEN = 3;

/** One sale as its seller knows it. `told` is what the office last answered. */
export interface Sold {
  /** In the field `product`, on no other sale: a sale that is there twice shows. */
  readonly label: string;
  told: Sale | null;
  /** A command was given up without an answer: it may have been carried out. */
  isUnsure: boolean;
}

type Method = 'POST' | 'PATCH' | 'DELETE';

/** Sells at one office, one command after another, until told to stop. */
export class Seller {
  readonly sold: Sold[] = [];
  /** Commands that were answered with success. */
  answered = 0;
  /** Answers that no retry can mend, e.g. 409, and defects (500); an honest office gives none. */
  readonly refusals: string[] = [];
  readonly #office: OfficeProcess;
  readonly #pauseMs: number;
  readonly #scope: string | null;
  #isOpen = true;
  #giveUpAtMs = Infinity;
  #work: Promise<void> | null = null;

  /** `scope`: at the head, for which office. */
  constructor(office: OfficeProcess, pauseMs = 0, scope: string | null = null) {
    this.#office = office;
    this.#pauseMs = pauseMs;
    this.#scope = scope;
  }

  start(): this {
    this.#work = this.#sell();
    return this;
  }

  /** What is under way is asked for until it is answered, at most so long. */
  async stop(patienceMs = 60_000): Promise<void> {
    this.#isOpen = false;
    this.#giveUpAtMs = performance.now() + patienceMs;
    await this.#work;
  }

  async #sell(): Promise<void> {
    for (let number = 0; this.#isOpen; number++) {
      const known = this.sold.filter(({ told, isUnsure }) => told !== null && !isUnsure);
      if (number % 10 < CHANGES_OF_TEN && known.length > 0) await this.#change(known, number);
      else await this.#record(number);
      if (this.#pauseMs > 0) await new Promise((done) => setTimeout(done, this.#pauseMs));
    }
  }

  async #record(number: number): Promise<void> {
    const sold: Sold = { label: `sale ${randomUUID()}`, told: null, isUnsure: false };
    this.sold.push(sold);
    const id = number % 2 === 0 ? {} : { id: randomUUID() };
    const scope = this.#scope === null ? {} : { office: this.#scope };
    const body = { ...paper(1 + (number % 90)), product: sold.label, ...id, ...scope };
    await this.#ask(sold, 'POST', '/api/sales', body);
  }

  async #change(known: readonly Sold[], number: number): Promise<void> {
    const sold = known[(number * 7) % known.length]!;
    const path = `/api/sales/${sold.told!.id}`;
    if (sold.told!.deletedAt !== null) await this.#ask(sold, 'POST', `${path}/restore`);
    else if (number % 10 === 0) await this.#ask(sold, 'DELETE', path);
    else await this.#ask(sold, 'PATCH', path, { qty: 100 + number });
  }

  /** With one key, so often that it is answered. */
  async #ask(sold: Sold, method: Method, path: string, body?: unknown): Promise<void> {
    const key = randomUUID();
    for (;;) {
      const answer = await this.#attempt(method, path, key, body);
      if (answer?.sale) {
        sold.told = answer.sale;
        this.answered += 1;
        return;
      }
      if (answer?.refusal) {
        this.refusals.push(`${method} ${path}: ${answer.refusal}`);
        return;
      }
      if (performance.now() > this.#giveUpAtMs) {
        sold.isUnsure = true;
        return;
      }
      await new Promise((done) => setTimeout(done, AGAIN_MS).unref()); // a test that failed must not go on for ever
    }
  }

  /** null when it has to be asked again: no answer, or a trouble that passes. */
  async #attempt(
    method: Method,
    path: string,
    key: string,
    body: unknown,
  ): Promise<{ sale?: Sale; refusal?: string } | null> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const response = await fetch(this.#office.url + path, { method, headers, signal, ...json });
      const text = await response.text();
      if (response.ok) return { sale: JSON.parse(text) as Sale };
      return isPassing(response.status) ? null : { refusal: `${response.status} ${text}` };
    } catch {
      return null;
    }
  }
}

/** Whether an office says by this that it cannot serve now (503), or not in time (504). A 500 is a defect of it. */
export function isPassing(status: number): boolean {
  return status === 503 || status === 504;
}

/** Several people at one office; `scope`: at the head, for which office they sell. */
export function sellers(
  office: OfficeProcess,
  count: number,
  pauseMs = 0,
  scope: string | null = null,
): Seller[] {
  return Array.from({ length: count }, () => new Seller(office, pauseMs, scope).start());
}

export async function stopSelling(all: readonly Seller[], patienceMs?: number): Promise<void> {
  await Promise.all(all.map((seller) => seller.stop(patienceMs)));
}

export function answeredBy(all: readonly Seller[]): number {
  return all.reduce((sum, { answered }) => sum + answered, 0);
}

// Many branches in one process: real offices with a database each, over a real broker, without a page and services.
import { randomUUID } from 'node:crypto';
import { createOffice } from '../../mixins/running-office.ts';
import { readConfig } from '../../mixins/config.ts';
import type { Office } from '../../mixins/office.ts';
import { paper } from '../e2e/sales.ts';
import { testSqlite, type TestPlace } from '../harness/servers.ts';

const AT_ONCE = 1_000;
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

export class CrowdBranch {
  readonly id: string;
  readonly #office: Office;
  readonly #place: TestPlace;
  readonly sold: string[] = [];

  private constructor(id: string, office: Office, place: TestPlace) {
    this.id = id;
    this.#office = office;
    this.#place = place;
  }

  static async start(id: string, linkUrl: string): Promise<CrowdBranch> {
    const place = await testSqlite();
    const settings = { OFFICE_ID: id, OFFICE_ROLE: 'branch', DATABASE_URL: place.url, LINK_URL: linkUrl };
    const office = createOffice(readConfig(settings), { journal: QUIET });
    await office.start();
    return new CrowdBranch(id, office, place);
  }

  async sell(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE) {
      const ids = Array.from({ length: Math.min(left, AT_ONCE) }, () => randomUUID());
      const outcomes = await this.#office.ledger().submitAll(
        ids.map((entityId) => ({
          command: { type: 'record', dataset: 'sales', scope: this.id, entityId, fields: paper(1) },
          actor: 'seller',
        })),
      );
      for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
      this.sold.push(...ids);
    }
  }

  /** Own events that the head has not acknowledged. */
  get pending(): number {
    return this.#office.branchSync().status().pending;
  }

  get state(): string {
    return this.#office.branchSync().status().state;
  }

  async pause(): Promise<void> {
    await this.#office.branchSync().pause();
  }

  async resume(): Promise<void> {
    await this.#office.branchSync().resume();
  }

  async stop(): Promise<void> {
    await this.#office.stop();
    await this.#place.drop();
  }
}

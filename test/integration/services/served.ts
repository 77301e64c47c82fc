// Real offices in this process: a real SQLite file each, a real gateway, joined by the in-process hub.
import { serveOffice, type ServedOffice } from '../../../cli/serve-office.ts';
import { type OfficeConfig, readConfig } from '../../../mixins/config.ts';
import { createInProcessHub, type InProcessHub } from '../../../mixins/link/in-process.ts';
import type { Links } from '../../../mixins/office.ts';
import { testSqlite, type TestPlace } from '../../harness/servers.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of every kind, looked at by matchers
  readonly body: any;
}

export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface TestOffice extends ServedOffice {
  readonly ask: Ask;
  /** Ends it and opens it again on the same database. */
  reopen(change?: Partial<OfficeConfig>): Promise<TestOffice>;
}

export class TestOffices {
  readonly hub: InProcessHub = createInProcessHub();
  readonly #places: TestPlace[] = [];
  readonly #served: ServedOffice[] = [];

  async open(
    office: string,
    role: 'head' | 'branch',
    change: Partial<OfficeConfig> = {},
  ): Promise<TestOffice> {
    const place = await testSqlite();
    this.#places.push(place);
    const config = readConfig({
      OFFICE_ID: office,
      OFFICE_ROLE: role,
      DATABASE_URL: place.url,
      PORT: '0',
      LOG_LEVEL: 'fatal',
    });
    return this.#serve({ ...config, ...change });
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#served.map((served) => served.stop()));
    await Promise.all(this.#places.map((place) => place.drop()));
  }

  async #serve(config: OfficeConfig): Promise<TestOffice> {
    const link: Links = {
      headLink: () => this.hub.headLink(),
      branchLink: (office, instance) => this.hub.branchLink(office, instance),
    };
    const served = await serveOffice(config, { link });
    this.#served.push(served);
    const reopen = async (change: Partial<OfficeConfig> = {}) => {
      await served.stop();
      this.#served.splice(this.#served.indexOf(served), 1);
      return this.#serve({ ...config, ...change });
    };
    return { ...served, ask: asker(served.url!), reopen };
  }
}

export function asker(url: string): Ask {
  return async (method, path, body, headers = {}) => {
    const content =
      body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { ...type, ...headers },
      ...content,
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : isHtml(response) ? text : JSON.parse(text),
    };
  };
}

function isHtml({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/html') ?? false;
}

export const PAPER = {
  soldOn: '2026-04-01',
  product: 'Paper',
  region: 'West',
  qty: 33,
  cost: '12.95',
  tax: '29.91',
};

export async function newSaleAt(ask: Ask, change: object = {}): Promise<Answer['body']> {
  return (await ask('POST', '/api/sales', { ...PAPER, ...change })).body;
}

/** A problem of this type, whatever it says. */
export function problem(status: number, type: string) {
  return { status, body: { type: `urn:branchline:problem:${type}`, status } };
}

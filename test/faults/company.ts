// A head and branches as processes of their own, each on the database that it is given.
import { expect } from '@jest/globals';
import { branchline, OfficeProcess, type Settings } from '../e2e/office-process.ts';
import { type DatabaseKind, testAmqp, testDatabase, type TestPlace } from '../harness/servers.ts';

export const HEAD = 'head';

export interface OfficePlan {
  /** Made anew on the servers of this run, unless a url is given. */
  readonly database: DatabaseKind | { readonly url: string };
  readonly settings?: Settings;
  /** Of a branch: what the head grants it; `own` unless told. */
  readonly subscribe?: 'own' | 'all';
}

export interface CompanyPlan {
  readonly head: OfficePlan;
  readonly branches: Readonly<Record<string, OfficePlan>>;
  /** The broker; a virtual host of this run's own unless it is given. */
  readonly linkUrl?: string;
}

export class Company {
  readonly linkUrl: string;
  readonly #offices = new Map<string, OfficeProcess>();
  readonly #places: TestPlace[];

  private constructor(linkUrl: string, places: TestPlace[]) {
    this.linkUrl = linkUrl;
    this.#places = places;
  }

  /** Resolves when all offices are ready and the head knows the branches. */
  static async open({ head, branches, linkUrl }: CompanyPlan): Promise<Company> {
    const places: TestPlace[] = [];
    if (linkUrl === undefined) places.push(await testAmqp());
    const company = new Company(linkUrl ?? places[0]!.url, places);
    try {
      await company.#start(HEAD, head);
      for (const [office, plan] of Object.entries(branches)) await company.add(office, plan);
      return company;
    } catch (error) {
      await company.close();
      throw error;
    }
  }

  get head(): OfficeProcess {
    return this.office(HEAD);
  }

  get branches(): OfficeProcess[] {
    return [...this.#offices.values()].filter((office) => office !== this.head);
  }

  office(id: string): OfficeProcess {
    return this.#offices.get(id)!;
  }

  async add(office: string, plan: OfficePlan): Promise<OfficeProcess> {
    const add = ['offices', 'add', office, '--subscribe', plan.subscribe ?? 'own'];
    expect(await branchline(add, this.head.settings)).toMatchObject({ code: 0 });
    return this.#start(office, plan);
  }

  /** Of one that the head knows already. */
  join(office: string, plan: OfficePlan): Promise<OfficeProcess> {
    return this.#start(office, plan);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#offices.values()].map((office) => office.stop()));
    await Promise.all(this.#places.map((place) => place.drop()));
  }

  async #start(
    office: string,
    { database, settings, subscribe = 'own' }: OfficePlan,
  ): Promise<OfficeProcess> {
    const launched = await OfficeProcess.launch({
      OFFICE_ID: office,
      OFFICE_ROLE: office === HEAD ? 'head' : 'branch',
      DATABASE_URL: typeof database === 'string' ? await this.#place(database) : database.url,
      LINK_URL: this.linkUrl,
      SUBSCRIBE: subscribe,
      ...settings,
    });
    this.#offices.set(office, launched); // closed with the company, ready or not
    await launched.becomes(200);
    return launched;
  }

  async #place(kind: DatabaseKind): Promise<string> {
    const place = await testDatabase(kind);
    this.#places.push(place);
    return place.url;
  }
}

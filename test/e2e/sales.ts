// What the end-to-end tests ask of offices over REST.
import { expect } from '@jest/globals';
import { eventually } from '../harness/wait.ts';
import type { OfficeProcess } from './office-process.ts';

export interface Sale {
  readonly id: string;
  readonly soldOn: string;
  readonly product: string;
  readonly region: string;
  readonly qty: number;
  readonly cost: string;
  readonly tax: string;
  readonly amount: string;
  readonly total: string;
  readonly office: string;
  readonly deletedAt: string | null;
  readonly conflicted: boolean;
}

export interface SyncState {
  readonly state: string;
  readonly paused: boolean;
  readonly pending: number;
  readonly ackedSeq: number;
  readonly lastSeq: number;
  readonly problem: { readonly type: string; readonly detail: string } | null;
}

export interface Digest {
  readonly dataset: string;
  readonly scope: string;
  readonly count: number;
  readonly events: string;
  readonly state: string;
}

export interface Case {
  readonly id: string;
  readonly office: string;
  readonly entityId: string;
  readonly status: 'open' | 'settled';
  readonly fields: readonly string[];
  readonly contenders: readonly {
    readonly office: string;
    readonly epoch: number;
    readonly values: Record<string, unknown>;
  }[];
  readonly rulings: readonly {
    readonly kind: string;
    readonly values: Record<string, unknown>;
    readonly policies: Record<string, string>;
  }[];
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total?: number;
}

export function paper(qty: number, cost = '12.95', tax = '1.00') {
  return { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty, cost, tax };
}

export async function record(office: OfficeProcess, sale: object): Promise<Sale> {
  const { status, body } = await office.send<Sale>('POST', '/api/sales', sale);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body;
}

export async function amend(office: OfficeProcess, id: string, fields: object, scope = ''): Promise<Sale> {
  const { status, body } = await office.send<Sale>('PATCH', `/api/sales/${id}${scope}`, fields);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body;
}

export async function voidSale(office: OfficeProcess, id: string, scope = ''): Promise<void> {
  const { status, body } = await office.send('DELETE', `/api/sales/${id}${scope}`);
  expect({ status, body }).toMatchObject({ status: 200 });
}

/** Every row of a list, page by page. */
export async function all<T>(office: OfficeProcess, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let next: string | null = ''; next !== null;) {
    const joint = path.includes('?') ? '&' : '?';
    const page: Answer<Page<T>> = await office.get<Page<T>>(
      `${path}${joint}limit=500${next && `&after=${encodeURIComponent(next)}`}`,
    );
    expect(page.status).toBe(200);
    items.push(...page.body.items);
    next = page.body.next;
  }
  return items;
}

type Answer<T> = Awaited<ReturnType<OfficeProcess['get']>> & { readonly body: T };

export async function count(office: OfficeProcess, query: string): Promise<number> {
  const { status, body } = await office.get<Page<Sale>>(`/api/sales?count=true&limit=1&${query}`);
  expect(status).toBe(200);
  return body.total!;
}

export async function digest(office: OfficeProcess, scope: string): Promise<Digest> {
  return (await office.get<Digest>(`/api/digest?dataset=sales&scope=${scope}`)).body;
}

export async function syncState(office: OfficeProcess): Promise<SyncState> {
  return (await office.get<SyncState>('/api/sync')).body;
}

/** Both hold the same events of this scope, folded to the same states. */
export async function agree(
  head: OfficeProcess,
  branch: OfficeProcess,
  scope: string,
  deadlineMs = 30_000,
): Promise<void> {
  await eventually(async () => {
    expect(await digest(branch, scope)).toEqual(await digest(head, scope));
    expect(await syncState(branch)).toMatchObject({ state: 'streaming', pending: 0, problem: null });
  }, deadlineMs);
}

/** Ten-thousandths, exactly. */
export function tenThousandths(decimal: string): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(decimal)!;
  return BigInt(`${sign}${whole}${fraction.padEnd(4, '0')}`);
}

export function sumOf(sales: readonly Sale[], field: 'amount' | 'tax' | 'total'): bigint {
  return sales.reduce((sum, sale) => sum + tenThousandths(sale[field]), 0n);
}

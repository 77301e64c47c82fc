// The reckoning after every fault: nothing that was answered is missing, nothing is doubled, both ends are the same.
import { chainHash, toHex, ZERO_HASH } from '../../domain/chain.ts';
import { encodeEvent } from '../../domain/canonical.ts';
import type { DomainEvent } from '../../domain/event.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { agree, all, digest, type Sale } from '../e2e/sales.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import type { EventView } from '../../services/event-view.ts';
import { expect } from '@jest/globals';
import type { Company } from './company.ts';
import type { Seller, Sold } from './seller.ts';

/** What somebody was told: a seller, or who sold otherwise. */
export type Told = Pick<Seller, 'sold' | 'refusals'>;

/** Waits until head and branch agree, then throws the list of all that is wrong with what the sellers were told. */
export async function reckon(
  company: Company,
  id: string,
  sellers: readonly Told[],
  deadlineMs = 90_000,
): Promise<void> {
  const { head } = company;
  const branch = company.office(id);
  await agree(head, branch, id, deadlineMs);
  const flaws = [
    ...sellers.flatMap(({ refusals }) => refusals),
    ...(await flawsOfSales(head, id, sellers)).map((flaw) => `head: ${flaw}`),
    ...(await flawsOfSales(branch, id, sellers)).map((flaw) => `${id}: ${flaw}`),
    ...(await flawsOfLog(head, id)).map((flaw) => `head: ${flaw}`),
    ...(await flawsOfLog(branch, id)).map((flaw) => `${id}: ${flaw}`),
  ];
  expect(flaws.slice(0, 20)).toEqual([]);
  expect(await digest(branch, id)).toEqual(await digest(head, id)); // and nothing has moved meanwhile
}

/** Of sellers whose sales were on a disk that was destroyed before its first contact: they may be missing. */
export function onlyOnce(sellers: readonly Told[]): Told[] {
  return sellers.map(({ sold, refusals }) => ({
    sold: sold.map((one) => ({ ...one, told: null })),
    refusals,
  }));
}

/** What is wrong at an office with what the sellers of a scope were told. */
export async function flawsOfSales(
  office: OfficeProcess,
  scope: string,
  sellers: readonly Told[],
): Promise<string[]> {
  const rows = await all<Sale>(office, `/api/sales?office=${scope}&deleted=with`);
  const byLabel = new Map<string, Sale[]>();
  for (const row of rows) byLabel.set(row.product, [...(byLabel.get(row.product) ?? []), row]);
  return sellers.flatMap(({ sold }) => sold.flatMap((one) => flawsOfSale(one, byLabel.get(one.label) ?? [])));
}

function flawsOfSale({ label, told, isUnsure }: Sold, rows: readonly Sale[]): string[] {
  if (rows.length > 1) return [`${label} is there ${rows.length} times`];
  if (told === null) return []; // nobody was told of it
  const row = rows[0];
  if (row === undefined) return [`${label} (${told.id}) was answered and is missing`];
  if (isUnsure) return [];
  return JSON.stringify(row) === JSON.stringify(told)
    ? []
    : [`${label} is ${JSON.stringify(row)}, its seller was told ${JSON.stringify(told)}`];
}

/** Of one author: seqs without gap or double, ids unique, each sale recorded once, the chain as its bytes say. */
async function flawsOfLog(office: OfficeProcess, author: string): Promise<string[]> {
  const events = await all<EventView>(office, `/api/events?author=${author}`);
  const inOrder = [...events].sort((a, b) => a.seq - b.seq);
  const flaws: string[] = [];
  inOrder.forEach(({ seq }, at) => {
    if (seq !== at + 1) flaws.push(`event ${at + 1} of ${author} has seq ${seq}`);
  });
  flaws.push(...doubles(inOrder.map(({ id }) => id)).map((id) => `two events have the id ${id}`));
  const recorded = inOrder.filter(({ type }) => type.endsWith('Recorded')).map(({ entityId }) => entityId);
  flaws.push(...doubles(recorded).map((id) => `sale ${id} is recorded twice`));
  return [...flaws, ...flawsOfChain(inOrder)].slice(0, 20);
}

function doubles(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.has(value) || !seen.add(value));
}

function flawsOfChain(events: readonly EventView[]): string[] {
  let hash = ZERO_HASH;
  for (const { position: _position, status: _status, hash: shown, ...event } of events) {
    hash = chainHash(machinePorts, hash, encodeEvent(event satisfies DomainEvent));
    if (toHex(hash) !== shown) return [`the chain of ${event.office} breaks at ${event.seq}`];
  }
  return [];
}

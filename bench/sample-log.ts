// A log as a branch writes it in two years: every minute somebody sells, corrects or voids something.
import { v7 } from 'uuid';
import { START_OF_CHAIN } from '../domain/chain.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import type { LoggedEvent } from '../domain/event.ts';
import { START_OF_TIME } from '../domain/hlc.ts';
import { type AppendView, planAppend } from '../domain/office/append.ts';
import type { Command } from '../domain/office/commands.ts';
import type { Ports } from '../domain/ports.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import { sampleSale } from './sample-sales.ts';

export const BRANCH = 'west';

const FIRST_SALE_MS = Date.UTC(2024, 0, 1);
const BETWEEN_SALES_MS = 60_000;
/** Of sixteen events behind the first fifth of the log ten are sales, five corrections, one a void. */
const ROUND = 16;
const SALES = 10;
const CORRECTIONS = 5;
/** Every fourth sale may be voided, and is never corrected. */
const VOIDED_EVERY = 4;
/** Of a multiple of it all shares come out exactly. */
export const EVENTS_STEP = 1_000;

/** The first fifth of a log is nothing but sales. */
export function firstPartOf(total: number): number {
  return Math.floor(total / 5);
}

/**
 * The command at `index` of a log of `total` events: 70% of all record, 25% amend, 5% void. Each of them changes
 * something, so that there are as many events.
 */
export function sampleCommand(index: number, total: number): Command {
  const behind = index - firstPartOf(total);
  if (behind < 0) return record(index);
  const [round, turn] = [Math.floor(behind / ROUND), behind % ROUND];
  const recorded = firstPartOf(total) + round * SALES;
  if (turn < SALES) return record(recorded + turn);
  if (turn < SALES + CORRECTIONS) return amend(index, recorded);
  return { type: 'void', ...key(round * VOIDED_EVERY), reason: `Returned, receipt ${index}` };
}

function record(sale: number): Command {
  return { type: 'record', ...key(sale), fields: { ...sampleSale(sale), soldOn: dayOf(sale) } };
}

function dayOf(sale: number): string {
  return new Date(FIRST_SALE_MS + sale * BETWEEN_SALES_MS).toISOString().slice(0, 10);
}

function amend(index: number, recorded: number): Command {
  const any = (Math.imul(index, 2_654_435_761) >>> 0) % Math.floor(recorded / VOIDED_EVERY);
  const sale = any * VOIDED_EVERY + 1 + (index % (VOIDED_EVERY - 1));
  const { qty, cost, tax } = sampleSale(1_000_000_000 + index);
  return { type: 'amend', ...key(sale), fields: { qty, cost, tax } };
}

function key(sale: number): { dataset: string; scope: string; entityId: string } {
  return { dataset: 'sales', scope: BRANCH, entityId: saleId(sale) };
}

/** The same index gives the same id, as of a till that makes its own. */
export function saleId(sale: number): string {
  return v7({ msecs: FIRST_SALE_MS + sale * BETWEEN_SALES_MS, random: mixedBytes(sale) });
}

function mixedBytes(seed: number): Uint8Array {
  let state = seed + 0x9e3779b9;
  return Uint8Array.from({ length: 16 }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5;
    return (state ^ (state >>> 13)) & 0xff;
  });
}

/** Those of the machine, but for a clock on which a minute passes from one sale to the next. */
export function tillPorts(events: () => number): Ports {
  const nowMs = () => FIRST_SALE_MS + events() * BETWEEN_SALES_MS;
  return { ...machinePorts, nowMs, newId: () => v7({ msecs: nowMs() }) };
}

/** The first `count` events of such a log, without a database. All of them are sales. */
export function sampleEvents(count: number): LoggedEvent[] {
  const logged: LoggedEvent[] = [];
  const ports = tillPorts(() => logged.length);
  let view: AppendView = emptyView();
  while (logged.length < count) {
    const submission = { command: record(logged.length), actor: 'till-2', eventId: ports.newId() };
    const { tail, position, at, events } = planAppend(view, [submission], ports);
    view = { ...view, tail, position, at };
    logged.push(...events);
  }
  return logged;
}

function emptyView(): AppendView {
  return {
    office: BRANCH,
    role: 'branch',
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
    known: [],
    waiting: new Map(),
    entities: new Map(),
    openCases: new Map(),
    history: () => [],
    datasetNamed: BUILT_IN.named,
  };
}

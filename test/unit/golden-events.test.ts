// Every version of every event that was ever released, as its bytes were, and what it folds to: for ever. A new version
// gets a file of its own; a file that is here is never changed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeEvent, encodeEvent } from '../../domain/canonical.ts';
import { chainHash, toHex, ZERO_HASH } from '../../domain/chain.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { presentRow, stateText } from '../../domain/office/present.ts';
import { OfficeInMemory } from './office-in-memory.ts';

interface Golden {
  /** Of each office, in order of seq. */
  readonly logs: Readonly<Record<string, readonly { readonly hash: string; readonly bytes: string }[]>>;
  readonly entities: readonly { readonly name: string; readonly state: string; readonly row: unknown }[];
}

const FOLDER = new URL('golden/', import.meta.url).pathname;
const RELEASED = [
  'ConflictNoted',
  'ConflictResolved',
  'DatasetEvolved',
  'EventDiscarded',
  'IncidentReported',
  'PoliciesChanged',
  'ProductRecorded',
  'SaleAmended',
  'SaleRecorded',
  'SaleRestored',
  'SaleVoided',
  'StockAmended',
  'StockRecorded',
  'VisitRecorded',
];
const encoder = new TextEncoder();
const goldenFiles = readdirSync(FOLDER).sort();

function readGolden(file: string): Golden {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Golden;
}

function eventsOf({ logs }: Golden): LoggedEvent[] {
  return Object.values(logs)
    .flat()
    .map(({ hash, bytes }) => {
      const canonical = encoder.encode(bytes);
      return { event: decodeEvent(canonical), bytes: canonical, hash: Buffer.from(hash, 'hex') };
    });
}

describe.each(goldenFiles)('events as %s has them', (file) => {
  const golden = readGolden(file);

  it('are encoded and chained as they were', () => {
    const office = new OfficeInMemory('anybody');
    for (const log of Object.values(golden.logs)) {
      let before: Uint8Array = ZERO_HASH;
      for (const { hash, bytes } of log) {
        const canonical = encoder.encode(bytes);
        expect(new TextDecoder().decode(encodeEvent(decodeEvent(canonical)))).toBe(bytes);
        before = chainHash(office.ports, before, canonical);
        expect(toHex(before)).toBe(hash);
      }
    }
  });

  it('fold to what they did, in whichever order they come', () => {
    const events = eventsOf(golden);
    for (const order of [events, [...events].reverse()]) {
      const office = new OfficeInMemory('anybody');
      office.takes(order);
      office.judgesAgain();
      const folded = [...office.entities].map(([name, state]) => {
        const dataset = office.datasets.named(state.dataset);
        return {
          name,
          state: toHex(office.ports.sha256(encoder.encode(stateText(state)))),
          row: dataset === null ? null : presentRow(dataset, state),
        };
      });
      expect(folded.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(golden.entities);
      expect(office.waiting).toEqual([]);
    }
  });
});

it('has a golden event of every type', () => {
  const types = goldenFiles.flatMap((file) => eventsOf(readGolden(file))).map(({ event }) => event.type);
  expect([...new Set(types)].sort()).toEqual(RELEASED);
});

// Two lives of a head, of which one lost what the other had changed.
import { describe, expect, it } from '@jest/globals';
import { Catalogue } from '../../domain/datasets/catalogue.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { CATALOGUE_KEY, definedBy } from '../../domain/datasets/definitions.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { SchemaChangeInput } from '../../domain/datasets/schema-change.ts';
import { entityName } from '../../domain/event.ts';
import { OfficeInMemory } from './office-in-memory.ts';

const SALE = { soldOn: '2026-01-02', product: 'Paper', region: 'West', qty: 2, cost: '3.5', tax: '0.25' };
let ids = 0;
const newId = () => `01970000-0000-7000-8000-${String((ids += 1)).padStart(12, '0')}`;

function evolve(head: OfficeInMemory, ...changes: SchemaChangeInput[]): void {
  const command = { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: 'sales', changes } as const;
  const outcome = head.submit({ command, actor: 'admin', eventId: newId() });
  if (!outcome.ok) throw outcome.error;
}

const flag = (field: string): SchemaChangeInput => ({ kind: 'add-field', field, type: { kind: 'boolean' } });
const fieldsOf = (office: OfficeInMemory) => Object.keys(office.datasets.named('sales')!.fields).slice(6);

/** The same head, in two lives. */
function twoLives(): [OfficeInMemory, OfficeInMemory] {
  return [new OfficeInMemory('head'), new OfficeInMemory('head', 2)];
}

describe('a change that a restored head has lost, and numbered another one like it', () => {
  it('is joined with the other, in whichever order they come', () => {
    const [lost, now] = twoLives();
    evolve(lost, flag('gift'));
    evolve(now, flag('paid'));
    evolve(now, flag('late'));
    for (const logs of [
      [...lost.log, ...now.log],
      [...now.log, ...lost.log],
    ]) {
      const west = new OfficeInMemory('west');
      west.takes(logs);
      expect(west.datasets.named('sales')!.version).toBe(3);
      expect(fieldsOf(west)).toEqual(['gift', 'paid', 'late']);
    }
  });

  it('is one when both are the same', () => {
    const [lost, now] = twoLives();
    evolve(lost, flag('gift'));
    evolve(now, flag('gift'));
    const west = new OfficeInMemory('west');
    west.takes([...now.log, ...lost.log]);
    expect(fieldsOf(west)).toEqual(['gift']);
    expect(west.unfit).toEqual([]);
  });

  it('that does not go with the other is said to be unfit, and holds up nothing', () => {
    const [lost, now] = twoLives();
    evolve(lost, flag('gift'));
    evolve(now, { kind: 'add-field', field: 'gift', type: { kind: 'date' } });
    evolve(now, flag('paid'));
    const west = new OfficeInMemory('west');
    west.takes([...now.log, ...lost.log]);
    expect(fieldsOf(west)).toEqual(['gift', 'paid']);
    expect(west.unfit).toMatchObject([{ dataset: 'sales', version: 2 }]);
  });

  it('holds up none of those that come after it, when the other has taken its field away', () => {
    const [lost, now] = twoLives();
    for (const head of [lost, now]) evolve(head, flag('gift'));
    evolve(lost, flag('paid'));
    evolve(lost, { kind: 'rename-field', field: 'gift', to: 'wrapped' }, flag('late'));
    evolve(now, { kind: 'retire-field', field: 'gift' });
    const west = new OfficeInMemory('west');
    west.takes([...now.log, ...lost.log]);
    expect(west.datasets.named('sales')).toMatchObject({ version: 4, fields: { gift: { retired: true } } });
    expect(fieldsOf(west)).toEqual(['gift', 'paid', 'late']);
    expect(west.unfit).toEqual([{ dataset: 'sales', version: 4, reason: '"gift" was retired' }]);
  });

  it('lets what was written under it wait until it comes back', () => {
    const [lost, now] = twoLives();
    evolve(lost, flag('gift'));
    evolve(now, flag('paid'));
    const [west, head] = [new OfficeInMemory('west'), new OfficeInMemory('east')];
    west.takes(lost.log);
    const command = { type: 'record', dataset: 'sales', scope: 'west', entityId: 'a', fields: SALE } as const;
    expect(
      west.submit({
        command: { ...command, fields: { ...SALE, gift: true } },
        actor: 'clerk',
        eventId: newId(),
      }).ok,
    ).toBe(true);
    head.takes(now.log);
    head.takes(west.log);
    expect(head.waiting.map(({ status, event }) => [status, event.entityId])).toEqual([['parked', 'a']]);
    head.takes(lost.log);
    head.judgesAgain();
    expect(head.waiting).toEqual([]);
  });
});

describe('a declaration that says a version by itself', () => {
  const sales = BUILT_IN.named('sales')!;
  const declares = (version: number, fields: Dataset['fields'] = {}) =>
    new Catalogue([{ ...sales, version, fields: { ...sales.fields, ...fields } }]);
  const state = () => {
    const head = new OfficeInMemory('head');
    evolve(head, flag('gift'), { kind: 'rename-field', field: 'region', to: 'area' });
    evolve(head, { kind: 'widen-field', field: 'product', to: { maxLength: 400 } });
    return head.entities.get(entityName(CATALOGUE_KEY))!;
  };

  it('is unfit unless it has what the head has changed until then', () => {
    const { unfit, catalogue } = definedBy(declares(3), state());
    expect(catalogue.named('sales')!.version).toBe(3);
    expect(unfit).toEqual([
      {
        dataset: 'sales',
        version: 3,
        reason:
          'its declaration says version 3 without what the head has changed: "gift" (add-field), ' +
          '"region" (rename-field), "product" (widen-field); make it the same, or put its version back',
      },
    ]);
  });

  const optional = { required: false, label: 'x' } as const;
  const came = {
    gift: { kind: 'boolean', ...optional },
    region: { ...sales.fields['region']!, name: 'area' },
    product: { kind: 'text', maxLength: 500, ...optional },
  } as const;

  it('is carried out where it has come to the same, or to more', () => {
    expect(definedBy(declares(3, came), state()).unfit).toEqual([]);
  });

  it.each([
    ['another kind', 'gift', { kind: 'date', ...optional }],
    ['another name', 'region', { ...came.region, name: 'zone' }],
    ['a narrower limit', 'product', { ...came.product, maxLength: 300 }],
  ] as const)('has not come to the same with %s', (_, field, type) => {
    const { unfit } = definedBy(declares(3, { ...came, [field]: type }), state());
    expect(unfit).toMatchObject([{ reason: expect.stringContaining(`changed: "${field}"`) }]);
  });

  it('is held to what changes come to together', () => {
    const head = new OfficeInMemory('head');
    const shop = { kind: 'enum', values: ['shop'], ...optional } as const;
    evolve(head, { kind: 'add-field', field: 'channel', type: { kind: 'enum', values: ['shop'] } });
    evolve(head, { kind: 'rename-field', field: 'channel', to: 'way' });
    evolve(head, { kind: 'add-values', field: 'way', values: ['web'] });
    evolve(head, { kind: 'rename-field', field: 'way', to: 'by' });
    const known = head.entities.get(entityName(CATALOGUE_KEY))!;
    const whole = { ...shop, values: ['web', 'shop'] } as const;
    expect(definedBy(declares(5, { channel: { ...whole, name: 'by' } }), known).unfit).toEqual([]);
    expect(definedBy(declares(5, { by: whole }), known).unfit).toEqual([]);
    expect(definedBy(declares(5, { channel: { ...shop, name: 'by' } }), known).unfit).toHaveLength(1);
  });
});

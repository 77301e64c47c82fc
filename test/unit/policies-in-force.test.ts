import {
  newestPolicies,
  policiesData,
  withPoliciesInForce,
} from '../../domain/conflict/policies-in-force.ts';
import type { CustomPolicy } from '../../domain/conflict/policy.ts';
import { Catalogue } from '../../domain/datasets/catalogue.ts';
import { CATALOGUE_KEY, definedBy } from '../../domain/datasets/definitions.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { stock } from '../../domain/datasets/stock.ts';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { SHARED_SCOPE, type DomainEvent, type JsonObject } from '../../domain/event.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { decide } from '../../domain/office/decide.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { Fold } from '../../domain/office/fold.ts';
import { refusalOf } from '../../domain/office/right-to-write.ts';
import { caught } from './caught.ts';
import { OfficeLog } from './sync-log.ts';
import { testHasher } from './test-hasher.ts';

const declared = new Catalogue([sales, stock]);

/** What the head's catalogue comes to, in which it has written one change after the other. */
function catalogueAfter(...changes: JsonObject[]): EntityState | null {
  const log = new OfficeLog('hq');
  return changes.reduce<EntityState | null>(
    (state, data) => evolve(state, log.writes({ ...CATALOGUE_KEY, type: 'PoliciesChanged', data }).event),
    null,
  );
}

const change = (version: number, fields: Record<string, string>, dataset = 'sales'): JsonObject => ({
  dataset,
  policies: { version, default: 'max', fields, void: 'manual' },
});

const policiesIn = (state: EntityState | null) =>
  definedBy(declared, state).catalogue.named('sales')!.policies;

describe('the policies in force', () => {
  it('are those declared until the head changes them, and then the newest', () => {
    expect(policiesIn(null)).toBe(sales.policies);
    const state = catalogueAfter(change(2, { cost: 'min' }), change(3, { tax: 'latest' }));
    expect(policiesIn(state)).toMatchObject({
      version: 3,
      default: 'max',
      fields: { tax: 'latest' },
      void: 'manual',
      declared: sales.policies,
    });
    expect(definedBy(declared, state).catalogue.named('stock')).toBe(stock);
  });

  it('are those declared again once a program declares newer ones', () => {
    const newer = { ...sales, policies: { ...sales.policies, version: 2 } };
    const state = catalogueAfter(change(2, { cost: 'min' }));
    expect(definedBy(new Catalogue([newer]), state).catalogue.named('sales')).toBe(newer);
  });

  it('leave to a person what this program has no function for, and wait for fields that are not here yet', () => {
    const { fields } = policiesIn(catalogueAfter(change(2, { cost: 'ours', channel: 'min' })));
    expect(Object.keys(fields).sort()).toEqual(['cost', 'tax']); // what the head says nothing of stays as declared
    const ours = fields['cost'] as CustomPolicy;
    expect([ours.name, ours.rule([], '1')]).toEqual(['ours', null]);
  });

  it('stay as they are where those of the head do not go with what is declared here, which is said', () => {
    const state = catalogueAfter(change(2, { soldOn: 'add' }), change(2, { product: 'min' }, 'stock'));
    const { catalogue, unfit } = definedBy(declared, state);
    expect(catalogue.named('sales')).toBe(sales);
    expect(catalogue.named('stock')!.policies).toMatchObject({ version: 2, fields: { product: 'min' } });
    const reason = expect.stringContaining('"soldOn" cannot be added up') as string;
    expect(unfit).toEqual([{ dataset: 'sales', version: 1, reason }]);
  });

  it('are said as they were read', () => {
    const data = change(2, { cost: 'min', tax: 'manual' });
    const changed = newestPolicies({ 'policies sales 2': data }).get('sales');
    expect(policiesData(withPoliciesInForce(sales, changed))).toEqual(data);
    expect(newestPolicies({ 'policies sales 2': { dataset: 'sales' } }).size).toBe(0);
  });
});

describe('two lives of a head that change policies without each other', () => {
  it('leave the later one standing at every office, and nothing to rule on', () => {
    const [old, fresh] = [new OfficeLog('hq'), new OfficeLog('hq', { ...START_OF_CHAIN, epoch: 2 })];
    const events = [
      old.writes({ ...CATALOGUE_KEY, type: 'PoliciesChanged', data: change(2, { cost: 'min' }) }),
      fresh.writes({ ...CATALOGUE_KEY, type: 'PoliciesChanged', data: change(2, { cost: 'max' }) }),
    ].map(({ event }, minute) => ({ ...event, at: `2026-04-01T12:0${minute}:00.000Z/0000` }));
    for (const order of [events, events.toReversed()]) {
      const nothing = { entities: new Map(), openCases: new Map(), history: () => [] };
      const fold = new Fold({ ...nothing, datasetNamed: declared.named }, testHasher);
      for (const event of order) fold.apply(event);
      expect(fold.changedCases()).toEqual([]);
      expect(policiesIn(fold.changes()[0]!.after).fields).toEqual({ cost: 'max', tax: 'manual' });
    }
  });
});

describe('the change of policies', () => {
  const command = { type: 'change-policies', ...CATALOGUE_KEY, changes: 'sales' } as const;
  const decides = (policies: object, expected?: number, state: EntityState | null = null) =>
    decide({ ...command, policies, ...(expected === undefined ? {} : { expected }) }, state, {
      office: 'hq',
      role: 'head',
      dataset: null,
      evolves: definedBy(declared, state).catalogue.named('sales'),
    });

  it('says all of them, one version on', () => {
    const first = decides({ fields: { cost: 'min' } }, 1);
    expect(first).toEqual({
      event: {
        type: 'PoliciesChanged',
        version: 1,
        data: {
          dataset: 'sales',
          policies: {
            version: 2,
            default: 'latest',
            fields: { cost: 'min', tax: 'manual' },
            void: 'void-wins',
          },
        },
      },
    });
    const state = catalogueAfter((first as { event: { data: JsonObject } }).event.data);
    expect(decides({ void: 'latest' }, 2, state)).toMatchObject({
      event: { data: { policies: { version: 3, fields: { cost: 'min' }, void: 'latest' } } },
    });
    expect(decides({ fields: { cost: 'min' } }, 2, state)).toEqual({ noChange: true });
    expect(caught(() => decides({ void: 'latest' }, 1, state))).toMatchObject({ type: 'dataset-changed' });
  });

  it('is made to what the log says, also where the office does not work with it yet', () => {
    const first = decides({ fields: { cost: 'min' } }) as { event: { data: JsonObject } };
    const late = decide({ ...command, policies: { void: 'latest' } }, catalogueAfter(first.event.data), {
      office: 'hq',
      role: 'head',
      dataset: null,
      evolves: sales,
    });
    expect(late).toMatchObject({
      event: { data: { policies: { version: 3, fields: { cost: 'min' }, void: 'latest' } } },
    });
  });

  it('is the head’s, and names policies', () => {
    const event: DomainEvent = new OfficeLog('hq').writes({
      ...CATALOGUE_KEY,
      type: 'PoliciesChanged',
      data: change(2, { cost: 'min' }),
    }).event;
    const judged = (different: Partial<DomainEvent>) =>
      refusalOf({ ...event, ...different }, 'hq', declared.named)?.reason ?? null;
    expect(judged({})).toBeNull();
    expect(judged({ scope: SHARED_SCOPE, office: 'west' })).toBe('not-allowed');
    expect(judged({ data: { dataset: 'sales' } })).toBe('invalid-data');
    expect(judged({ entityId: 'another' })).toBe('invalid-data');
    expect(judged({ version: 2 })).toBe('version-unknown');
  });
});

import { sales } from '../../domain/datasets/sales.ts';
import { dotOf } from '../../domain/event.ts';
import type { Command, ResolveConflict } from '../../domain/office/commands.ts';
import { decide, type DecidedEvent } from '../../domain/office/decide.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { given } from './decider-specification.ts';
import { KEY, SALE, Teller } from './story.ts';

const RECORD: Command = { ...KEY, type: 'record', fields: SALE };
const amend = (fields: Record<string, unknown>): Command => ({ ...KEY, type: 'amend', fields });
const VOID: Command = { ...KEY, type: 'void' };
const RESTORE: Command = { ...KEY, type: 'restore' };

function recorded(): EntityState {
  const east = new Teller('east');
  east.does({ type: 'record', fields: SALE });
  return east.state!;
}

function voided(): EntityState {
  const east = new Teller('east');
  east.does({ type: 'record', fields: SALE });
  east.does({ type: 'void' });
  return east.state!;
}

/** east and head gave the sale another cost, not knowing of each other; seen at the head. */
function disputed(): Teller {
  const [east, head] = [new Teller('east'), new Teller('head')];
  east.does({ type: 'record', fields: SALE });
  head.hearsAllFrom(east);
  east.does({ type: 'amend', fields: { cost: '13' } }, 5);
  head.does({ type: 'amend', fields: { cost: '12' } }, 3);
  head.hearsAllFrom(east);
  return head;
}

describe('recording', () => {
  it('makes an event of the whole sale', () => given(null).when(RECORD).then('SaleRecorded', SALE));
  it('normalises', () =>
    given(null)
      .when({ ...KEY, type: 'record', fields: { ...SALE, cost: 12.95, tax: '066.170' } })
      .then('SaleRecorded', SALE));
  it('happens once', () =>
    given(recorded()).when(RECORD).thenRefused('already-exists', { entityId: 'sale-1' }));
  it('does not bring back what was voided', () => given(voided()).when(RECORD).thenRefused('already-exists'));
  it('needs valid fields', () =>
    given(null)
      .when({ ...KEY, type: 'record', fields: {} })
      .thenRefused('invalid-input'));
  it('needs a dataset', () =>
    given(null).of(null).when(RECORD).thenRefused('unknown-dataset', { dataset: 'sales' }));
  it('needs an entity id that everyone can keep', () =>
    given(null)
      .when({ ...RECORD, entityId: 'a\nb' })
      .thenRefused('invalid-value', { path: 'entityId' }));
  it('refuses a total that no column holds', () =>
    given(null)
      .when({ ...KEY, type: 'record', fields: { ...SALE, qty: 1_000_000, cost: '99999999999' } })
      .thenRefused('invalid-value', { path: 'amount' }));
  it('refuses a total that the tax alone makes too large', () =>
    given(null)
      .when({ ...KEY, type: 'record', fields: { ...SALE, qty: 1, cost: '99999999999999', tax: '1' } })
      .thenRefused('invalid-value', { path: 'total' }));
});

describe('amending', () => {
  it('carries only what really changes', () =>
    given(recorded())
      .when(amend({ qty: 74, region: 'East', cost: '12.9500' }))
      .then('SaleAmended', { qty: 74 }));
  it('is nothing when nothing changes', () =>
    given(recorded())
      .when(amend({ qty: 73 }))
      .thenNothing());
  it('is nothing without fields', () => given(recorded()).when(amend({})).thenNothing());
  it('needs something to amend', () =>
    given(null)
      .when(amend({ qty: 1 }))
      .thenRefused('unknown-entity'));
  it('refuses what was voided', () =>
    given(voided())
      .when(amend({ qty: 1 }))
      .thenRefused('entity-voided'));
  it('refuses bad input before anything else about the sale', () =>
    given(voided())
      .when(amend({ qty: 'x' }))
      .thenRefused('invalid-input'));
  it('refuses a total that no column holds', () =>
    given(recorded())
      .when(amend({ cost: '99999999999999' }))
      .thenRefused('invalid-value', { path: 'amount' }));
  it('says which value is right when the shown one is in dispute', () =>
    given(disputed().state)
      .by('head', 'head')
      .when(amend({ cost: '13', qty: 73 }))
      .then('SaleAmended', { cost: '13' }));
});

describe('voiding and restoring', () => {
  it('voids', () => given(recorded()).when(VOID).then('SaleVoided', {}));
  it('keeps the reason', () =>
    given(recorded())
      .when({ ...KEY, type: 'void', reason: 'returned' })
      .then('SaleVoided', { reason: 'returned' }));
  it('refuses a reason that is a novel', () =>
    given(recorded())
      .when({ ...KEY, type: 'void', reason: 'x'.repeat(501) })
      .thenRefused('invalid-value', { path: 'reason', reason: 'has more than 500 characters' }));
  it('refuses a reason that is no text', () =>
    given(recorded())
      .when({ ...KEY, type: 'void', reason: 7 as unknown as string })
      .thenRefused('invalid-value', { path: 'reason', reason: 'is not text' }));
  it('keeps no empty reason', () =>
    given(recorded())
      .when({ ...KEY, type: 'void', reason: '' })
      .then('SaleVoided', {}));
  it('voids once', () => given(voided()).when(VOID).thenNothing());
  it('restores', () => given(voided()).when(RESTORE).then('SaleRestored', {}));
  it('restores once', () => given(recorded()).when(RESTORE).thenNothing());
  it('needs something to void', () => given(null).when(VOID).thenRefused('unknown-entity'));
  it('needs something to restore', () => given(null).when(RESTORE).thenRefused('unknown-entity'));
});

describe('the right to write', () => {
  it.each<[string, Command]>([
    ['record', RECORD],
    ['amend', amend({ qty: 1 })],
    ['void', VOID],
  ])('keeps a branch from another scope: %s', (_, command) =>
    given(null)
      .by('west', 'branch')
      .when(command)
      .thenRefused('not-your-scope', { expected: 'west', actual: 'east' }),
  );
  it('keeps a branch from what is shared', () =>
    given(null)
      .when({ ...RECORD, scope: 'shared' })
      .thenRefused('not-your-scope'));
  it('lets the head write for a branch', () =>
    given(recorded())
      .by('head', 'head')
      .when(amend({ qty: 1 }))
      .then('SaleAmended', { qty: 1 }));
  it('lets the head write what is shared', () =>
    given(null)
      .by('head', 'head')
      .when({ ...RECORD, scope: 'shared' })
      .then('SaleRecorded', SALE));
});

describe('resolving', () => {
  const head = disputed();
  const conflict = head.openCase!;
  const ruling: ResolveConflict = {
    ...KEY,
    type: 'resolve',
    caseId: conflict.id,
    contenders: conflict.contenders.map(dotOf),
    writes: { cost: '13' },
    policies: { cost: 'manual' },
    policyVersion: 1,
    decision: 'manual',
    base: conflict.base,
    note: 'asked east',
  };
  const atHead = () => given(head.state).by('head', 'head');

  it('makes an event of the ruling and its evidence', () => {
    atHead()
      .when(ruling)
      .then('ConflictResolved', {
        caseId: conflict.id,
        contenders: [
          { office: 'head', epoch: 1, seq: 1 },
          { office: 'east', epoch: 1, seq: 2 },
        ],
        writes: { cost: '13' },
        policies: { cost: 'manual' },
        policyVersion: 1,
        decision: 'manual',
        base: { cost: '12.95' },
        note: 'asked east',
      });
  });
  it('keeps neither an empty note nor a base that it was not told', () => {
    const { note: _, base: __, ...bare } = ruling;
    for (const command of [bare, { ...bare, note: '' }]) {
      const decision = decide(command, head.state, { office: 'head', role: 'head', dataset: sales });
      const { data } = (decision as { event: DecidedEvent }).event;
      expect(Object.keys(data)).toEqual([
        'caseId',
        'contenders',
        'writes',
        'policies',
        'policyVersion',
        'decision',
      ]);
    }
  });
  it('refuses a note that is a novel', () =>
    atHead()
      .when({ ...ruling, note: 'x'.repeat(501) })
      .thenRefused('invalid-value', { path: 'note' }));
  it('is for the head alone', () =>
    given(head.state).when(ruling).thenRefused('not-allowed', { office: 'east' }));
  it('needs a conflict', () =>
    given(recorded()).by('head', 'head').when(ruling).thenRefused('case-settled', { reason: 'settled' }));
  it('needs an entity', () => given(null).by('head', 'head').when(ruling).thenRefused('unknown-entity'));
  it('needs to have weighed every side', () =>
    atHead()
      .when({ ...ruling, contenders: ruling.contenders.slice(1) })
      .thenRefused('case-settled', { reason: 'changed' }));
  it('writes nothing that is in dispute no more: an edit has settled it since the case was read', () =>
    atHead()
      .when({ ...ruling, writes: { ...ruling.writes, qty: 1 } })
      .thenRefused('case-settled', { reason: 'changed' }));
  it('writes something', () =>
    atHead()
      .when({ ...ruling, writes: {} })
      .thenRefused('invalid-value', { path: 'writes' }));
  it('writes only what the dataset can hold', () =>
    atHead()
      .when({ ...ruling, writes: { cost: '13.00' } })
      .thenRefused('invalid-value', { path: 'writes' }));
});

describe('reporting an incident', () => {
  const incident: Command = {
    type: 'report-incident',
    dataset: 'incidents',
    scope: 'east',
    entityId: 'fork-1',
    kind: 'fork',
    detail: { common: 7 },
  };

  it('makes an event', () =>
    given(null)
      .of(null)
      .when(incident)
      .then('IncidentReported', { kind: 'fork', detail: { common: 7 } }));
  it('happens once', () => given(recorded()).of(null).when(incident).thenNothing());
  it('is of the incidents, and of a kind', () => {
    given(null)
      .of(null)
      .when({ ...incident, dataset: 'sales' })
      .thenRefused('invalid-value', { path: 'dataset' });
    given(null)
      .of(null)
      .when({ ...incident, kind: 'x'.repeat(65) })
      .thenRefused('invalid-value', { path: 'kind' });
  });
  it('is about the own office', () =>
    given(null)
      .of(null)
      .when({ ...incident, scope: 'west' })
      .thenRefused('not-your-scope'));
});

it('knows the sales dataset by its own name only', () =>
  given(null)
    .of({ ...sales, name: 'products' })
    .when(RECORD)
    .thenRefused('unknown-dataset'));

it('opens no case for what it decides alone', () => {
  const east = new Teller('east');
  east.does({ type: 'record', fields: SALE });
  east.does({ type: 'amend', fields: { qty: 1 } });
  expect(east.cases).toEqual([]);
});

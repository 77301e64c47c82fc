import type { Submission } from '../../domain/office/append.ts';
import type { Command } from '../../domain/office/commands.ts';
import { keyedEventId } from '../../domain/office/event-id.ts';
import { SALE } from './story.ts';
import { PORTS, view, submission, record, amend, after, append, told } from './append-story.ts';

describe('a command that comes again', () => {
  const id = (request: string) => keyedEventId(PORTS, 'west', 'key', request);
  const keyed = (request: string) => ({ ...record(), eventId: id(request) });

  it('gets the first answer', () => {
    const first = append(view(), keyed('r'));
    const plan = append(after(first, { known: first.events }), keyed('r'));
    expect(plan.outcomes).toMatchObject([{ ok: true, replayed: true, logged: { event: { seq: 1 } } }]);
    expect(plan.events).toEqual([]);
  });

  it('in the same group gets it, too', () => {
    const plan = append(view(), keyed('r'), keyed('r'));
    expect(plan.outcomes).toMatchObject([
      { ok: true, replayed: false },
      { ok: true, replayed: true, logged: { event: { seq: 1 } } },
    ]);
    expect(plan.events).toHaveLength(1);
  });

  it.each([
    ['before', (first: Submission) => ({ known: append(view(), first).events })],
    ['in the same group', () => ({})],
  ])('with another request under its key is refused: %s', (where, base) => {
    const submissions = where === 'before' ? [keyed('other')] : [keyed('r'), keyed('other')];
    expect(
      append(view(base(keyed('r'))), ...submissions)
        .outcomes.map(told)
        .at(-1),
    ).toBe('idempotency-key-reused');
  });

  it('is known by its fixed id', () => {
    const first = append(view(), record());
    const again = { ...amend(9), eventId: first.events[0]!.event.id };
    expect(append(after(first, { known: first.events }), again).outcomes).toMatchObject([
      { ok: true, replayed: true },
    ]);
  });

  it('that was refused is decided anew: it left no event', () => {
    const refused = append(view(), { ...amend(5), eventId: id('r') });
    expect(refused.outcomes.map(told)).toEqual(['unknown-entity']);
    const first = append(view(), record());
    expect(append(after(first), { ...amend(5), eventId: id('r') }).outcomes.map(told)).toEqual([2]);
  });
});

describe('a command under a key that finds everything as it wants it', () => {
  const keyed = (ask: Submission, request: string) => ({
    ...ask,
    eventId: keyedEventId(PORTS, 'west', 'key', request),
  });
  const base = () => after(append(view(), record()));

  it('leaves its answer in the log, beside the entity: repeated later, it does not undo what came between', () => {
    const command = keyed(amend(SALE.qty), 'r');
    const plan = append(base(), command);
    expect(plan.outcomes).toMatchObject([
      { ok: true, logged: null, replayed: false, state: { entityId: 'a' } },
    ]);
    expect(plan.events).toHaveLength(1);
    expect(plan.events[0]!.event).toMatchObject({
      id: command.eventId,
      dataset: 'incidents',
      scope: 'west',
      entityId: command.eventId,
      type: 'IncidentReported',
      actor: 'anna',
      data: { kind: 'nothing-changed', detail: { dataset: 'sales', scope: 'west', entityId: 'a' } },
    });
    const changed = append(after(plan, { entities: base().entities }), amend(9));
    const again = append(after(changed, { known: plan.events }), command);
    expect(again.outcomes).toMatchObject([{ ok: true, replayed: true }]);
    expect(again.events).toEqual([]);
  });

  it('cannot have its key used for another request', () => {
    const first = keyed(amend(SALE.qty), 'r');
    const other = keyed(amend(9), 'other');
    expect(append(base(), first, other).outcomes.map(told)).toEqual(['no change', 'idempotency-key-reused']);
  });

  it('leaves nothing when it reports what was reported before', () => {
    const report = submission({ type: 'report-incident', kind: 'fork', detail: {} });
    const incident = { ...report, command: { ...report.command, dataset: 'incidents' } as Command };
    const first = append(view(), incident);
    expect(append(after(first), keyed(incident, 'r')).events).toEqual([]);
  });

  it('leaves nothing without a key', () => {
    expect(append(base(), amend(SALE.qty)).events).toEqual([]);
  });
});

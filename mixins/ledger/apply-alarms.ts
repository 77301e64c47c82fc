import { dotName, entityName } from '../../domain/event.ts';
import { EVENT_DISCARDED } from '../../domain/office/evolve.ts';
import type { ApplyPlan } from '../../domain/sync/apply.ts';

/** What people must hear of, and nobody else would notice. */
export interface LedgerAlarm {
  readonly type:
    | 'event-quarantined'
    | 'event-discarded'
    | 'clock-ahead'
    | 'event-not-judged'
    | 'take-in-failed'
    | 'keep-up-failed';
  readonly detail: string;
}

/** Of events just taken over. One that is only early is parked, and is no alarm: its cause comes. */
export function alarmsOf({ accepted, clockAhead }: ApplyPlan): LedgerAlarm[] {
  const quarantined = accepted
    .filter(({ status }) => status === 'quarantined')
    .map(({ event, reason, detail }): LedgerAlarm => {
      const name = entityName(event).replaceAll('\n', '/');
      return {
        type: 'event-quarantined',
        detail: `${dotName(event)} of ${name}: ${reason ?? ''}, ${detail}`,
      };
    });
  const alarms = [...quarantined, ...discardsIn(accepted)];
  if (clockAhead === null) return alarms;
  const { office, aheadMs } = clockAhead;
  const detail = `The clock of "${office}" is ${Math.round(aheadMs / 1000)} s ahead of this one; its time was not adopted`;
  return [...alarms, { type: 'clock-ahead', detail }];
}

function discardsIn(accepted: ApplyPlan['accepted']): LedgerAlarm[] {
  return accepted
    .filter(({ event, status }) => event.type === EVENT_DISCARDED && status === 'applied')
    .map(({ event }) => {
      const why = JSON.stringify(event.data['why'] ?? '');
      return {
        type: 'event-discarded',
        detail: `${event.entityId} is set aside for good, by ${event.actor}: ${why}`,
      };
    });
}

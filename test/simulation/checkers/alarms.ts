import type { Catalogue } from '../../../domain/datasets/catalogue.ts';
import type { Site } from '../site.ts';
import { Strangers } from '../strangers.ts';

/** Alarms that no weather explains. */
const DEFECTS = new Set([
  'unexpected',
  'invariant-broken',
  'history-contradicted',
  'batch-refused',
  'another-head',
  'event-quarantined',
  'event-not-judged',
  'damage-unnoticed',
]);

/** Nothing that an office tells its people of is the program's own fault. */
export function flawsOfAlarm(
  { name, program }: Site,
  { type, detail }: { readonly type: string; readonly detail: string },
  wasTamperedWith: boolean,
): string[] {
  const isDefect = DEFECTS.has(type) || detail.includes('Invariant broken');
  const isExpected = isDefect && isExplained(type, detail, { program, wasTamperedWith });
  return isDefect && !isExpected ? [`${name} alarm ${type}: ${detail}`] : [];
}

function isExplained(
  type: string,
  detail: string,
  { program, wasTamperedWith }: { readonly program: Catalogue; readonly wasTamperedWith: boolean },
): boolean {
  if (type === 'event-quarantined')
    return detail.includes(Strangers.MARK) || isOfUnknownDataset(detail, program);
  const wasForgotten = detail.includes('knows no office'); // in a restore of the head
  const isRetired = detail.includes('is retired');
  return type === 'batch-refused' && (wasForgotten || isRetired || wasTamperedWith);
}

/** What an older program, or an office that a restore has taken back, does not know waits: see `TakenUp`. */
function isOfUnknownDataset(detail: string, { named }: Catalogue): boolean {
  const { name } = /unknown-dataset, "(?<name>\w+)"/.exec(detail)?.groups ?? {};
  return name !== undefined && named(name) === null;
}

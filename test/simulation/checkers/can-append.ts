import { sales } from '../../../domain/datasets/sales.ts';
import type { Command } from '../../../domain/office/commands.ts';
import { isTransient, errorType } from '../../../domain/errors.ts';
import type { Operation } from '../oracle.ts';
import { datasetsOf } from '../site-datasets.ts';

/** An office whose own database works answers within this. */
export const PATIENCE_MS = 20_000;

/** What a command may be refused for, whatever the weather: it makes no sense to the sale as it is. */
const SENSIBLE = new Set(['unknown-entity', 'entity-voided', 'entity-waiting', 'idempotency-key-reused']);

/**
 * An office can always append while its own database works and it is not fenced: nothing else refuses a command, and
 * every command is answered soon.
 */
export function flawsOfRefusal(
  { number, site, askedAtMs, command }: Operation,
  error: unknown,
  wasCopied: boolean,
): string[] {
  const type = errorType(error);
  const name = `operation ${number} at ${site.name} was refused: ${type}`;
  if (SENSIBLE.has(type)) return [];
  if (type === 'invalid-input' && namesAddedField(command)) return []; // retired meanwhile, or forgotten in a restore
  if (type === 'unknown-dataset' && datasetsOf(site).named(command.dataset) === null) return []; // forgotten in a restore
  if (type === 'office-fenced') return wasCopied ? [] : [`${name}, and there never was another copy`];
  const isExcused = isTransient(error) && type !== 'too-many-waiting' && site.weather.faultAtMs >= askedAtMs;
  return isExcused ? [] : [`${name}, and nothing was wrong with its database: ${String(error)}`];
}

/** One that sales were not declared with. */
function namesAddedField(command: Command): boolean {
  const fields = 'fields' in command ? Object.keys(command.fields) : [];
  return fields.some((field) => !Object.hasOwn(sales.fields, field));
}

/** Of one that has waited for longer than `PATIENCE_MS`. */
export function flawsOfSilence({ number, site, askedAtMs, life }: Operation): string[] {
  const isSameProcess = life === site.life && site.isRunning;
  const hadDatabase = site.weather.faultAtMs < askedAtMs;
  return isSameProcess && hadDatabase ? [`operation ${number} at ${site.name} was never answered`] : [];
}

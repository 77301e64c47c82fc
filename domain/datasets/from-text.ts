import type { FieldType } from './dataset.ts';

/**
 * What a cell of a sheet means for a field: `73` is a number where the field is an integer. Nothing is judged
 * here: what cannot be read stays text, for `validateFields` to refuse with its reason.
 */
export function valueFromText(type: FieldType, cell: string): unknown {
  if (type.kind === 'text') return cell;
  const trimmed = cell.trim();
  if (trimmed === '') return null;
  if (type.kind === 'integer') return /^[+-]?\d{1,16}$/.test(trimmed) ? Number(trimmed) : trimmed;
  if (type.kind === 'boolean') return booleanFromText(trimmed);
  return trimmed;
}

function booleanFromText(text: string): unknown {
  if (/^(true|yes|1)$/i.test(text)) return true;
  return /^(false|no|0)$/i.test(text) ? false : text;
}

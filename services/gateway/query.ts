import { invalidParameters } from '../dataset/row-filter.ts';

/**
 * `a=1&b=2`. Given twice, a name would mean nothing here, so it is refused; names are never taken for structure.
 * @throws DomainError `invalid-parameters`
 */
export function queryOf(text: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(query, name)) throw invalidParameters([{ field: name, reason: 'is given twice' }]);
    Object.defineProperty(query, name, { value, enumerable: true });
  }
  return query;
}

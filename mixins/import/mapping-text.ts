import { DomainError } from '../../domain/errors.ts';

/**
 * Reads `soldOn=Order Date,product="Product Name",cost=[a, b] / 2`: pairs with commas between them, where commas
 * within quotes or brackets belong to the name.
 * @throws DomainError `invalid-mapping`
 */
export function parsePairs(texts: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of texts.flatMap(splitAtCommas)) {
    const at = part.indexOf('=');
    if (at < 1) throw notAPair(part);
    pairs[part.slice(0, at).trim()] = withoutQuotes(part.slice(at + 1).trim());
  }
  return pairs;
}

function notAPair(text: string): DomainError {
  const reason = `"${text}" is not NAME=VALUE; a value with commas needs double quotes, NAME="a, b"`;
  return new DomainError('invalid-mapping', reason, { reason });
}

function splitAtCommas(text: string): string[] {
  return text.match(/(?:"[^"]*"|'[^']*'|\[[^\]]*\]|[^,"'[])+|["'[][^,]*/g) ?? [];
}

function withoutQuotes(text: string): string {
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1) : text;
}

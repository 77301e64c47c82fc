import { invalidMapping } from './row-mapper.ts';

/**
 * Reads `soldOn=Order Date,product="Product Name",cost=[a, b] / 2`: pairs with commas between them, where commas
 * within quotes or brackets belong to the name.
 * @throws DomainError `invalid-mapping`
 */
export function parsePairs(texts: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of texts.flatMap(splitAtCommas)) {
    const at = part.indexOf('=');
    if (at < 1) throw invalidMapping(`"${part}" is not NAME=VALUE`);
    pairs[part.slice(0, at).trim()] = withoutQuotes(part.slice(at + 1).trim());
  }
  return pairs;
}

function splitAtCommas(text: string): string[] {
  return text.match(/(?:"[^"]*"|'[^']*'|\[[^\]]*\]|[^,"'[])+|["'[][^,]*/g) ?? [];
}

function withoutQuotes(text: string): string {
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1) : text;
}

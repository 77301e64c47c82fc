import { DomainError } from '../../domain/errors.ts';

export interface Token {
  readonly kind: 'column' | 'number' | 'text' | 'operator';
  readonly value: string;
}

const NUMBER = /^\d+(\.\d+)?(?![\w.])/;
const TEXT = /^'([^']*)'/;
const BRACKETED = /^\[([^\]]*)\]/;
const OPERATOR = /^[-+*/()]/;

/**
 * Names of columns may hold blanks and hyphens (`Order Date`, `Sub-Category`), so the longest one that fits is
 * taken. In brackets they are names whatever they look like.
 * @throws DomainError `invalid-expression`
 */
export function tokenize(source: string, columns: readonly string[]): Token[] {
  const longestFirst = [...columns].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  const tokens: Token[] = [];
  for (let rest = source.trimStart(); rest !== '';) {
    const [token, length] = next(rest, longestFirst, source);
    tokens.push(token);
    rest = rest.slice(length).trimStart();
  }
  return tokens;
}

function next(rest: string, columns: readonly string[], source: string): [Token, number] {
  const bracketed = BRACKETED.exec(rest);
  if (bracketed !== null)
    return [{ kind: 'column', value: known(bracketed[1]!, columns) }, bracketed[0].length];
  const column = columns.find((name) => rest.startsWith(name) && !/^\w/.test(rest.slice(name.length)));
  if (column !== undefined) return [{ kind: 'column', value: column }, column.length];
  const text = TEXT.exec(rest);
  if (text !== null) return [{ kind: 'text', value: text[1]! }, text[0].length];
  const number = NUMBER.exec(rest);
  if (number !== null) return [{ kind: 'number', value: number[0] }, number[0].length];
  const operator = OPERATOR.exec(rest);
  if (operator !== null) return [{ kind: 'operator', value: operator[0] }, 1];
  throw unknownColumn(source === rest.trim() ? source : rest, columns);
}

function known(name: string, columns: readonly string[]): string {
  if (columns.includes(name)) return name;
  throw unknownColumn(name, columns);
}

function unknownColumn(name: string, columns: readonly string[]): DomainError {
  const message = `There is no column "${name}". The sheet has: ${columns.join(', ')}`;
  return new DomainError('invalid-expression', message, { actual: name, expected: columns });
}

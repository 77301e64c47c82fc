import { type Decimal, fromScaled, parseDecimal, placesOf, toScaled } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Token, tokenize } from './expression-tokens.ts';

/** A cell of the line by the name of its column. */
export type CellOf = (column: string) => string;

/** An exact quotient of whole numbers; the divisor is positive. */
interface Ratio {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** What stands for a field in each line: a cell as it is, a fixed text, or a number worked out of cells. */
export type Expression =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly evaluate: (cellOf: CellOf) => Ratio };

/**
 * Reads `Sales / Quantity`, `0`, `'East'`, `[Order Date]` or `(Price - Rebate) * 1.2`, where columns are those of
 * the sheet's heading.
 * @throws DomainError `invalid-expression`
 */
export function parseExpression(source: string, columns: readonly string[]): Expression {
  const whole = source.trim();
  if (columns.includes(whole)) return { kind: 'column', column: whole };
  const tokens = tokenize(whole, columns);
  const alone = tokens.length === 1 ? tokens[0] : undefined;
  if (alone?.kind === 'text') return { kind: 'text', text: alone.value };
  if (alone?.kind === 'column') return { kind: 'column', column: alone.value };
  return { kind: 'number', evaluate: new Parser(whole, tokens).parse() };
}

/** The columns that an expression reads. @throws DomainError `invalid-expression` */
export function columnsIn(source: string, columns: readonly string[]): string[] {
  const expression = source.trim();
  if (columns.includes(expression)) return [expression];
  return tokenize(expression, columns).flatMap(({ kind, value }) => (kind === 'column' ? [value] : []));
}

/** The number to `scale` places, half away from zero; null where that is not exact and `round` is off. */
export function toDecimal({ top, bottom }: Ratio, scale: number, round: boolean): Decimal | null {
  const scaled = top * 10n ** BigInt(scale);
  if (scaled % bottom === 0n) return fromScaled(scaled / bottom, scale);
  if (!round) return null;
  const magnitude = scaled < 0n ? -scaled : scaled;
  const rounded = (2n * magnitude + bottom) / (2n * bottom);
  return fromScaled(scaled < 0n ? -rounded : rounded, scale);
}

type Evaluate = (cellOf: CellOf) => Ratio;

/** Recursive descent: sum -> product -> factor. */
class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  parse(): Evaluate {
    const sum = this.#sum();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return sum;
  }

  #sum(): Evaluate {
    let left = this.#product();
    for (let operator = this.#take('+-'); operator !== null; operator = this.#take('+-')) {
      left =
        operator === '+' ? combine(add, left, this.#product()) : combine(subtract, left, this.#product());
    }
    return left;
  }

  #product(): Evaluate {
    let left = this.#factor();
    for (let operator = this.#take('*/'); operator !== null; operator = this.#take('*/')) {
      left =
        operator === '*' ? combine(multiply, left, this.#factor()) : combine(divide, left, this.#factor());
    }
    return left;
  }

  #factor(): Evaluate {
    if (this.#take('-') !== null) return combine(subtract, () => ZERO, this.#factor());
    if (this.#take('(') !== null) return this.#parenthesized();
    const token = this.#tokens[this.#at];
    if (token?.kind === 'number') return this.#advance(constant(token.value));
    if (token?.kind === 'column') return this.#advance((cellOf) => numberIn(cellOf, token.value));
    throw this.#unexpected();
  }

  #parenthesized(): Evaluate {
    const inner = this.#sum();
    if (this.#take(')') === null) throw this.#unexpected();
    return inner;
  }

  #advance(evaluate: Evaluate): Evaluate {
    this.#at += 1;
    return evaluate;
  }

  #take(operators: string): string | null {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'operator' || !operators.includes(token.value)) return null;
    this.#at += 1;
    return token.value;
  }

  #unexpected(): DomainError {
    const found = this.#tokens[this.#at];
    const what = found === undefined ? 'ends too early' : `has an unexpected "${found.value}"`;
    return new DomainError('invalid-expression', `The expression "${this.#source}" ${what}`, {
      actual: this.#source,
    });
  }
}

const ZERO: Ratio = { top: 0n, bottom: 1n };

function combine(operation: (a: Ratio, b: Ratio) => Ratio, left: Evaluate, right: Evaluate): Evaluate {
  return (cellOf) => operation(left(cellOf), right(cellOf));
}

const add = (a: Ratio, b: Ratio): Ratio => ({
  top: a.top * b.bottom + b.top * a.bottom,
  bottom: a.bottom * b.bottom,
});
const subtract = (a: Ratio, b: Ratio): Ratio => add(a, { top: -b.top, bottom: b.bottom });
const multiply = (a: Ratio, b: Ratio): Ratio => ({ top: a.top * b.top, bottom: a.bottom * b.bottom });

function divide(a: Ratio, b: Ratio): Ratio {
  if (b.top === 0n) throw badCell('is divided by zero');
  const sign = b.top < 0n ? -1n : 1n;
  return { top: sign * a.top * b.bottom, bottom: sign * a.bottom * b.top };
}

function constant(text: string): Evaluate {
  const value = ratioOf(parseDecimal(text)!);
  return () => value;
}

function numberIn(cellOf: CellOf, column: string): Ratio {
  const cell = cellOf(column);
  const value = parseDecimal(cell.trim());
  if (value === null) throw badCell(`needs a number in ${column}, not "${cell}"`);
  return ratioOf(value);
}

function ratioOf(value: Decimal): Ratio {
  const places = placesOf(value);
  return { top: toScaled(value, places), bottom: 10n ** BigInt(places) };
}

/** Completes a sentence that begins with the field's name. */
export function badCell(reason: string): DomainError {
  return new DomainError('bad-cell', reason, {});
}

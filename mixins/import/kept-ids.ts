import { parseExpression } from './expression.ts';
import { invalidMapping, type Line } from './row-mapper.ts';

/** What `branchline export` writes about a line besides its fields. */
const EXPORTED = ['id', 'office', 'deletedAt'];

/** What a sheet says about the identity of its lines: in its column `id`, or in the one that is mapped to it. */
export class KeptIds {
  readonly #column: string | null;
  readonly #isExport: boolean;

  /** @throws DomainError `invalid-expression`, `invalid-mapping` */
  constructor(id: string | undefined, columns: readonly string[]) {
    this.#column = id === undefined ? (columns.find((name) => name === 'id') ?? null) : columnOf(id, columns);
    this.#isExport = EXPORTED.every((column) => columns.includes(column));
  }

  /** null where the line has none: it is something new. */
  idOf(line: Line): string | null {
    const id = this.#column === null ? '' : line[this.#column]!;
    return id === '' ? null : id;
  }

  /** In an export: voided there, and not to be brought back to life. */
  isVoided(line: Line): boolean {
    return this.#isExport && line['deletedAt'] !== '';
  }

  /** In an export: what belongs to another office than this one. */
  isOfAnother(office: string, line: Line): boolean {
    return this.#isExport && line['office'] !== '' && line['office'] !== office;
  }
}

function columnOf(id: string, columns: readonly string[]): string {
  const expression = parseExpression(id, columns);
  if (expression.kind === 'column') return expression.column;
  throw invalidMapping('id must be a column');
}

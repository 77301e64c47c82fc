import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sales } from '../../domain/datasets/sales.ts';
import {
  type ImportJob,
  importSheet,
  type SheetRow,
  type SinkResult,
} from '../../mixins/import/import-sheet.ts';
import { parsePairs } from '../../mixins/import/mapping-text.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { makeFolder, removeFolder } from '../harness/folder.ts';

const HEADING = 'soldOn,product,region,qty,cost,tax';
const GOOD = '2026-04-01,Paper,East,73,12.95,66.17';

let folder: string;
let made = 0;

beforeAll(async () => {
  folder = await makeFolder('import');
});
afterAll(() => removeFolder(folder));

type Change = Partial<Omit<ImportJob, 'mapping'>> & { mapping?: Partial<ImportJob['mapping']> };

async function jobOf(content: string | Buffer, { mapping, ...change }: Change = {}): Promise<ImportJob> {
  const path = join(folder, `${++made}.csv`);
  await writeFile(path, content);
  return {
    path,
    office: 'east',
    dataset: sales,
    sheet: { delimiter: ',', encoding: 'utf-8' },
    strict: false,
    hasher: machinePorts,
    ...change,
    mapping: { fields: {}, where: {}, dates: 'iso', round: false, ...mapping },
  };
}

async function importing(content: string | Buffer, change: Change = {}, result: Partial<SinkResult> = {}) {
  const rows: SheetRow[] = [];
  const report = await importSheet(await jobOf(content, change), (chunk) => {
    rows.push(...chunk);
    return Promise.resolve({ added: chunk.length, known: 0, existing: 0, refused: [], ...result });
  });
  return { report, rows };
}

describe('importSheet', () => {
  it('reads columns that are called like fields', async () => {
    const { report, rows } = await importing(`${HEADING}\n${GOOD}\n`);
    expect(report).toMatchObject({ lines: 1, added: 1, known: 0, bad: 0, skipped: 0 });
    expect(rows[0]!.fields).toEqual({
      soldOn: '2026-04-01',
      product: 'Paper',
      region: 'East',
      qty: 73,
      cost: '12.95',
      tax: '66.17',
    });
  });

  it('derives ids from office, file and line alone', async () => {
    const [first, again] = [
      await importing(`${HEADING}\n${GOOD}\n${GOOD}\n`),
      await importing(`${HEADING}\n${GOOD}\n${GOOD}\n`),
    ];
    const idsOf = ({ rows }: typeof first) => rows.flatMap(({ id, eventId }) => [id, eventId]);
    expect(new Set(idsOf(first)).size).toBe(4);
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(idsOf(await importing(`${HEADING}\n${GOOD}\n${GOOD}\n`, { office: 'west' }))).not.toEqual(
      idsOf(first),
    );
    const others = await importing(`${HEADING}\n${GOOD}\n${GOOD}\n`, {
      dataset: { ...sales, name: 'orders' },
    });
    expect(others.rows.map(({ eventId }) => eventId)).not.toEqual(first.rows.map(({ eventId }) => eventId));
    expect(idsOf(await importing(`${HEADING}\n${GOOD} \n${GOOD}\n`))).not.toEqual(idsOf(first));
  });

  it('reports bad lines by number and reason, and goes on', async () => {
    const bad = [
      '2026-04-01,Pens,East,x,1,0',
      '2026-02-30,Pens,East,1,1,0',
      'short',
      '2026-04-01,,East,1,1.23456,0',
    ];
    const { report, rows } = await importing([HEADING, GOOD, ...bad, GOOD].join('\n'));
    expect(report).toMatchObject({ lines: 6, added: 2, bad: 4 });
    expect(report.badLines).toEqual([
      { line: 3, reason: 'qty must be a whole number' },
      { line: 4, reason: expect.stringMatching(/^soldOn must be a date/) as unknown },
      { line: 5, reason: 'has 1 cells where the heading has 6' },
      {
        line: 6,
        reason: expect.stringMatching(/^product must not be empty; cost must have at most/) as unknown,
      },
    ]);
    expect(rows).toHaveLength(2);
  });

  it('reports what the office refuses by the number of its line', async () => {
    const refused = [{ index: 1, reason: 'too many digits' }];
    const { report } = await importing([HEADING, GOOD, GOOD].join('\n'), {}, { added: 1, refused });
    expect(report.badLines).toEqual([{ line: 3, reason: 'too many digits' }]);
  });

  it('imports nothing when it is strict and a line is bad', async () => {
    const bad = [...Array<string>(1_500).fill(GOOD), '2026-04-01,Pens,East,x,1,0', 'short'];
    const sent: SheetRow[] = [];
    const sink = (rows: readonly SheetRow[]) => {
      sent.push(...rows);
      return Promise.resolve({ added: rows.length, known: 0, existing: 0, refused: [] });
    };
    await expect(
      importSheet(await jobOf([HEADING, ...bad].join('\n'), { strict: true }), sink),
    ).rejects.toMatchObject({
      type: 'bad-line',
      message: expect.stringMatching(/^Line 1502: qty .* Nothing was imported/) as unknown,
    });
    expect(sent).toEqual([]);
    expect((await importing([HEADING, GOOD].join('\n'), { strict: true })).report).toMatchObject({
      added: 1,
    });
  });

  it('takes only the lines that are asked for', async () => {
    const content = [HEADING, GOOD, GOOD.replace('East', 'West'), GOOD].join('\n');
    const { report } = await importing(content, { mapping: { where: { region: 'West' } } });
    expect(report).toMatchObject({ lines: 3, added: 1, skipped: 2 });
  });

  it('works fields out of columns', async () => {
    const content = 'When;What;Sum;Pieces\n4/1/2026;Paper;945.35;73\n4/1/2026;Odd;1;3\n';
    const fields = {
      soldOn: 'When',
      product: 'What',
      region: "'East'",
      qty: 'Pieces',
      cost: 'Sum / Pieces',
      tax: '0',
    };
    const change = {
      sheet: { delimiter: ';', encoding: 'utf-8' },
      mapping: { fields, dates: 'us' },
    } as const;
    const { rows, report } = await importing(content, change);
    expect(rows[0]!.fields).toMatchObject({ soldOn: '2026-04-01', region: 'East', cost: '12.95', tax: '0' });
    expect(report.badLines).toEqual([
      { line: 3, reason: expect.stringMatching(/^cost does not come out exactly/) as unknown },
    ]);
    const rounded = await importing(content, { ...change, mapping: { fields, dates: 'us', round: true } });
    expect(rounded.rows[1]!.fields['cost']).toBe('0.3333');
  });

  it('finds a wrong mapping before the first line', async () => {
    const wrong = (fields: Record<string, string>) => importing(`${HEADING}\n`, { mapping: { fields } });
    await expect(wrong({ qty: 'Pieces' })).rejects.toMatchObject({ type: 'invalid-expression' });
    await expect(wrong({ colour: 'qty' })).rejects.toMatchObject({ type: 'invalid-mapping' });
    await expect(importing('a,b\n1,2\n')).rejects.toMatchObject({ type: 'invalid-mapping' });
    await expect(importing(`${HEADING}\n`, { mapping: { where: { Region: 'x' } } })).rejects.toMatchObject({
      type: 'invalid-expression',
    });
  });

  it('refuses a column by the former name of a field, unless it is said what becomes of either', async () => {
    const note = { kind: 'text', maxLength: 50, required: false, label: 'note' } as const;
    const dataset = { ...sales, fields: { ...sales.fields, comment: note, memo: note } };
    const noted = (fields: Record<string, string>) =>
      importing(`${HEADING},note\n${GOOD},gift\n`, {
        ...{ dataset, formerNames: { note: 'comment' } },
        mapping: { fields },
      }).then(({ rows: [row] }) => row!.fields);
    await expect(noted({})).rejects.toThrow(
      `note is called "comment" now; use --map comment=note, or --map "comment=''" to leave the column out`,
    );
    expect(await noted({ comment: 'note' })).toMatchObject({ comment: 'gift' });
    expect(await noted({ memo: 'note' })).toMatchObject({ memo: 'gift' });
    expect(await noted({ product: '[note]' })).toMatchObject({ product: 'gift' });
    expect(await noted(parsePairs(["comment=''"]))).toMatchObject({ comment: '' });
  });

  it('reads quotes, line breaks in cells, a byte order mark and other encodings', async () => {
    const odd = '\uFEFFsoldOn,product,region,qty,cost,tax\r\n2026-04-01,"12"" ruler,\nblue 🖊",East,1,1,0\r\n';
    expect((await importing(odd)).rows[0]!.fields['product']).toBe('12" ruler,\nblue 🖊');
    const latin = Buffer.from(`${HEADING}\n${GOOD.replace('Paper', 'Päper')}\n`, 'latin1');
    await expect(importing(latin)).rejects.toMatchObject({ type: 'invalid-sheet' });
    const read = await importing(latin, { sheet: { delimiter: ',', encoding: 'windows-1252' } });
    expect(read.rows[0]!.fields['product']).toBe('Päper');
  });

  describe('a stray quote', () => {
    const reported = async (...lines: string[]) => {
      const { report, rows } = await importing([HEADING, ...lines].join('\n'));
      return { bad: report.badLines, products: rows.map(({ fields }) => fields['product']) };
    };
    const sale = (product: string) => GOOD.replace('Paper', product);

    it.each([
      ['opened and never closed', '"Paper', /opens a quote that is never closed/],
      ['in the middle of a cell', '12" ruler', /a quote in the middle of a cell/],
      ['closed too early', '"12" ruler"', /text behind a closing quote/],
    ])('%s is one bad line, and swallows nothing', async (_, product, reason) => {
      const { bad, products } = await reported(
        sale('A'),
        sale(product),
        sale('B'),
        'short',
        sale('"C ""x"""'),
        sale('D'),
      );
      expect(bad).toEqual([
        { line: 3, reason: expect.stringMatching(reason) as unknown },
        { line: 5, reason: expect.stringMatching(/1 cells/) as unknown },
      ]);
      expect(products).toEqual(['A', 'B', 'C "x"', 'D']);
    });

    it('is told from a cell of several lines, also among others', async () => {
      const { bad, products } = await reported(
        sale('"one\ntwo\n\nthree"'),
        sale('"open'),
        '',
        sale('"four\nfive"'),
        'x',
      );
      expect(products).toEqual(['one\ntwo\n\nthree', 'four\nfive']);
      expect(bad.map(({ line }) => line)).toEqual([6, 10]);
    });

    it('is looked for no further than the end of the file', async () => {
      expect(await reported(sale('A'), sale('"open'))).toMatchObject({ bad: [{ line: 3 }], products: ['A'] });
    });
  });

  it('hands out bad lines as they stand in the file', async () => {
    const bad: string[] = [];
    const onBadLine = (raw: string, heading: string) => bad.push(heading, raw);
    const lines = [HEADING, GOOD, '2026-04-01,"open,East,1,1,0', GOOD, '2026-04-01,Pens,East,x,1,0', GOOD];
    await importing(lines.join('\r\n'), { onBadLine }, { refused: [{ index: 2, reason: 'no' }] });
    expect(bad).toEqual([
      `${HEADING}\r\n`,
      `${lines[2]!}\r\n`,
      `${HEADING}\r\n`,
      `${lines[4]!}\r\n`,
      `${HEADING}\r\n`,
      GOOD,
    ]);
  });

  describe('a sheet with ids', () => {
    const EXPORT = `id,${HEADING},office,deletedAt`;
    const line = (id: string, office: string, deletedAt = '') => `${id},${GOOD},${office},${deletedAt}`;

    it('keeps them, or those of the column that is mapped', async () => {
      const { rows } = await importing([`id,${HEADING}`, `a-1,${GOOD}`, `,${GOOD}`].join('\n'));
      expect(rows.map(({ id }) => id)).toEqual(['a-1', expect.stringMatching(/^[0-9a-f]{8}-/)]);
      const mapped = await importing([`No,${HEADING}`, `a-1,${GOOD}`].join('\n'), {
        mapping: { fields: { id: 'No' } },
      });
      expect(mapped.rows[0]!.id).toBe('a-1');
      await expect(importing(`id,${HEADING}`, { mapping: { fields: { id: '7' } } })).rejects.toMatchObject({
        type: 'invalid-mapping',
      });
    });

    it('brings back nothing that was voided, and takes nothing of others', async () => {
      const lines = [
        EXPORT,
        line('a', 'east'),
        line('b', 'east', '2026-04-02T00:00:00.000Z'),
        line('c', 'west'),
      ];
      const { rows, report } = await importing(lines.join('\n'));
      expect(rows.map(({ id }) => id)).toEqual(['a']);
      expect(report).toMatchObject({ lines: 3, added: 1, voided: 1, ofOthers: 1, bad: 0 });
    });

    it('is new sales with newIds', async () => {
      const lines = [EXPORT, line('a', 'east'), line('c', 'west')];
      const { rows, report } = await importing(lines.join('\n'), { newIds: true });
      expect([report.added, rows.map(({ id }) => id)]).toEqual([2, expect.not.arrayContaining(['a', 'c'])]);
    });
  });

  it('refuses a file that is not there, and a heading with one name twice', async () => {
    await expect(importing(GOOD, { path: join(folder, 'nothing.csv') })).rejects.toMatchObject({
      type: 'unreadable-file',
    });
    await expect(importing(GOOD, { path: folder })).rejects.toMatchObject({ type: 'unreadable-file' });
    await expect(importing('')).rejects.toMatchObject({ type: 'invalid-sheet' });
    await expect(importing('a,a\n1,2\n')).rejects.toMatchObject({ type: 'invalid-sheet' });
  });

  it('reads on while lines are on their way, which go one after the other', async () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => (index === 1_200 ? 'bad' : GOOD));
    const hasReadOn = Promise.withResolvers<void>();
    const job = await jobOf([HEADING, ...lines].join('\n'), { onBadLine: () => hasReadOn.resolve() });
    const seen: string[] = [];
    const report = await importSheet(job, async ({ length }) => {
      seen.push(`${length} go`);
      await hasReadOn.promise;
      seen.push('are there');
      return { added: length, known: 0, existing: 0, refused: [] };
    });
    expect(seen).toEqual(['1000 go', 'are there', '1000 go', 'are there', '499 go', 'are there']);
    expect(report).toMatchObject({ lines: 2_500, added: 2_499, bad: 1 });
  });

  it('imports nothing more when the office cannot take it', async () => {
    const path = join(folder, 'away.csv');
    await writeFile(path, `${HEADING}\n${GOOD}\n`);
    const mapping = { fields: {}, where: {}, dates: 'iso', round: false } as const;
    const sheet = { delimiter: ',', encoding: 'utf-8' };
    const job = { path, office: 'east', dataset: sales, mapping, sheet, strict: false, hasher: machinePorts };
    await expect(importSheet(job, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  });
});

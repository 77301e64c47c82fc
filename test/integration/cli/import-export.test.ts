// Sheets in and out of an office that does not run, by the real commands on a real SQLite file.
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandFolder, MAPPING, type Settings, SHEET } from './command-folder.ts';

let folder: CommandFolder;
let east: Settings;

beforeAll(async () => {
  folder = await CommandFolder.make();
  east = await folder.settings('east', 'branch');
});
afterAll(() => folder.remove());

describe('an office that does not run', () => {
  it('imports a sheet, reports its bad lines, and adds nothing the second time', async () => {
    const imported = () =>
      folder.run(east, 'import', 'sheet.csv', ...MAPPING, '--where', 'Region=East', '--json');
    const first = await imported();
    expect(first.code).toBe(65);
    expect(JSON.parse(first.out)).toMatchObject({
      lines: 4,
      skipped: 1,
      added: 2,
      known: 0,
      badLines: [{ line: 5, reason: 'cost needs a number in Quantity, not "x"' }],
    });
    expect(JSON.parse((await imported()).out)).toMatchObject({ added: 0, known: 2, bad: 1 });
  });

  it('keeps bad lines to be mended, and imported by themselves', async () => {
    const kept = join(folder.path, 'sheet.rejects.csv');
    const [heading, , , , broken] = SHEET.split('\n');
    expect(await readFile(kept, 'utf8')).toBe(`${heading!}\n${broken!}\n`);
    await writeFile(kept, `${heading!}\n${broken!.replace('x', '2')}\n`);
    const { out } = await folder.run(east, 'import', 'sheet.csv', ...MAPPING, '--where', 'Region=East');
    expect(out).toMatch(/bad lines are in sheet\.rejects-2\.csv: mend them there/);
    expect(out).toMatch(/2 lines were imported before.*ids come from the file and the row/s);
    expect(await folder.json(east, 'import', 'sheet.rejects.csv', ...MAPPING)).toMatchObject({
      added: 1,
      rejects: null,
    });
    for (const [type, file] of [
      ['unwritable-file', 'sheet.rejects.csv'],
      ['unwritable-file', 'nowhere/x.csv'],
    ]) {
      const { error } = await folder.json(east, 'import', 'sheet.csv', ...MAPPING, '--rejects', file!);
      expect(error).toMatchObject({ type, message: expect.stringContaining(file!) as unknown });
    }
  });

  it('takes its own export back without doubling or reviving anything', async () => {
    const exported = ['export', '--out', 'own.csv', '--deleted'];
    await folder.run(east, ...exported);
    expect(await folder.json(east, 'import', 'own.csv')).toMatchObject({ added: 0, existing: 3, bad: 0 });
    const own = await readFile(join(folder.path, 'own.csv'), 'utf8');
    const [heading, ...sales] = own.split('\n');
    const sale = sales.find((line) => line.includes('Paper'));
    const voided = sale!.replace(/^[^,]*/, 'gone').replace(/,,false$/, ',2026-04-02T00:00:00.000Z,false');
    await writeFile(
      join(folder.path, 'more.csv'),
      [heading, sale!.replace(/^[^,]*/, 'new'), voided].join('\n'),
    );
    expect(await folder.json(east, 'import', 'more.csv')).toMatchObject({ added: 1, existing: 0, voided: 1 });
    expect((await folder.run(east, 'export')).out).toMatch(/^new,/m);
  });

  it.each([
    ['unreadable-file', ['import', '.']],
    ['unreadable-file', ['import', 'nothing.csv']],
    ['unwritable-file', ['export', '--out', 'nowhere/x.csv']],
    ['unwritable-file', ['export', '--out', '.']],
  ])('says in a line what is wrong with a file: %s %j', async (type, args) => {
    const { code, err } = await folder.run(east, ...args);
    expect([code, err]).toEqual([65, expect.stringMatching(/^branchline: The file .*\n$/)]);
    expect((await folder.json(east, ...args)).error).toMatchObject({ type });
  });

  it('ends in peace when nobody reads on', async () => {
    for (const verb of ['events', 'export']) {
      const child = folder.launch(east, [verb]);
      child.stdout!.destroy();
      let err = '';
      child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ verb, code, err }).toEqual({ verb, code: 0, err: '' });
    }
  });

  it('stops at a bad line with --strict', async () => {
    const { code, err } = await folder.run(
      east,
      'import',
      'sheet.csv',
      ...MAPPING,
      '--where',
      'Product Name=Broken',
      '--strict',
    );
    expect(code).toBe(65);
    expect(err).toMatch(/Line 5: cost needs a number/);
  });

  it('exports what it has, money exact, formulas defused when asked', async () => {
    const { out } = await folder.run(east, 'export', '--safe');
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'id,soldOn,product,region,qty,cost,tax,amount,total,office,createdAt,updatedAt,deletedAt,conflicted',
    );
    expect(
      lines
        .map((line) => line.split(',').slice(1, 9).join(','))
        .slice(1)
        .toSorted(),
    ).toEqual([
      '2026-04-01,Paper,East,73,12.95,0.00,945.35,945.35',
      '2026-04-01,Paper,East,73,12.95,0.00,945.35,945.35',
      "2026-04-02,'=cmd|calc,East,14,2.19,0.00,30.66,30.66",
      '2026-04-02,Broken,East,2,0.50,0.00,1.00,1.00',
    ]);
    const target = join(folder.path, 'out.jsonl');
    expect((await folder.run(east, 'export', '--format', 'jsonl', '--out', target)).err).toMatch(
      /4 sales written/,
    );
    const rows = (await readFile(target, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { product: string });
    expect(rows.map(({ product }) => product).toSorted()).toEqual(['=cmd|calc', 'Broken', 'Paper', 'Paper']);
  });

  it('shows its log', async () => {
    expect((await folder.json(east, 'events', '--limit', '1')).items).toMatchObject([
      { position: 1, type: 'SaleRecorded', actor: 'import' },
    ]);
    expect((await folder.run(east, 'events')).out).toMatch(/POSITION +EVENT.*\n1 +east@1:1 +SaleRecorded/);
  });
});

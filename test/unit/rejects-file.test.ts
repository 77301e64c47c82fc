import { readFile, writeFile } from 'node:fs/promises';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from '@jest/globals';
import { RejectsFile } from '../../cli/rejects-file.ts';
import { makeFolder, removeFolder } from '../harness/folder.ts';
import { caught } from './caught.ts';

const folders: string[] = [];
let folder: string;
let sheet: string;

beforeEach(async () => {
  folder = await makeFolder('rejects');
  folders.push(folder);
  sheet = join(folder, 'sheet.csv');
  await writeFile(sheet, '', { mode: 0o600 });
});
afterAll(() => Promise.all(folders.map(removeFolder)));

function rejected(lines: readonly string[], chosen?: string): string | null {
  const rejects = new RejectsFile(sheet, chosen);
  for (const line of lines) rejects.add(line, 'a,b\n');
  rejects.close();
  return rejects.path;
}

it('is made beside the sheet with the first bad line, with the heading', async () => {
  expect([rejected([]), readdirSync(folder)]).toEqual([null, ['sheet.csv']]);
  const path = join(folder, 'sheet.rejects.csv');
  expect(rejected(['1,x\n', '2,y'])).toBe(path);
  expect(await readFile(path, 'utf8')).toBe('a,b\n1,x\n2,y\n');
  expect(statSync(path).mode & 0o077).toBe(0); // no more than the sheet
});

it('never takes the place of one that somebody mends, and is not made twice', async () => {
  const first = rejected(['1,x\n'])!;
  expect([rejected(['1,x\n']), readdirSync(folder)]).toEqual([first, ['sheet.csv', 'sheet.rejects.csv']]);
  await writeFile(first, 'a,b\n1,2\n');
  expect(rejected(['1,x\n'])).toBe(join(folder, 'sheet.rejects-2.csv'));
  expect(await readFile(first, 'utf8')).toBe('a,b\n1,2\n');
});

it('is made beside what has its name and is no file', () => {
  mkdirSync(join(folder, 'sheet.rejects.csv'));
  expect(rejected(['1,x\n'])).toBe(join(folder, 'sheet.rejects-2.csv'));
});

it('is refused where it was to be, if it exists or its folder does not', async () => {
  const chosen = join(folder, 'chosen.csv');
  expect(rejected(['1,x\n'], chosen)).toBe(chosen);
  for (const path of [chosen, join(folder, 'nowhere/x.csv'), folder])
    expect(caught(() => new RejectsFile(sheet, path))).toMatchObject({ type: 'unwritable-file' });
});

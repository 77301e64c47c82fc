// Every dataset has the same commands; one that is declared in a file has them, too.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandFolder, type Settings } from './command-folder.ts';

const VISITS = `export default {
  name: 'visits', noun: 'Visit',
  fields: {
    day: { kind: 'date', required: true },
    guests: { kind: 'integer', min: 0, required: true },
    mood: { kind: 'enum', values: ['good', 'bad'] },
  },
  policies: { fields: { guests: 'add' } },
};`;

let folder: CommandFolder;
let head: Settings;

beforeAll(async () => {
  folder = await CommandFolder.make();
  const declared = join(folder.path, 'declared');
  await mkdir(declared);
  await writeFile(join(declared, 'visits.ts'), VISITS);
  head = { ...(await folder.settings('hq', 'head')), DATASETS_DIR: declared };
  await folder.run(head, 'migrate');
});
afterAll(() => folder.remove());

describe('a dataset of an office of its own', () => {
  it('is listed and described beside those of the program', async () => {
    expect(await folder.json(head, 'datasets', 'list')).toMatchObject(
      ['sales', 'products', 'stock', 'visits'].map((name) => ({ name })),
    );
    const { out } = await folder.run(head, 'datasets', 'show', 'visits');
    expect(out).toMatch(/guests +integer from 0 +required +add/);
    expect(out).toMatch(/mood +good \| bad +optional +latest/);
  });

  it('is recorded, changed, voided, restored and shown', async () => {
    const run = (...args: string[]) => folder.json(head, 'visits', ...args);
    expect(await run('record', '--id', 'a', '--set', 'day=2026-04-01,guests=3')).toMatchObject({
      guests: 3,
      mood: null,
    });
    expect(await run('amend', 'a', '--set', 'mood=good', '--add', 'guests=-2')).toMatchObject({
      guests: 1,
      mood: 'good',
    });
    expect(await run('void', 'a', '--reason', 'a slip')).toMatchObject({ deletedAt: expect.any(String) });
    expect(await run('list')).toEqual([]);
    expect(await run('list', '--deleted')).toMatchObject([{ id: 'a' }]);
    expect(await run('restore', 'a')).toMatchObject({ deletedAt: null });
    expect(await run('get', 'a')).toMatchObject({ id: 'a', office: 'hq' });
    expect(await run('list', '--where', 'mood=bad')).toEqual([]);
    expect(await run('history', 'a')).toMatchObject(
      ['VisitRecorded', 'VisitAmended', 'VisitVoided', 'VisitRestored'].map((type) => ({ type })),
    );
    expect((await folder.run(head, 'export', '--dataset', 'visits')).out).toContain('a,2026-04-01,1,good,hq');
  });

  it('refuses what does not fit, by name', async () => {
    expect(await folder.run(head, 'visits', 'record', '--set', 'day=someday')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/day must be a date.*guests is required/s) as unknown,
    });
    expect(await folder.run(head, 'visits', 'amend', 'a')).toMatchObject({ code: 64 });
  });

  it('is not made of a wrong declaration', async () => {
    await writeFile(
      join(folder.path, 'declared', 'wrong.json'),
      '{"name":"wrong","noun":"Wrong","fields":{"x":{"kind":"y"}}}',
    );
    const { code, err } = await folder.run(head, 'migrate');
    expect([code, err]).toEqual([78, expect.stringContaining('wrong.json: fields.x.kind must be one of')]);
  });
});

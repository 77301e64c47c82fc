// The commands of an office that does not run: they work on its SQLite file themselves.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../harness/ports.ts';
import { CommandFolder, type Settings } from './command-folder.ts';

let folder: CommandFolder;
let east: Settings;
let head: Settings;

beforeAll(async () => {
  folder = await CommandFolder.make();
  east = await folder.settings('east', 'branch');
  head = await folder.settings('head', 'head');
});
afterAll(() => folder.remove());

describe('an office that does not run', () => {
  it('is migrated, and belongs to one office only', async () => {
    expect(await folder.run(east, 'migrate')).toMatchObject({ code: 0 });
    const thief = { ...east, OFFICE_ID: 'west', DATABASE_URL: 'sqlite:data/east.sqlite' };
    for (const verb of [['migrate'], ['start'], ['events']]) {
      const { code, err } = await folder.run(thief, ...verb);
      expect([code, err]).toEqual([78, expect.stringMatching(/OFFICE_ID/)]);
    }
    const { findings } = await folder.json(thief, 'doctor');
    expect(findings).toContainEqual(expect.objectContaining({ check: 'owner', state: 'problem' }));
  });

  it('says why it cannot sync', async () => {
    expect(await folder.run(east, 'sync', '--once')).toMatchObject({
      code: 78,
      err: expect.stringMatching(/LINK_URL/) as unknown,
    });
    const nobody = { ...east, LINK_URL: `amqp://u:hunter22@127.0.0.1:${await freePort()}` };
    const { code, err } = await folder.run(nobody, 'sync', '--once', '--deadline', '1');
    expect([code, err]).toEqual([75, expect.stringMatching(/could not be completed/)]);
    expect(err).not.toContain('hunter22');
    expect(await folder.run(east, 'sync')).toMatchObject({ code: 69 });
  });

  it('adds and retires offices at the head, and says what to set at the branch', async () => {
    expect(await folder.run(head, 'migrate')).toMatchObject({ code: 0 });
    const { code, out } = await folder.run(
      { ...head, LINK_URL: 'amqp://head:hunter22@broker.example/shop' },
      'offices',
      'add',
      'north',
      '--name',
      'North & Co',
    );
    expect(code).toBe(0);
    for (const line of [
      'OFFICE_ID=north',
      'OFFICE_ROLE=branch',
      "OFFICE_NAME='North & Co'",
      'LINK_URL=amqp',
    ]) {
      expect(out).toContain(line);
    }
    expect(await folder.json(head, 'offices', 'list')).toMatchObject([{ id: 'north', status: 'active' }]);
    expect(await folder.run(head, 'offices', 'retire', 'north')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/for good.*heard from it last never.*--yes/s) as unknown,
    });
    expect(await folder.json(head, 'offices', 'list')).toMatchObject([{ id: 'north', status: 'active' }]);
    expect(await folder.run(head, 'offices', 'retire', 'north', '--yes')).toMatchObject({ code: 0 });
    expect((await folder.json(head, 'offices', 'add', 'north')).error).toMatchObject({
      type: 'office-exists',
      message: expect.stringMatching(/was retired, which is for good/) as unknown,
    });
    expect(await folder.run(head, 'offices', 'retire', 'nobody')).toMatchObject({ code: 1 });
    for (const asking of [
      ['events', '--author', 'nobody'],
      ['export', '--office', 'nobody'],
      ['conflicts', 'list', '--office', 'nobody'],
      ['import', 'sheet.csv', '--office', 'nobody'],
    ])
      expect((await folder.json(head, ...asking)).error).toMatchObject({ type: 'unknown-office' });
    expect(await folder.run(east, 'offices', 'list')).toMatchObject({ code: 78 });
    expect(await folder.run(head, 'offices', 'add', 'Not Good')).toMatchObject({ code: 64 });
  });

  it('is looked at by the doctor', async () => {
    const well = await folder.run(east, 'doctor', '--json');
    expect(well.code).toBe(0);
    const checks = (JSON.parse(well.out) as { findings: { check: string }[] }).findings.map(
      ({ check }) => check,
    );
    expect(checks).toEqual(
      expect.arrayContaining([
        'versions',
        'configuration',
        'database',
        'schema',
        'owner',
        'clock',
        'gateway',
      ]),
    );
    const closed = await freePort();
    const ill = {
      ...east,
      DATABASE_URL: `postgresql://u:hunter22@127.0.0.1:${closed}/x`,
      LINK_URL: `amqp://u:hunter22@127.0.0.1:${closed}`,
      OFFICE_IDD: 'x',
    };
    const { code, out } = await folder.run(ill, 'doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/PROBLEM {2}database: postgresql:\/\/127\.0\.0\.1.* cannot be used/);
    expect(out).toMatch(/PROBLEM {2}broker: .*ECONNREFUSED/);
    expect(out).toMatch(/OFFICE_IDD is set/);
    expect(out).not.toContain('hunter22');
  });
});

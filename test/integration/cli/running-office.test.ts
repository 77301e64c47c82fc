// The commands beside an office that runs: they ask it over its interface.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../harness/ports.ts';
import { eventually } from '../../harness/wait.ts';
import { CommandFolder, MAPPING, type Settings } from './command-folder.ts';

let folder: CommandFolder;
let east: Settings;
let head: Settings;

beforeAll(async () => {
  folder = await CommandFolder.make();
  east = await folder.settings('east', 'branch');
  head = await folder.settings('head', 'head');
});
afterAll(() => folder.remove());

describe('an office that runs', () => {
  let running: ChildProcess;

  beforeAll(async () => {
    expect(await folder.json(east, 'import', 'sheet.csv', ...MAPPING)).toMatchObject({ added: 3 });
    running = folder.launch(east, ['start', '--json']);
    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${east['PORT']!}/health/ready`)).status).toBe(200);
    });
  });

  it('is asked over its interface by the same commands', async () => {
    expect(await folder.json(east, 'sync')).toMatchObject({ lastSeq: 3, problem: { type: 'no-link' } });
    expect((await folder.json(east, 'events')).items).toHaveLength(3);
    expect(
      await folder.json(east, 'import', 'sheet.csv', ...MAPPING, '--where', 'Region=East'),
    ).toMatchObject({
      added: 0,
      known: 2,
    });
    expect(await folder.json({}, 'conflicts', 'list', '--url', `http://127.0.0.1:${east['PORT']!}`)).toEqual(
      [],
    );
    expect((await folder.json(east, 'doctor')).findings).toContainEqual(
      expect.objectContaining({ check: 'office', state: 'warning' }),
    );
  });

  it('is found on its database file when PORT is not that of the environment', async () => {
    const elsewhere = { ...east, PORT: String(await freePort()) };
    expect(await folder.json(elsewhere, 'sync')).toMatchObject({ lastSeq: 3 });
    expect((await folder.json(elsewhere, 'events')).items).toHaveLength(3);
  });

  it('keeps its database to itself', async () => {
    const second = { ...east, PORT: String(await freePort()) };
    const { code, err } = await folder.run(second, 'start');
    const named = `in use by process ${running.pid!}, office "east" at http://127.0.0.1:${east['PORT']!}. Stop`;
    expect([code, err]).toEqual([69, expect.stringContaining(named)]);
    expect((await folder.json(second, 'start')).error).toMatchObject({ type: 'database-in-use' });
  });

  it('keeps its port to itself', async () => {
    const { code, err } = await folder.run({ ...head, PORT: east['PORT']! }, 'start');
    expect([code, err]).toEqual([69, expect.stringMatching(/is in use.*Set another PORT/)]);
    const { ok, findings } = await folder.json({ ...head, PORT: east['PORT']! }, 'doctor');
    expect(ok).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'gateway',
        state: 'problem',
        detail: expect.stringContaining('is in use by office east'),
      }),
    );
  });

  it('ends in order when it is told to', async () => {
    const started = performance.now();
    running.kill('SIGTERM');
    const [code] = (await once(running, 'close')) as [number];
    expect(code).toBe(0);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

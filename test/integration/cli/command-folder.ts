import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { freePort } from '../../harness/ports.ts';

/** What a command is told by its environment; nothing of the machine's own reaches it. */
export type Settings = Readonly<Record<string, string>>;

const BRANCHLINE = fileURLToPath(new URL('../../../cli/branchline.ts', import.meta.url));
/** Of two regions, with one bad line. */
export const SHEET = [
  'Order Date,Product Name,Region,Sales,Quantity',
  '4/1/2026,Paper,East,945.35,73',
  '4/1/2026,Paper,West,427.35,33',
  '4/2/2026,=cmd|calc,East,30.66,14',
  '4/2/2026,Broken,East,1,x',
].join('\n');
/** How the sheet is to be read. */
export const MAPPING = [
  '--map',
  'soldOn=Order Date,product="Product Name",region=Region',
  '--map',
  'qty=Quantity,cost=Sales / Quantity,tax=0',
  '--dates',
  'us',
];

// Each command is a process that loads the program anew.
jest.setTimeout(90_000);

export interface Answered {
  readonly items: unknown[];
  readonly findings: unknown[];
  readonly ok: boolean;
  readonly error: { readonly problems: unknown[] };
}

/** A folder of its own, with `sheet.csv` in it, where commands run as people run them: as processes. */
export class CommandFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<CommandFolder> {
    const path = await makeFolder('cli');
    await writeFile(join(path, 'sheet.csv'), SHEET);
    return new CommandFolder(path);
  }

  /** For an office with a port of its own. */
  async settings(office: string, role: 'head' | 'branch'): Promise<Settings> {
    return { OFFICE_ID: office, OFFICE_ROLE: role, PORT: String(await freePort()) };
  }

  launch(settings: Settings, args: readonly string[]): ChildProcess {
    const env = { PATH: process.env['PATH'], HOME: this.path, ...settings };
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', BRANCHLINE, ...args], {
      cwd: this.path,
      env,
    });
  }

  /** Runs one command to its end. */
  async run(settings: Settings, ...args: string[]) {
    const child = this.launch(settings, args);
    let [out, err] = ['', ''];
    child.stdout!.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }

  /** What the command answers with --json; matchers look at what it really holds. */
  async json(settings: Settings, ...args: string[]): Promise<Answered> {
    return JSON.parse((await this.run(settings, ...args, '--json')).out) as Answered;
  }

  async remove(): Promise<void> {
    await removeFolder(this.path);
  }
}

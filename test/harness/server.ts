import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder } from './folder.ts';
import { leftovers } from './leftovers.ts';
import type { User } from './ordinary-user.ts';

const POLL_MS = 50;
const START_DEADLINE_MS = 90_000;
const STOP_DEADLINE_MS = 20_000;
const LOG_TAIL_LINES = 25;

/** What one kind of server needs to be started; the rest is the same for all. */
export interface ServerRecipe {
  readonly name: string;
  readonly url: string;
  /** Removed with everything in it by `remove`. */
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User | undefined;
  /** What makes it end in order, without waiting for its clients; SIGTERM if not given. */
  readonly stopSignal?: NodeJS.Signals;
  /** Set where ending in order takes long: used when the data are to be deleted anyway. */
  readonly killToDiscard?: boolean;
  /** Creates the data folder as a new installation has it. */
  readonly initialise: () => Promise<void>;
  readonly deleteData: () => Promise<void>;
  /** Throws while the server cannot serve. */
  readonly probe: () => Promise<void>;
  /** Runs after every start on empty data. */
  readonly prepare?: () => Promise<void>;
  readonly onRemove?: () => Promise<void>;
}

/** A private server. It keeps its url and (but for `wipe`) its data until `remove`. */
export interface Server {
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly pid: number | undefined;
  /** Asks it to end, and waits; SIGKILL after a deadline. The data stay. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut for the process. The data stay. */
  kill(): Promise<void>;
  /** Starts it again, after `stop`, `kill` or while it runs; resolves when it serves. */
  restart(): Promise<void>;
  /** Stops it, deletes its data, starts it empty. */
  wipe(): Promise<void>;
  /** SIGSTOP: it accepts connections but never answers. `thaw` ends it. */
  freeze(): void;
  thaw(): void;
  /** Stops it for good and removes its folder. */
  remove(): Promise<void>;
  log(): string;
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, POLL_MS));

class ServerProcess implements Server {
  readonly #recipe: ServerRecipe;
  #child: ChildProcess | undefined;

  constructor(recipe: ServerRecipe) {
    this.#recipe = recipe;
  }

  get name(): string {
    return this.#recipe.name;
  }
  get url(): string {
    return this.#recipe.url;
  }
  get folder(): string {
    return this.#recipe.folder;
  }
  get pid(): number | undefined {
    return this.#isRunning() ? this.#child?.pid : undefined;
  }

  log(): string {
    try {
      return readFileSync(join(this.folder, 'server.log'), 'utf8');
    } catch {
      return '';
    }
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#start();
  }

  async wipe(): Promise<void> {
    await this.#discard();
    await this.#recipe.deleteData();
    await this.startEmpty();
  }

  async startEmpty(): Promise<void> {
    await this.#recipe.initialise();
    await this.#start();
    await this.#recipe.prepare?.();
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const deadline = performance.now() + STOP_DEADLINE_MS;
    this.thaw(); // a frozen process does not hear SIGTERM
    this.#child?.kill(this.#stopSignal);
    while (this.#isRunning()) {
      if (performance.now() > deadline) this.#child?.kill('SIGKILL');
      await pause();
    }
    this.#forget();
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    while (this.#isRunning()) await pause();
    this.#forget();
  }

  async remove(): Promise<void> {
    await this.#discard();
    await this.#recipe.onRemove?.();
    await removeFolder(this.folder);
  }

  get #stopSignal(): NodeJS.Signals {
    return this.#recipe.stopSignal ?? 'SIGTERM';
  }

  #discard(): Promise<void> {
    return this.#recipe.killToDiscard ? this.kill() : this.stop();
  }

  #isRunning(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  #forget(): void {
    if (this.#child?.pid !== undefined) leftovers.drop({ pid: this.#child.pid });
    this.#child = undefined;
  }

  /** A process killed a moment ago may still hold the port or the data, so one that exits early is tried again. */
  async #start(): Promise<void> {
    const deadline = performance.now() + START_DEADLINE_MS;
    for (;;) {
      if (!this.#isRunning()) this.#spawn();
      try {
        return await this.#recipe.probe();
      } catch (cause) {
        if (performance.now() > deadline) throw this.#startFailed(cause);
      }
      await pause();
    }
  }

  #spawn(): void {
    this.#forget();
    const log = openSync(join(this.folder, 'server.log'), 'a');
    const { command, args, env, user, folder } = this.#recipe;
    this.#child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      detached: true, // Ctrl-C in the terminal must not reach it before its clients
      stdio: ['ignore', log, log],
      ...user,
    });
    closeSync(log);
    this.#child.on('error', () => undefined); // seen as a process that never runs
    this.#child.unref();
    const pid = this.#child.pid;
    if (pid !== undefined) leftovers.add({ pid, signal: this.#stopSignal });
  }

  #startFailed(cause: unknown): Error {
    const tail = this.log().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    return new Error(`${this.name} does not start: ${String(cause)}\nThe end of its log:\n${tail}`, {
      cause,
    });
  }
}

/** Starts a new, empty server and resolves when it serves; nothing of it stays when that fails. */
export async function startServer(recipe: ServerRecipe): Promise<Server> {
  const server = new ServerProcess(recipe);
  try {
    await server.startEmpty();
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

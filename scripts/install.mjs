// `npm ci` when it is due, by one process at a time. Plain JavaScript for Node 18: nothing is installed yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const POLL_MS = 250;

const say = (message) => process.stderr.write(`branchline: ${message}\n`);

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** Why `npm ci` has to run, or undefined. npm writes its own lock file last, so a broken-off install has none. */
export function whyInstall(root) {
  const wantedAt = modifiedAt(join(root, 'package-lock.json'));
  const installedAt = modifiedAt(join(root, 'node_modules', '.package-lock.json'));
  if (wantedAt === undefined) return undefined;
  if (installedAt === undefined) return 'node_modules is missing';
  return installedAt < wantedAt ? 'node_modules is older than package-lock.json' : undefined;
}

function npmCommand() {
  const script = process.env.npm_execpath;
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
}

function npmCi(root) {
  const [command, ...script] = npmCommand();
  // Tests need the development packages and the bundled Node, also where NODE_ENV=production.
  const args = [...script, 'ci', '--include=dev', '--include=optional', '--loglevel=error'];
  return new Promise((done) => {
    // Its output goes to stderr: stdout belongs to the program, which may print JSON.
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
    child.on('error', (error) => {
      say(`cannot run npm: ${error.message}`);
      done(1);
    });
    child.on('exit', (code) => done(code ?? 1));
  });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function claim(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** A claim whose owner died (or was stopped while it wrote its id) is nobody's. */
function dropStaleClaim(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    const isFresh = Date.now() - statSync(lock).mtimeMs < 5000;
    if (owner ? !isAlive(owner) : !isFresh) rmSync(lock, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

async function withClaim(lock, work) {
  for (let waiting = false; !claim(lock); waiting = true) {
    if (!waiting) say('waiting for another install of this folder');
    dropStaleClaim(lock);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Installs what package-lock.json says. Two commands started together must not delete each other's files. */
export async function install(root) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return withClaim(join(tmpdir(), `branchline-install-${name}.lock`), async () => {
    const reason = whyInstall(root);
    if (!reason) return 0;
    say(`${reason}: running npm ci (once, about a minute)`);
    return npmCi(root);
  });
}

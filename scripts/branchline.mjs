#!/usr/bin/env node
// The `branchline` command: the command line program, on the right Node.
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('../cli/branchline.ts', import.meta.url)));
await import('./run.mjs');

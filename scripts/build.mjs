#!/usr/bin/env node
// Makes dist/: the program as plain JavaScript with a package.json of its own, ready for an image or `npm pack dist`.
// Node refuses to strip types under node_modules, so a release cannot ship TypeScript.
//   node scripts/build.mjs [FOLDER]
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const HOUSES = ['cli', 'console', 'domain', 'migrations', 'mixins', 'services'];
const DOCUMENTS = ['README.md', 'LICENSE', 'CHANGELOG.md'];
const COMMAND = 'cli/branchline.js';

function compile() {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', join(ROOT, 'deploy'), '--outDir', DIST], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The program does not compile.');
}

/** Whatever is not TypeScript goes along as it is: pages, samples. */
function copyRest(folder) {
  const source = join(ROOT, folder);
  if (!existsSync(source)) return;
  for (const { name, parentPath, path } of readdirSync(source, {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.isFile())) {
    const file = join(parentPath ?? path, name);
    if (extname(file) !== '.ts') cpSync(file, join(DIST, file.slice(ROOT.length + 1)));
  }
}

/** What a user of the program needs; scripts and tools stay here. */
function packageJson() {
  const {
    name,
    version,
    description,
    license,
    type,
    engines,
    dependencies,
    optionalDependencies,
    overrides,
  } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  void optionalDependencies; // Node for older machines: an installed command runs on the Node that it is called with
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: { branchline: COMMAND },
    dependencies,
    overrides,
  };
}

/** npm links an installed command to this file as it is. */
function makeRunnable() {
  const file = join(DIST, COMMAND);
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, 'utf8')}`);
  chmodSync(file, 0o755);
}

rmSync(DIST, { recursive: true, force: true });
compile();
makeRunnable();
HOUSES.forEach(copyRest);
for (const document of DOCUMENTS.filter((file) => existsSync(join(ROOT, file))))
  cpSync(join(ROOT, document), join(DIST, document));
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(packageJson(), null, 2)}\n`);
process.stdout.write(`Built ${DIST}\n`);

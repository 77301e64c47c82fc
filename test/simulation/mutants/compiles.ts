import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Mutant } from './mutant.ts';
import { mutated, ROOT } from './tree.ts';

/** What a mutant leaves unused is part of the breakage. */
const LENIENT: ts.CompilerOptions = { noUnusedLocals: false, noUnusedParameters: false };

/**
 * What the compiler says about each mutant, by name; a name that is missing has nothing wrong. One that does not
 * compile would fail for its own sake, and show nothing about the simulator.
 */
export function compilerFlaws(mutants: readonly Mutant[]): Map<string, string> {
  const compiler = new Compiler();
  const flaws = new Map<string, string>();
  for (const mutant of mutants) {
    const flaw = compiler.flawOf(join(ROOT, mutant.file), mutated(mutant));
    if (flaw !== null) flaws.set(mutant.name, flaw);
  }
  return flaws;
}

/** Looks at one changed file at a time; what was parsed before is kept. */
class Compiler {
  readonly #service: ts.LanguageService;
  readonly #options = optionsOf(ROOT);
  readonly #roots = new Set<string>();
  #changed = { file: '', text: '' };
  #version = 0;

  constructor() {
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => this.#options,
      getScriptFileNames: () => [...this.#roots],
      getScriptVersion: (file) => (file === this.#changed.file ? `changed ${this.#version}` : 'as it is'),
      getScriptSnapshot: (file) => {
        const text = file === this.#changed.file ? this.#changed.text : ts.sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => ROOT,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      readFile: (file) => ts.sys.readFile(file),
      fileExists: (file) => ts.sys.fileExists(file),
      readDirectory: (...args) => ts.sys.readDirectory(...args),
      directoryExists: (folder) => ts.sys.directoryExists(folder),
      getDirectories: (folder) => ts.sys.getDirectories(folder),
    });
  }

  flawOf(file: string, text: string): string | null {
    this.#changed = { file, text };
    this.#version += 1;
    this.#roots.add(file);
    const [first] = [
      ...this.#service.getSyntacticDiagnostics(file),
      ...this.#service.getSemanticDiagnostics(file),
    ];
    return first === undefined ? null : ts.flattenDiagnosticMessageText(first.messageText, ' ');
  }
}

function optionsOf(root: string): ts.CompilerOptions {
  const path = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ['package.json'] },
    ts.sys,
    dirname(path),
  );
  return { ...options, ...LENIENT };
}

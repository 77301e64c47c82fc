// Sentences for people in errors and refusals may be worded as one likes: changing them is no bug that a test should
// find. What programs read (types, reasons, data) is mutated like everything else.
import type { Ignorer } from '@stryker-mutator/api/ignore';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** As much of Babel's node path as is looked at here. */
interface Path {
  readonly node: { readonly type: string };
  readonly listKey?: string;
  readonly key?: string | number;
  readonly parent?: {
    readonly type: string;
    readonly callee?: { readonly type: string; readonly name?: string };
  };
}

/** Who takes a sentence, as which argument. */
const SENTENCE_AT: Readonly<Record<string, number>> = {
  DomainError: 1,
  refusal: 2,
  refuse: 1,
  refused: 1,
  invalidValue: 1,
  parked: 0,
  assertInvariant: 1,
};
const TEXTS = ['StringLiteral', 'TemplateLiteral'];

function isSentence({ node, listKey, key, parent }: Path): boolean {
  if (listKey !== 'arguments' || !TEXTS.includes(node.type)) return false;
  const name = parent?.callee?.name;
  return name !== undefined && SENTENCE_AT[name] === key;
}

/** What an invariant tells of its breach: that it is told at all is what matters. */
function isEvidence({ listKey, key, parent }: Path): boolean {
  return listKey === 'arguments' && key === 2 && parent?.callee?.name === 'assertInvariant';
}

const texts: Ignorer = {
  shouldIgnore(path) {
    if (isSentence(path as Path)) return 'a sentence for people';
    return isEvidence(path as Path) ? 'evidence of a broken invariant' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'texts', texts)];

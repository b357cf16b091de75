import { sameType, showType } from '../core/dim.ts';
import { problem } from './codes.ts';
import { isValue, type Expr, type Problem } from './expr.ts';
import { leavesOf, showPath, valueAt, type LeafAt } from './tree.ts';

/** Trees that must be alike: their leaves are matched by their keys, in whatever order the keys were written. */

/** a place at which two trees differ; what is undefined is no tensor */
interface Difference { readonly path: readonly string[]; readonly wanted?: Expr; readonly given?: Expr }

/** the first wanted leaf that a tree lacks, or has of another type */
const lacking = (wanted: readonly LeafAt[], given: unknown): Difference | undefined => {
  for (const { path, expr } of wanted) {
    const got = valueAt(given, path);
    if (!isValue(got)) return { path, wanted: expr };
    if (!got.poisoned && !expr.poisoned && !sameType(got.type, expr.type)) return { path, wanted: expr, given: got };
  }
  return undefined;
};
/** the first leaf that a tree has where the other one has none */
const beyond = (wanted: unknown, given: unknown): Difference | undefined => {
  const odd = leavesOf(given).find(({ path }) => !isValue(valueAt(wanted, path)));
  return odd && { path: odd.path, given: odd.expr };
};
/** the first place at which a tree has not just what the wanted one has */
export const difference = (wanted: unknown, given: unknown): Difference | undefined => lacking(leavesOf(wanted), given) ?? beyond(wanted, given);
export const showLeaf = (leaf: Expr | undefined): string => (leaf === undefined ? 'no tensor' : showType(leaf.type));

const named = (what: string, path: readonly string[]): string => (path.length === 0 ? `the ${what}` : `the ${what} '${showPath(path)}'`);
/** leaf by leaf what is wrong with a tree of cotangents or tangents */
export const unlike = (op: string, what: string, wanted: readonly LeafAt[], given: unknown): Problem | undefined => {
  const odd = lacking(wanted, given);
  if (odd === undefined) return undefined;
  return odd.given === undefined ? problem('trees', `${op}: ${named(what, odd.path)} is missing`, { hint: 'it must be a tree like the one it belongs to' })
    : problem('trees', `${op}: ${named(what, odd.path)} must be ${showLeaf(odd.wanted)}, but is ${showLeaf(odd.given)}`);
};
/** what is wrong with a tree that has leaves of which the other one knows nothing */
export const excess = (op: string, what: string, wanted: unknown, given: unknown): Problem | undefined => {
  const odd = beyond(wanted, given);
  return odd && problem('trees', `${op}: ${named(what, odd.path)} is one too many`, { hint: 'it must be a tree like the one it belongs to' });
};
/** the leaves of a tree in the order of the tree that it is like */
export const valuesOf = (tree: unknown, like: readonly { readonly path: readonly string[] }[]): readonly Expr[] => like.map((l) => valueAt(tree, l.path)).filter(isValue);

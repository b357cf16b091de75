import { isValue, typed, type Expr } from './expr.ts';
import { tag, type LeafOf } from './types/tensor.ts';

/**
 * Trees: records and lists, nested, whose leaves are tensors and keys. Other values (numbers, strings, functions, …)
 * are passed along as they are. Leaves are visited in the order of the tree's own keys.
 */

/** where a leaf stands: `layers.0.kernel` */
export const showPath = (path: readonly string[]): string => path.join('.');

const isBranch = (x: unknown): x is Readonly<Record<string, unknown>> => {
  if (typeof x !== 'object' || x === null || isValue(x)) return false;
  const proto: unknown = Object.getPrototypeOf(x);
  return Array.isArray(x) || proto === Object.prototype || proto === null;
};

export interface LeafAt { readonly path: readonly string[]; readonly expr: Expr }
/** the leaves with their paths */
export const leavesOf = (tree: unknown, path: readonly string[] = []): readonly LeafAt[] => {
  if (isValue(tree)) return [{ path, expr: tree }];
  return isBranch(tree) ? Object.keys(tree).flatMap((k) => leavesOf(tree[k], [...path, k])) : [];
};

/** the tree with every leaf replaced */
export const mapTree = (tree: unknown, f: (leaf: Expr, path: readonly string[]) => unknown, path: readonly string[] = []): unknown => {
  if (isValue(tree)) return f(tree, path);
  if (!isBranch(tree)) return tree;
  const entries = Object.keys(tree).map((k) => [k, mapTree(tree[k], f, [...path, k])] as const);
  return Array.isArray(tree) ? entries.map(([, v]) => v) : Object.fromEntries(entries);
};
/** What grows trees like the given one, which is walked once, of the leaf at each place in their order. */
export const growing = (tree: unknown): ((leaf: (place: number) => unknown) => unknown) => {
  let places = 0;
  const part = (x: unknown): ReturnType<typeof growing> => {
    if (isValue(x)) { const place = places++; return (leaf) => leaf(place); }
    if (!isBranch(x)) return () => x;
    const keys = Object.keys(x), parts = keys.map((k) => part(x[k])), like = Object.fromEntries(keys.map((k): [string, unknown] => [k, undefined]));
    if (Array.isArray(x)) return (leaf) => parts.map((grow) => grow(leaf));
    return (leaf) => { const grown = { ...like }; parts.forEach((grow, i) => { grown[keys[i]] = grow(leaf); }); return grown; };
  };
  return part(tree);
};
/** `mapTree` for callers who keep every leaf's type */
export const mapLeaves = <P>(tree: P, f: (leaf: Expr, path: readonly string[]) => Expr): P => {
  // SAFETY: the callers put in place of a leaf an expression of its type
  return mapTree(tree, f) as P;
};
/** a key stays a key */
const as = (like: Expr, e: Expr): Expr => (like[tag] === e[tag] ? e : { ...e, [tag]: like[tag] });
/** a tree like the given one with these leaves, in order */
export const refill = <P>(tree: P, leaves: readonly Expr[]): P => {
  let next = 0;
  return mapLeaves(tree, (leaf) => as(leaf, leaves[next++]));
};
/** the value at a path; undefined if there is none */
export const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((t, k) => (isBranch(t) ? t[k] : undefined), tree);
/** What takes the values at these paths of any tree, in their order: each branch is looked at once. Undefined where there is none. */
export const takingAt = (paths: readonly (readonly string[])[]): ((tree: unknown) => readonly unknown[]) => {
  type Take = (x: unknown, into: unknown[]) => void;
  const part = (places: readonly number[], depth: number): Take => {
    const ends = places.filter((place) => paths[place].length === depth), within = new Map<string, number[]>();
    for (const place of places) { const key = paths[place][depth]; if (key !== undefined) within.set(key, [...(within.get(key) ?? []), place]); }
    const keys = [...within.keys()], parts = [...within.values()].map((of) => part(of, depth + 1));
    return (x, into) => {
      for (const place of ends) into[place] = x;
      if (keys.length > 0 && isBranch(x)) for (let i = 0; i < keys.length; i++) parts[i](x[keys[i]], into);
    };
  };
  const whole = part(paths.map((_, place) => place), 0);
  return (tree) => { const into = new Array<unknown>(paths.length).fill(undefined); whole(tree, into); return into; };
};

/**
 * The leaves of a tree with their paths, in order.
 * @example treeLeaves({ w: zeros([3]) }) // [{ path: ['w'], value: … }]
 */
export const treeLeaves = <P>(tree: P): readonly { readonly path: readonly string[]; readonly value: LeafOf<P> }[] =>
  leavesOf(tree).map(({ path, expr }) => ({ path, value: typed(expr) }));

/**
 * A tree like the first, each leaf made of the leaves that stand at its place in the given trees.
 * @example treeMap((w, g) => sub(w, mul(g, 0.1)), params, grads)
 */
export function treeMap<P>(f: (x: LeafOf<P>) => unknown, tree: P): P;
export function treeMap<P>(f: (x: LeafOf<P>, y: LeafOf<P>) => unknown, tree: P, second: NoInfer<P>): P;
export function treeMap<P>(f: (x: LeafOf<P>, y: LeafOf<P>, z: LeafOf<P>) => unknown, tree: P, second: NoInfer<P>, third: NoInfer<P>): P;
export function treeMap<P>(f: (...leaves: never[]) => unknown, tree: P, ...others: readonly P[]): P {
  // SAFETY: the overloads say that the trees are alike and that f takes one leaf of each
  return mapTree(tree, (leaf, path) => f(...[leaf, ...others.map((t) => valueAt(t, path))] as never[])) as P;
}

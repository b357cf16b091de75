import { isFloat } from '../core/dtype.ts';
import { add, constant, isKey, isSpoiled, sameShape, spoil, sub, treeLeaves, treeMap, zerosLike, type Code, type Dyn, type Float, type Mistake, type Origin, type Tensor } from '../index.ts';
import { codes } from './codes.ts';
import type { BadSetting } from './settings.ts';

/** What an optimiser carries from step to step: how many steps are done, and trees like the parameters. */
export interface Slots<P> { readonly step: Tensor<[], 'i32'>; readonly trees: readonly P[] }

/**
 * How parameters change, as pure expressions: made by `sgd`, `adam` and their like, put together by `chain`, and one's own
 * by `optimizer`. Parameters are any tree of f32 and f64 tensors.
 */
export interface Optimizer extends Rule {
  readonly kind: 'optimizer';
  readonly name: string;
  /** told of the program that uses it */
  readonly bad: readonly BadSetting[];
  /** The slots before the first step: zeros. */
  readonly init: <P>(params: P) => Slots<P>;
  /**
   * The parameters and slots after a step. Parameters that are no floats are FX6302, gradients of other shapes FX6303,
   * slots of another optimiser FX6304, bad settings FX6301.
   * @example const [next, slotsNext] = adam().update(grads, slots, params);
   */
  readonly update: <P>(grads: P, slots: Slots<NoInfer<P>>, params: NoInfer<P>) => readonly [params: P, slots: Slots<P>];
}
export interface Rule {
  /** how many trees like the parameters are carried from step to step */
  readonly carries: number;
  /** what is to be subtracted from the parameters, and the trees to carry on */
  readonly propose: Propose;
}
/** trees of the optimiser's own making: like the parameters, but of unknown type */
export type Tree = unknown;
export interface State { readonly step: Tensor<[], 'i32'>; readonly trees: readonly Tree[]; readonly params: Tree }
export interface Proposal { readonly delta: Tree; readonly trees: readonly Tree[] }
export type Propose = (grads: Tree, state: State) => Proposal;
/** a leaf of such a tree */
export type Leaf = Tensor<Dyn, Float>;

/**
 * An optimiser of one's own: how many trees like the parameters it carries, and from gradients and state what is to be
 * subtracted from the parameters and the trees to carry on. `state.step` counts the steps that are done.
 * @example optimizer('signSgd', { carries: 0, propose: (grads) => ({ delta: treeMap((g) => mul(sign(g), 1e-3), grads), trees: [] }) })
 */
export const optimizer = (name: string, rule: Rule, bad: readonly BadSetting[] = []): Optimizer => {
  const init = <P>(params: P): Slots<P> => ({ step: constant(0, 'i32'), trees: Array.from({ length: rule.carries }, () => zerosLike(params)) });
  const update = <P>(grads: P, slots: Slots<P>, params: P): readonly [P, Slots<P>] => {
    const wrong = [...bad, ...misuse(name, rule.carries, grads, slots, params)];
    if (wrong.length > 0) return spoiled(wrong, slots, params);
    const { delta, trees } = rule.propose(grads, { ...slots, params });
    const odd = unlike(name, 'what is to be subtracted from', codes.slots, delta, params);
    if (odd.length > 0) return spoiled(odd, slots, params);
    return [asParams<P>(treeMap(sub, asTree(params), delta)), { step: add(slots.step, 1), trees: trees.map(asParams<P>) }];
  };
  return { kind: 'optimizer', name, ...rule, bad, init, update };
};
const asTree = (tree: unknown): Tree => tree;
const asParams = <P>(tree: Tree): P => {
  // SAFETY: a tree made leaf by leaf of trees like the parameters, of the leaves' dtypes and shapes
  return tree as P;
};

/**
 * Several optimisers one after another: each takes for gradients what the one before would subtract. They share the count
 * of steps, and their slots stand side by side.
 * @example chain(clipByGlobalNorm(1), adam())
 */
export const chain = (...parts: readonly Optimizer[]): Optimizer => {
  const carries = parts.reduce((n, p) => n + p.carries, 0);
  const propose: Propose = (grads, { step, trees, params }) => {
    let delta = grads, from = 0;
    const carried: Tree[] = [];
    for (const part of parts) {
      const made = part.propose(delta, { step, params, trees: trees.slice(from, (from += part.carries)) });
      delta = made.delta;
      carried.push(...made.trees);
    }
    return { delta, trees: carried };
  };
  return optimizer(`chain(${parts.map((p) => p.name).join(', ')})`, { carries, propose }, parts.flatMap((p) => p.bad));
};

// ── what can be wrong with a step
interface Wrong { readonly mistake: Mistake; readonly at?: Origin }
/** every leaf of what a step gives carries every mistake, each of which is told once */
const spoiled = <P>(wrong: readonly Wrong[], slots: Slots<P>, params: P): readonly [P, Slots<P>] => {
  const told: readonly Tensor<unknown>[] = wrong.map(({ mistake, at }) => spoil([slots.step], mistake, at));
  const carrying = (x: Tensor<unknown>): never => spoil([x, ...told], wrong[0].mistake);
  return [asParams<P>(treeMap(carrying, asTree(params))), { step: carrying(slots.step), trees: slots.trees }];
};

const misuse = (name: string, carries: number, grads: unknown, { trees }: Slots<unknown>, params: unknown): readonly Wrong[] => {
  const fixed = leavesOf(params).filter(({ leaf }) => !isSpoiled(leaf) && (isKey(leaf) || !isFloat(leaf.dtype)));
  if (fixed.length > 0) return fixed.map(({ path, leaf }) => ({ mistake: { code: codes.params, message: `${name}: the parameter '${path}' is ${shown(leaf)}: only f32 and f64 can be trained`, hint: 'numbers that are not trained belong into state' } }));
  const wrong = unlike(name, 'the gradient of', codes.grads, grads, params);
  if (trees.length !== carries) return [...wrong, { mistake: { code: codes.slots, message: `${name}: carries ${carries} trees, but these slots hold ${trees.length}`, hint: 'optimizer.init(params) makes its own' } }];
  return [...wrong, ...trees.flatMap((tree, i) => unlike(name, `slot ${i} of`, codes.slots, tree, params))];
};
/** every leaf of a tree that is not like the parameter in its place, and every one too many */
const unlike = (name: string, what: string, code: Code, tree: Tree, params: unknown): readonly Wrong[] => {
  const got = new Map(leavesOf(tree).map(({ path, leaf }) => [path, leaf])), wanted = leavesOf(params), paths = new Set(wanted.map(({ path }) => path));
  const wrong = (message: string, ...shapes: readonly Tensor<Dyn>[]): Wrong => ({ mistake: { code, message: `${name}: ${message}`, shapes: shapes.map(shown) } });
  const differing = wanted.flatMap(({ path, leaf }) => {
    const have = got.get(path);
    if (have === undefined) return [wrong(`${what} '${path}' is missing`)];
    if (isSpoiled(have) || isSpoiled(leaf) || (have.dtype === leaf.dtype && sameShape(have.shape, leaf.shape))) return [];
    return [wrong(`${what} '${path}' is ${shown(have)}, but the parameter is ${shown(leaf)}`, have, leaf)];
  });
  return [...differing, ...[...got.keys()].filter((path) => !paths.has(path)).map((path) => wrong(`${what} '${path}' belongs to no parameter`))];
};
const leavesOf = (tree: unknown): readonly { readonly path: string; readonly leaf: Tensor<Dyn> }[] =>
  treeLeaves(tree).map(({ path, value }) => ({ path: path.join('.'), leaf: value }));
const shown = (x: Tensor<Dyn>): string => (isKey(x) ? 'a random key' : `${x.dtype} [${x.shape.join(', ')}]`);

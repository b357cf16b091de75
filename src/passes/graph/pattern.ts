import { sameShape, type Dims } from '../../core/dim.ts';
import { roundTo } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { MonoidName } from '../../ir/monoids.ts';
import { isScalarName, scalarName, scalarRow, scalars, type ScalarName, type ScalarOp } from '../../ir/scalars.ts';
import { isUnit, others, sameButUnits, splatOf } from './facts.ts';

/**
 * One side of a law. Matching reads it as a pattern, rewriting as a recipe, and a property test as a program.
 * A law speaks of one set of axes: `reduce` takes a wide value along them to a narrow one, `spread` repeats a narrow
 * value along them.
 */
export type Term =
  | { readonly term: 'var'; readonly index: number }
  | { readonly term: 'number'; readonly value: number }
  | { readonly term: 'splat'; readonly of: Term }
  | { readonly term: 'compute'; readonly from: (...values: readonly number[]) => number; readonly of: readonly Term[] }
  | { readonly term: 'map'; readonly fn: ScalarOp; readonly args: readonly Term[] }
  | { readonly term: 'reduce'; readonly monoid: MonoidName; readonly of: Term }
  | { readonly term: 'spread'; readonly of: Term };

type Operands = { readonly 1: [x: Term | number]; readonly 2: [x: Term | number, y: Term | number]; readonly 3: [x: Term | number, y: Term | number, z: Term | number] };
/** The scalar functions by name, but for `convert`, which needs a dtype that no term has. */
export type TermFunctions = { readonly [F in Exclude<ScalarName, 'convert'>]: (...args: Operands[(typeof scalars)[F]['arity']]) => Term };
/** What the two sides of a law are written with: every scalar function by its name, and what is below. */
export interface Terms extends TermFunctions {
  /** an elementwise function by name, or one of a user's; a number stands for a tensor of equal numbers */
  readonly map: (fn: ScalarOp, ...args: readonly (Term | number)[]) => Term;
  readonly number: (value: number) => Term;
  /** left side: the variable is any one number repeated */
  readonly splat: (x: Term) => Term;
  /** right side: a number computed from the numbers of splat variables */
  readonly compute: (from: (...values: readonly number[]) => number, ...of: readonly Term[]) => Term;
  readonly reduce: (monoid: MonoidName, x: Term) => Term;
  readonly spread: (x: Term) => Term;
}
const asTerm = (x: Term | number): Term => (typeof x === 'number' ? terms.number(x) : x);
// SAFETY: one function for each name of the table, over its operands
const functions = Object.fromEntries(Object.keys(scalars).filter(isScalarName)
  .map((fn) => [fn, (...args: readonly (Term | number)[]) => terms.map(fn, ...args)])) as unknown as TermFunctions;
export const terms: Terms = {
  ...functions,
  map: (fn, ...args) => ({ term: 'map', fn, args: args.map(asTerm) }),
  number: (value) => ({ term: 'number', value }),
  splat: (of) => ({ term: 'splat', of }),
  compute: (from, ...of) => ({ term: 'compute', from, of }),
  reduce: (monoid, of) => ({ term: 'reduce', monoid, of }),
  spread: (of) => ({ term: 'spread', of }),
};
export const variable = (index: number): Term => ({ term: 'var', index });

/** The axes a law is about, and the wide shape. */
export interface Span { readonly axes: readonly number[]; readonly shape: Dims }
export interface Match { readonly vars: readonly (Node | undefined)[]; readonly span?: Span }

/** Every way in which the node is an instance of the pattern. */
export const match = (term: Term, node: Node, m: Match): readonly Match[] => {
  switch (term.term) {
    case 'var': return bind(term.index, node, m);
    case 'number': return Object.is(splatOf(node), term.value) ? [m] : [];
    case 'splat': return splatOf(node) === undefined ? [] : match(term.of, node, m);
    case 'compute': return [];
    case 'map': return matchMap(term, node, m);
    case 'reduce': {
      if (node.op !== 'reduce' || node.attrs.monoid !== term.monoid || node.inputs.length !== 1) return [];
      return through(term.of, node.inputs[0], span(m, { axes: node.attrs.axes, shape: node.inputs[0].type.shape }));
    }
    case 'spread': return node.op === 'broadcastInDim' ? spreads(node, m).flatMap(({ of, axes }) => through(term.of, of, span(m, { axes, shape: node.attrs.shape }))) : [];
  }
};
/** What is spread, and along which axes. One form of a broadcast stands for several: see Note [Spread along axes of size 1] */
const spreads = ({ inputs: [x], attrs: { shape, dims } }: Node<'broadcastInDim'>, m: Match): readonly { readonly of: Node; readonly axes: readonly number[] }[] => {
  const repeated = others(shape, dims), plain = sameShape(x.type.shape, dims.map((axis) => shape[axis])) ? [{ of: x, axes: repeated }] : [];
  if (x.op !== 'reshape') return plain;
  const axes = m.span?.axes ?? repeated.filter((axis) => !isUnit(shape[axis])), [of] = x.inputs;
  const isSame = sameShape(of.type.shape, others(shape, axes).map((axis) => shape[axis])) && repeated.every((axis) => axes.includes(axis) || isUnit(shape[axis]));
  return isSame && sameButUnits(of.type.shape, x.type.shape) ? [...plain, { of, axes }] : plain;
};
const through = (term: Term, node: Node, m: Match | undefined): readonly Match[] => (m === undefined ? [] : match(term, node, m));

const bind = (index: number, node: Node, m: Match): readonly Match[] => {
  const known = m.vars[index];
  if (known !== undefined) return known === node ? [m] : [];
  const vars = [...m.vars];
  vars[index] = node;
  return [{ ...m, vars }];
};
const span = (m: Match, found: Span): Match | undefined => {
  if (m.span === undefined) return { ...m, span: found };
  const same = sameShape(m.span.shape, found.shape) && m.span.axes.join() === found.axes.join();
  return same ? m : undefined;
};

const matchMap = ({ fn, args }: Term & { readonly term: 'map' }, node: Node, m: Match): readonly Match[] => {
  if (node.op !== 'map' || node.attrs.fn !== fn || node.inputs.length !== args.length) return [];
  const straight = matchAll(args, node.inputs, m);
  if (args.length !== 2 || typeof fn !== 'string' || scalarRow(fn).commutative !== true) return straight;
  return [...straight, ...matchAll(args, [node.inputs[1], node.inputs[0]], m)];
};
const matchAll = (args: readonly Term[], nodes: readonly Node[], m: Match): readonly Match[] => {
  // most fail by what is seen at once
  if (!args.every((arg, i) => mayMatch(arg, nodes[i]))) return [];
  return args.reduce<readonly Match[]>((matches, arg, i) => matches.flatMap((each) => match(arg, nodes[i], each)), [m]);
};
const mayMatch = (term: Term, node: Node): boolean => {
  switch (term.term) {
    case 'map': return node.op === 'map' && node.attrs.fn === term.fn;
    case 'reduce': return node.op === 'reduce';
    case 'spread': return node.op === 'broadcastInDim';
    case 'number': case 'splat': return splatOf(node) !== undefined;
    case 'var': case 'compute': return true;
  }
};

/** Builds a term; `like` has the type that a bare number takes. */
export const instantiate = (term: Term, m: Match, b: Builder, like: Node): Node => {
  switch (term.term) {
    case 'var': {
      const node = m.vars[term.index];
      invariant(node !== undefined, `variable ${term.index} stands on the right side of a rule only`);
      return node;
    }
    case 'splat': return instantiate(term.of, m, b, like);
    case 'number': return b.like(like, roundTo[like.type.dtype](term.value));
    case 'compute': return b.like(like, roundTo[like.type.dtype](computed(term, m)));
    case 'map': return instantiateMap(term, m, b, like);
    case 'reduce': return b.reduce(term.monoid, instantiate(term.of, m, b, like), spanOf(m).axes);
    case 'spread': {
      const { axes, shape } = spanOf(m);
      return b.expand(instantiate(term.of, m, b, like), shape, axes);
    }
  }
};
const spanOf = (m: Match): Span => {
  invariant(m.span !== undefined, 'a rule reduces or spreads on its right side only');
  return m.span;
};
const computed = ({ from, of }: Term & { readonly term: 'compute' }, m: Match): number => from(...of.map((x) => {
  const node = x.term === 'var' ? m.vars[x.index] : undefined;
  const value = node === undefined ? undefined : splatOf(node);
  invariant(value !== undefined, 'a rule computes from what is no number');
  return value;
}));
/** numbers take the type of a sibling, which is why they are built last */
const instantiateMap = ({ fn, args }: Term & { readonly term: 'map' }, m: Match, b: Builder, like: Node): Node => {
  const isBare = (arg: Term): boolean => arg.term === 'number' || arg.term === 'compute';
  const built = args.map((arg) => (isBare(arg) ? undefined : instantiate(arg, m, b, like)));
  const sibling = built.find((x, i) => x !== undefined && !(fn === 'select' && i === 0)) ?? like;
  const condition = (value: number): Node => b.constant({ dtype: 'bool', shape: sibling.type.shape }, value);
  return b.map(fn, args.map((arg, i) => built[i] ?? (fn === 'select' && i === 0 && arg.term === 'number' ? condition(arg.value) : instantiate(arg, m, b, sibling))));
};

/** Where a pattern can match: the node's operation, with the function of a `map`. */
export const headOf = (term: Term): string => {
  switch (term.term) {
    case 'map': return `map ${scalarName(term.fn)}`;
    case 'reduce': return 'reduce';
    case 'spread': return 'broadcastInDim';
    default: return '*';
  }
};

// Note [Spread along axes of size 1]
// The one form of a broadcast has no axis of size 1 in its operand: what a law spreads from [1] to [1, 3] along the second
// axis stands there as the reshape to [], spread along both. A law about a row must hold for one row too.

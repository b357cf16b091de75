import { computedDtypes, isFloat, typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { InternalError } from '../core/invariant.ts';
import type { Builder } from '../ir/graph/build.ts';
import { createBuilder } from '../ir/graph/builder.ts';
import type { Module, Node } from '../ir/graph/syntax.ts';
import { scalarRow } from '../ir/scalars.ts';
import { instantiate, match, type Term } from '../passes/graph/pattern.ts';
import type { Law, Rule } from '../passes/graph/rewrite.ts';

/** A program of one result that a rule should change, with arguments for it. */
export interface Program { readonly module: Module; readonly args: readonly TypedArray[] }
export type Random = () => number;

type Level = 'wide' | 'narrow';
const numbers = [1, 2, 0.5, 4, 3, -1, -2, 0, 0.25, 7];
const specials = [0, -0, Infinity, -Infinity, NaN, 1, -1];

/** programs for a rule: from both sides' own terms, or from its examples */
export const programsFor = (rule: Rule, random: Random): readonly Program[] =>
  rule.law === undefined ? (rule.examples ?? []).map((_, i) => fromExample(rule, i, random)) : fromLaw(rule, rule.law, random);

const build = (make: (b: Builder, param: (shape: readonly number[], dtype?: DType) => Node) => Node, data: (n: number, dtype: DType) => TypedArray): Program => {
  const b = createBuilder(), params: Node<'parameter'>[] = [];
  const result = make(b, (shape, dtype = 'f32') => {
    const p = b.parameter('main', params.length, `x${params.length}`, { dtype, shape });
    params.push(p);
    return p;
  });
  b.addGraph({ name: 'main', params, results: [result] });
  const args = params.map((p) => data(p.type.shape.reduce<number>((n, d) => n * Number(d), 1), p.type.dtype));
  return { module: b.finish('main'), args };
};
const draw = (random: Random, [lo, hi]: readonly [number, number], special: boolean) => (n: number, dtype: DType): TypedArray =>
  typedArray(dtype, Array.from({ length: n }, () => {
    const x = lo + (hi - lo) * random();
    if (dtype === 'bool') return random() < 0.5 ? 1 : 0;
    if (dtype === 'i32') return Math.round(Math.max(-3, lo) + (Math.min(6, hi) - Math.max(-3, lo)) * random());
    if (dtype === 'u32') return Math.round(Math.abs(x));
    return special && random() < 0.25 ? specials[Math.floor(random() * specials.length)] : x;
  }));
const fromExample = (rule: Rule, index: number, random: Random): Program =>
  build((b, p) => rule.examples?.[index](b, p) ?? p([]), draw(random, [-3, 3], false));

// ── from a law's left side

const fromLaw = (rule: Rule, law: Law, random: Random): readonly Program[] =>
  computedDtypes.flatMap((dtype) => {
    for (let attempt = 0; attempt < 60; attempt++) {
      const program = instance(law, dtype, random, rule.class === 'exact');
      if (program === 'ill-typed') return [];
      if (program !== undefined) return [program];
    }
    return [];
  });

/** the law's left side over random tensors; undefined where its condition does not hold for them */
const instance = (law: Law, dtype: DType, random: Random, special: boolean): Program | 'ill-typed' | undefined => {
  const rank = 1 + Math.floor(random() * 3);
  const shape = Array.from({ length: rank }, () => 2 + Math.floor(random() * 3));
  const axes = shape.flatMap((_, i) => (random() < 0.5 ? [i] : []));
  const span = { axes: axes.length === 0 ? [rank - 1] : axes, shape };
  const sizes = (level: Level): readonly number[] => (level === 'wide' ? shape : shape.filter((_, i) => !span.axes.includes(i)));
  const root = levelOf(law.left) ?? 'wide', levels = new Map<number, Level>(), kinds = new Map<number, 'bool' | 'splat'>();
  assign(law.left, root, levels, kinds);
  let holds = true;
  try {
    const program = build((b, param) => {
      const vars = Array.from({ length: law.arity }, (_, i) => {
        const own = sizes(levels.get(i) ?? 'wide');
        const number = dtype === 'f32' || dtype === 'f64' ? numbers[Math.floor(random() * numbers.length)] : Math.floor(random() * 5);
        return kinds.get(i) === 'splat' ? b.constant({ dtype, shape: own }, number) : param(own, kinds.get(i) === 'bool' ? 'bool' : dtype);
      });
      const filled = vars.map((v, i) => (kinds.has(i) || random() < 0.5 ? v : levels.get(i) === 'narrow' ? topOf(b, vars, levels, span.axes, random) ?? v : isFloat(dtype) ? b.map('logistic', [v]) : v));
      const m = { vars: filled, span };
      const left = instantiate(law.left, m, b, param(sizes(root), dtype));
      // a number may have no like in the dtype, and then the law says nothing there
      holds = law.holds(m) && match(law.left, left, { vars: [] }).some(law.holds);
      return left;
    }, draw(random, domainOf(law.left), special));
    return holds ? program : undefined;
  } catch (error) {
    if (error instanceof InternalError) return 'ill-typed';
    throw error;
  }
};
// a law's condition may ask for values of a kind: for the largest of a variable, or for what a logarithm simplifies
const topOf = (b: Builder, vars: readonly Node[], levels: ReadonlyMap<number, Level>, axes: readonly number[], random: Random): Node | undefined => {
  const wide = vars.find((_, i) => levels.get(i) === 'wide');
  if (wide === undefined) return undefined;
  const top = b.reduce('max', wide, axes);
  return random() < 0.5 ? top : b.map('stopGradient', [top]);
};

const levelOf = (t: Term): Level | undefined => {
  switch (t.term) {
    case 'reduce': return 'narrow';
    case 'spread': return 'wide';
    case 'map': return t.args.map(levelOf).find((l) => l !== undefined);
    default: return undefined;
  }
};
const assign = (t: Term, level: Level, levels: Map<number, Level>, kinds: Map<number, 'bool' | 'splat'>, kind?: 'bool' | 'splat'): void => {
  switch (t.term) {
    case 'var': levels.set(t.index, level); if (kind !== undefined) kinds.set(t.index, kind); return;
    case 'splat': return assign(t.of, level, levels, kinds, 'splat');
    case 'reduce': return assign(t.of, 'wide', levels, kinds);
    case 'spread': return assign(t.of, 'narrow', levels, kinds);
    case 'map': return t.args.forEach((a, i) => assign(a, level, levels, kinds, t.fn === 'select' && i === 0 ? 'bool' : kind === 'bool' ? 'bool' : undefined));
    case 'number': case 'compute': return;
  }
};
/** what every function takes that stands directly over a variable */
const domainOf = (t: Term): readonly [number, number] => {
  const below = t.term === 'map' ? t.args : t.term === 'reduce' || t.term === 'spread' || t.term === 'splat' ? [t.of] : [];
  const own = t.term === 'map' && below.some((a) => a.term === 'var') ? (typeof t.fn === 'string' ? scalarRow(t.fn) : t.fn).domain : [-8, 8] as const;
  return below.map(domainOf).reduce(([lo, hi], [l, h]) => [Math.max(lo, l), Math.min(hi, h)], own);
};

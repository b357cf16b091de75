import fc from 'fast-check';
import { isFloat, typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { createBuilder } from '../ir/graph/builder.ts';
import type { Module, Node } from '../ir/graph/syntax.ts';
import type { ScalarName } from '../ir/scalars.ts';
import { grow, scalarNames, type Generated } from './grow.ts';
import { growStructured, type Structured } from './growGraphs.ts';
import { shapes } from './shapes.ts';
import { limit, type Known, type Pool } from './pool.ts';
import { generator } from './random.ts';

/** A generated program as data: it shrinks by losing steps, and by smaller choices in each. */
export interface Recipe {
  readonly inputs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
  readonly steps: readonly { readonly op: Generated | Structured; readonly choices: readonly number[] }[];
  /** how many of the last values are results */
  readonly results: number;
  readonly seed: number;
  readonly fns: readonly ScalarName[];
}
export interface GraphOptions {
  /** those over values alone, unless told otherwise: what a planner takes */
  readonly ops?: readonly (Generated | Structured)[];
  /** the scalar functions, all of them unless told otherwise; some come in besides, to keep values in their intervals */
  readonly fns?: readonly ScalarName[];
  /** the most steps */
  readonly steps?: number;
  /** dtypes of the inputs */
  readonly dtypes?: readonly DType[];
}

const rows = { ...grow, ...growStructured };
/** the operations over values alone */
// SAFETY: the table's keys are exactly Generated
export const generatedOps = Object.keys(grow) as readonly Generated[];
/** also those that name graphs, or have several results */
// SAFETY: the table's keys are exactly these
export const everyOp = Object.keys(rows) as readonly (Generated | Structured)[];

/** Recipes of programs: what `programs` are built from. */
export const recipes = ({ ops = generatedOps, fns = scalarNames, steps = 12, dtypes = ['f32', 'i32', 'bool', 'f32', 'u32'] }: GraphOptions = {}): fc.Arbitrary<Recipe> =>
  fc.record({
    inputs: fc.array(fc.record({ dtype: fc.constantFrom(...dtypes), shape: shapes() }), { minLength: 1, maxLength: 4 }),
    steps: fc.array(fc.record({ op: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...ops) }, { weight: 1, arbitrary: fc.constant(ops[0]) }), choices: fc.array(fc.nat(1000), { minLength: 16, maxLength: 16 }) }), { minLength: 1, maxLength: steps, size: 'max' }),
    results: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1_000_000),
    fns: fc.constant(fns),
  });

export interface BuiltRecipe { readonly module: Module; readonly args: readonly TypedArray[] }

/** The module of a recipe and arguments for it. */
export const buildRecipe = (recipe: Recipe): BuiltRecipe => {
  const b = createBuilder();
  const params = recipe.inputs.map(({ dtype, shape }, i) => b.parameter('main', i, `x${i}`, { dtype, shape }));
  const known: Known[] = params.map((node): Known => ({ node, ...inputRange(node.type.dtype) }));
  for (const { op, choices } of recipe.steps) {
    let next = 0;
    const below = (n: number): number => (n <= 1 ? 0 : choices[next++ % choices.length] % n);
    const pool: Pool = { b, known, below, fns: recipe.fns };
    const grown = rows[op](pool);
    if (grown !== undefined && grown.node.type.shape.length <= 5 && elements(grown.node) <= 4096) known.push(grown);
  }
  const results = known.slice(-recipe.results).map((k) => k.node);
  b.addGraph({ name: 'main', params, results });
  const random = generator(recipe.seed);
  return { module: b.finish('main'), args: params.map((p) => inputData(p, random)) };
};

const elements = (node: Node): number => node.type.shape.reduce<number>((n, d) => n * Number(d), 1);
const inputRange = (dtype: DType): { lo: number; hi: number } =>
  dtype === 'bool' ? { lo: 0, hi: 1 } : { lo: dtype === 'u32' ? 0 : -limit / 2, hi: limit / 2 };

/** numbers without short binary fractions, so that no two computations tie by accident */
const inputData = (p: Node, random: () => number): TypedArray => {
  const { lo, hi } = inputRange(p.type.dtype), whole = !isFloat(p.type.dtype);
  const draw = (): number => (whole ? Math.round(lo + (hi - lo) * random()) : lo + (hi - lo) * random());
  return typedArray(p.type.dtype, Array.from({ length: elements(p) }, draw));
};

export { generator } from './random.ts';

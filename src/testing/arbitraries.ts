import fc from 'fast-check';
import { showType, type TensorType } from '../core/dim.ts';
import { isFloat, typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { hostArray } from '../expr/ndarray.ts';
import type { Dyn } from '../expr/types/shape.ts';
import type { NDArray } from '../expr/types/tensor.ts';
import { printModule } from '../ir/graph/print.ts';
import type { Module } from '../ir/graph/syntax.ts';
import { mainOf } from './derivatives.ts';
import { buildRecipe, recipes, type GraphOptions } from './graphs.ts';
import { shapes } from './shapes.ts';

/** A generated program with arguments for it. A failing property prints it as text that `parse` reads. */
export interface GeneratedProgram { readonly module: Module; readonly args: readonly TypedArray[] }

/**
 * Random well-typed programs: all operations, ranks 0 to 5, sizes 0 and 1 among them, broadcasting, shared values and
 * several results, with values inside the domain of every scalar function. They shrink by losing steps.
 *
 * @example
 * fc.assert(fc.property(programs({ steps: 6 }), ({ module, args }) => {
 *   expect(interpret(myPass.run(module, () => undefined), args)).toEqual(interpret(module, args));
 * }));
 */
export const programs = (options: GraphOptions = {}): fc.Arbitrary<GeneratedProgram> => recipes(options).map((recipe) => withText(buildRecipe(recipe)));

/** The same program, which a failing property prints as text. */
const withText = (program: GeneratedProgram): GeneratedProgram & fc.WithToStringMethod =>
  ({ ...program, [fc.toStringMethod]: () => `\n${programText(program)}` });
/** A program as text: its module, and its arguments as comments. */
export const programText = ({ module, args }: GeneratedProgram): string => [
  printModule(module).trimEnd(), ...mainOf(module).params.map((p, i) => `// ${p.attrs.name}: ${showType(p.type)} = ${listed(args[i])}`), '',
].join('\n');
const most = 64;
const listed = (data: TypedArray): string => `[${Array.from(data.subarray(0, most), (x) => (Object.is(x, -0) ? '-0' : String(x))).join(', ')}${data.length > most ? ', …' : ''}]`;

export interface TensorOptions<D extends DType> {
  /** f32 unless told otherwise */
  readonly dtype?: D;
  /** any, unless told otherwise */
  readonly shape?: readonly number[];
  /** the interval that the elements lie in: -8 to 8 unless told otherwise */
  readonly min?: number;
  readonly max?: number;
  /** also NaN, both infinities and both zeros (of floats) */
  readonly specials?: boolean;
}
const specials = [NaN, Infinity, -Infinity, 0, -0];

/**
 * Arrays of a dtype, of one shape or of any, with elements in an interval.
 * @example fc.assert(fc.property(tensors({ shape: [2, 3], min: 0, max: 1 }), (x) => …));
 */
export const tensors = <D extends DType = 'f32'>({ dtype, shape, min = -8, max = 8, specials: odd = false }: TensorOptions<D> = {}): fc.Arbitrary<NDArray<Dyn, D>> => {
  const type: DType = dtype ?? 'f32', some = shape === undefined ? shapes() : fc.constant(shape);
  return some.chain((of) => {
    const count = of.reduce((n, d) => n * d, 1);
    return fc.array(element(type, min, max, odd), { minLength: count, maxLength: count }).map((data) => arrayOf({ dtype: type, shape: of }, data));
  });
};
const element = (dtype: DType, min: number, max: number, odd: boolean): fc.Arbitrary<number> => {
  if (dtype === 'bool') return fc.integer({ min: 0, max: 1 });
  if (!isFloat(dtype)) return fc.integer({ min: Math.ceil(dtype === 'u32' ? Math.max(0, min) : min), max: Math.floor(max) });
  const usual = dtype === 'f32' ? fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true }) : fc.double({ min, max, noNaN: true });
  return odd ? fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...specials) }) : usual;
};
const arrayOf = (type: TensorType, data: readonly number[]): never => {
  // SAFETY: the dtype is the one that the options name
  return hostArray(type, typedArray<DType>(type.dtype, data)) as never;
};

import type { TensorType } from '../core/dim.ts';
import { isHalf, typedArray, type DType, type TypedArray, type TypedArrayOf } from '../core/dtype.ts';
import { diagnosticError } from '../core/render.ts';
import { diagnostic } from '../core/diagnostic.ts';
import { problem } from './codes.ts';
import type { Origin } from '../core/origin.ts';
import { here, invalid, make, typed, typeOf, type Expr, type Source } from './expr.ts';
import { show } from './dims.ts';
import { showArray } from './showArray.ts';
import { dtypeProblem } from './unavailable.ts';
import type { Dim, Dyn } from './types/shape.ts';
import type { NDArray, Nested } from './types/tensor.ts';

const asynchronous = (): Error => diagnosticError([diagnostic('FX7004', 'data: the numbers are on an asynchronous device', { hint: 'await array.read()' })]);

/** What an array keeps beside its expression, and its methods: these stand once, for a step makes many arrays. */
type Held = Expr & { readonly size: number; readonly source: Source };
const hostOf = ({ source }: Held): TypedArray => {
  if (source.sync === undefined) throw asynchronous();
  return source.sync();
};
const methods: ThisType<Held> & object = {
  get data() { return hostOf(this); },
  read() { return this.source.read(); },
  toNested() { return nest(hostOf(this), this.shape.map(Number), this.dtype); },
  item() {
    if (this.size !== 1) throw diagnosticError([diagnostic('FX1017', `item: the array has ${this.size} elements, not one`, { shapes: [show(this.shape)] })]);
    return hostOf(this)[0];
  },
  [Symbol.dispose]() { this.source.dispose(); },
  // what Node's console asks for; nobody else does
  [Symbol.for('nodejs.util.inspect.custom')]() { return this.problem === undefined ? showArray(this, () => hostOf(this)) : `${this.dtype}${show(this.shape)} (${this.problem.message})`; },
};
const sizeOf = ({ shape }: Expr): number => shape.reduce<number>((n, d) => n * Number(d), 1);
/** The array around a constant expression, or one that carries what is wrong with its numbers. */
const around = (e: Expr, source: Source): NDArray<Dyn> => {
  const array: object = { __proto__: methods, ...e, size: sizeOf(e), source };
  // SAFETY: an expression is spread into it
  return typed(array as Expr);
};

const nest = (data: TypedArray, shape: readonly number[], dtype: DType): Nested => {
  const leaf = (i: number): Nested => (dtype === 'bool' ? data[i] !== 0 : data[i]);
  const level = (axis: number, from: number, step: number): Nested => {
    if (axis === shape.length) return leaf(from);
    const inner = shape[axis] === 0 ? 0 : step / shape[axis];
    return Array.from({ length: shape[axis] }, (_, i) => level(axis + 1, from + i * inner, inner));
  };
  return level(0, 0, data.length);
};

/** Makes arrays of one type whose numbers live where `source` says. `at`: where what gives them was made. */
export const arraysOf = (type: TensorType, at: Origin): ((source: Source) => NDArray<Dyn>) => {
  // of an executable's results, each call makes an array: its expression stands once
  const e = make(at, 'constant', { value: 0 }, [], [type]), shared: object = { __proto__: methods, ...e, size: sizeOf(e) };
  return (source) => {
    // a literal with `__proto__` takes six times as long
    const array: object = Object.assign(Object.create(shared), { attrs: { value: source }, source });
    // SAFETY: an expression is spread into what it inherits
    return typed(array as Expr);
  };
};

/** An array over numbers on the host. The typed array is kept, not copied. */
export const hostArray = (type: TensorType, data: TypedArray): NDArray<Dyn> =>
  around(make(data.length < large ? nowhere : here(), 'constant', { value: data }, [], [type]), hostSource(data));
/** elements from which on an array that is part of a program is worth a warning; nothing is said of where a smaller one was made */
export const large = 1 << 20;
/** a stack costs more than all else that an array is given */
const nowhere: Origin = { trace: {} };
const hostSource = (data: TypedArray): Source => ({ sync: () => data, read: () => Promise.resolve(data), dispose: () => undefined });

/** where the numbers of an array live */
export const sourceOf = (x: NDArray<unknown>): Source | undefined => {
  // SAFETY: an array is the record that `around` made; one of another library has none
  return (x as unknown as Partial<Held>).source;
};

const shapeOfNested = (data: Nested | ArrayLike<number>): readonly number[] => {
  const shape: number[] = [];
  // SAFETY: what is left of the union once numbers and booleans are gone has a length and elements
  for (let level = data as Nested; typeof level === 'object'; level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
};
const isRegular = (data: Nested, shape: readonly number[]): boolean =>
  typeof data === 'object' ? data.length === shape[0] && data.every((d) => isRegular(d, shape.slice(1))) : shape.length === 0;
const flatNumbers = (data: Nested): readonly number[] => (typeof data === 'object' ? data.flatMap(flatNumbers) : [Number(data)]);

type Data = Nested | TypedArray;
const isTyped = (data: Data): data is TypedArray => ArrayBuffer.isView(data);
/** Numbers as an array: of the given shape, or of the nesting's own. */
const build = (what: string, dtype: DType, data: Data, shape: readonly Dim[] | undefined): NDArray<Dyn> => {
  const own = isTyped(data) ? [data.length] : shapeOfNested(data);
  const wanted = shape ?? own, count = wanted.reduce<number>((n, d) => n * Number(d), 1);
  const flat = isTyped(data) ? data : flatNumbers(data);
  const unknown = dtypeProblem(what, dtype);
  if (unknown !== undefined) return around(invalid(here(), [], typeOf('f32', wanted), unknown), hostSource(new Float32Array(0)));
  const type = typeOf(dtype, wanted);
  const wrong = (message: string, hint: string): NDArray<Dyn> => {
    const source = hostSource(typedArray(dtype, Number.isFinite(count) ? count : 0));
    return around(invalid(here(), [], type, problem('data', message, { shapes: [show(wanted)], hint })), source);
  };
  if (!wanted.every((d) => typeof d === 'number' && Number.isInteger(d) && d >= 0)) return wrong(`${what}: ${show(wanted)} is not a shape of sizes`, 'an array has numbers, so every size is a number');
  if (!isTyped(data) && !isRegular(data, own)) return wrong(`${what}: the nested rows have different lengths`, 'every row of one level needs the same length');
  if (flat.length !== count) return wrong(`${what}: ${flat.length} elements given for ${show(wanted)}, which has ${count}`, 'the elements are in row-major order');
  return hostArray(type, isTyped(flat) && isOf(dtype, flat) ? flat : typedArray(dtype, flat));
};
const isOf = (dtype: DType, data: TypedArray): boolean => !isHalf(dtype) && data.constructor === typedArray(dtype, 0).constructor;

/**
 * An array of f32 numbers: of a shape and numbers in row-major order, or of nested rows.
 * A Float32Array is kept, not copied. Numbers that do not fill the shape are a diagnostic (FX1013).
 * @example array([1, 2, 3, 4], [2, 2]); array([[1, 2], [3, 4]])
 */
export function array<const S extends Dim[]>(data: Float32Array | readonly Nested[] | number, shape: readonly [...S]): NDArray<S, 'f32'>;
export function array(data: readonly Nested[] | number): NDArray<Dyn, 'f32'>;
export function array(data: Data, shape?: readonly Dim[]): never {
  return as(build('array', 'f32', data, shape));
}
/**
 * An array of i32 numbers. An Int32Array is kept, not copied; bytes are converted.
 * @example intArray([3, 1, 2], [3])
 */
export function intArray<const S extends Dim[]>(data: Int32Array | Uint8Array | readonly Nested[] | number, shape: readonly [...S]): NDArray<S, 'i32'>;
export function intArray(data: readonly Nested[] | number): NDArray<Dyn, 'i32'>;
export function intArray(data: Data, shape?: readonly Dim[]): never {
  return as(build('intArray', 'i32', data, shape));
}
/**
 * An array of any dtype. A typed array of that dtype is kept, not copied; one of f16 or bf16 holds the rounded numbers as f32.
 * @example arrayOf('bool', [true, false], [2])
 */
export function arrayOf<D extends DType, const S extends Dim[]>(dtype: D, data: TypedArrayOf<D> | readonly Nested[] | number | boolean, shape: readonly [...S]): NDArray<S, D>;
export function arrayOf(dtype: DType, data: Data, shape: readonly Dim[]): never {
  return as(build('arrayOf', dtype, data, shape));
}
const as = (x: NDArray<Dyn>): never => {
  // SAFETY: the declared overload names the dtype and shape that `build` was given
  return x as never;
};

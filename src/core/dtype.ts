import { fromBF16, fromF16, toBF16, toF16 } from './half.ts';

/**
 * Element types. `bool` is stored as one byte holding 0 or 1. `f16` (IEEE 754 binary16) and `bf16` (the upper half of an f32)
 * are formats of memory: they are computed with as f32, and rounded where they are stored.
 */
export const dtypes = ['f32', 'f64', 'f16', 'bf16', 'i32', 'u32', 'bool'] as const;
export type DType = (typeof dtypes)[number];
export type Half = 'f16' | 'bf16';
export type Float = 'f32' | 'f64' | Half;
export type Integer = 'i32' | 'u32';
/** what numbers are in registers */
export type Computed = Exclude<DType, Half>;
export const computedDtypes = ['f32', 'f64', 'i32', 'u32', 'bool'] as const satisfies readonly Computed[];

/** as numbers are held in host memory: halves as what they stand for */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
export type TypedArrayOf<D> = D extends 'f64' ? Float64Array
  : D extends 'i32' ? Int32Array
  : D extends 'u32' ? Uint32Array
  : D extends 'bool' ? Uint8Array
  : Float32Array;

export const isHalf = (dtype: DType): dtype is Half => dtype === 'f16' || dtype === 'bf16';
export const isFloat = (dtype: DType): dtype is Float => dtype === 'f32' || dtype === 'f64' || isHalf(dtype);
export const isInteger = (dtype: DType): dtype is Integer => dtype === 'i32' || dtype === 'u32';

export const byteSize: { readonly [D in DType]: number } = { f32: 4, f64: 8, f16: 2, bf16: 2, i32: 4, u32: 4, bool: 1 };
/** what values of a dtype are computed as */
export const computedAs = (dtype: DType): Computed => (isHalf(dtype) ? 'f32' : dtype);

const halves = (round: (x: number) => number) => (n: number | ArrayLike<number>): Float32Array =>
  (typeof n === 'number' ? new Float32Array(n) : Float32Array.from(n, round));
const makers = {
  f32: (n: number | ArrayLike<number>) => new Float32Array(n as number),
  f64: (n: number | ArrayLike<number>) => new Float64Array(n as number),
  f16: halves((x) => fromF16(toF16(x))),
  bf16: halves((x) => fromBF16(toBF16(x))),
  i32: (n: number | ArrayLike<number>) => new Int32Array(n as number),
  u32: (n: number | ArrayLike<number>) => new Uint32Array(n as number),
  bool: (n: number | ArrayLike<number>) => new Uint8Array(n as number),
};

/** A zeroed array of n elements, or a copy of the given numbers converted to the dtype. */
export const typedArray = <D extends DType>(dtype: D, content: number | ArrayLike<number>): TypedArrayOf<D> =>
  // SAFETY: the table is keyed by the dtype that picks the array type
  makers[dtype](content) as unknown as TypedArrayOf<D>;

/** as numbers are held in the memory of backends and files: halves as their bits */
export type StoredArray = TypedArray | Uint16Array;
const bitsOf: { readonly [D in Half]: (x: number) => number } = { f16: toF16, bf16: toBF16 };
/** Memory for n elements, all zero, or a copy of the given numbers. */
export const storedArray = (dtype: DType, content: number | ArrayLike<number>): StoredArray => {
  if (!isHalf(dtype)) return typedArray<DType>(dtype, content);
  return typeof content === 'number' ? new Uint16Array(content) : Uint16Array.from(content, bitsOf[dtype]);
};
/** the numbers as memory holds them, without a copy where they are so already */
export const toStored = (dtype: DType, data: TypedArray): StoredArray => (isHalf(dtype) ? storedArray(dtype, data) : data);
/** A copy of the numbers that memory holds. */
export const fromStored = (dtype: DType, stored: StoredArray): TypedArray => {
  if (!(stored instanceof Uint16Array)) return stored.slice();
  return Float32Array.from(stored, dtype === 'f16' ? fromF16 : fromBF16);
};

/** The nearest value of the dtype: f32 and halves by rounding, integers by wrapping, bool by truth. */
export const roundTo: { readonly [D in DType]: (x: number) => number } = {
  f32: Math.fround,
  f64: (x) => x,
  f16: (x) => fromF16(toF16(x)),
  bf16: (x) => fromBF16(toBF16(x)),
  i32: (x) => x | 0,
  u32: (x) => x >>> 0,
  bool: (x) => (x !== 0 ? 1 : 0),
};

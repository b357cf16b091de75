/** Element types. `bool` is stored as one byte holding 0 or 1. */
export const dtypes = ['f32', 'f64', 'i32', 'u32', 'bool'] as const;
export type DType = (typeof dtypes)[number];
export type Float = 'f32' | 'f64';
export type Integer = 'i32' | 'u32';

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
export type TypedArrayOf<D> = D extends 'f64' ? Float64Array
  : D extends 'i32' ? Int32Array
  : D extends 'u32' ? Uint32Array
  : D extends 'bool' ? Uint8Array
  : Float32Array;

export const isFloat = (dtype: DType): dtype is Float => dtype === 'f32' || dtype === 'f64';
export const isInteger = (dtype: DType): dtype is Integer => dtype === 'i32' || dtype === 'u32';

export const byteSize: { readonly [D in DType]: number } = { f32: 4, f64: 8, i32: 4, u32: 4, bool: 1 };

const makers = {
  f32: (n: number | ArrayLike<number>) => new Float32Array(n as number),
  f64: (n: number | ArrayLike<number>) => new Float64Array(n as number),
  i32: (n: number | ArrayLike<number>) => new Int32Array(n as number),
  u32: (n: number | ArrayLike<number>) => new Uint32Array(n as number),
  bool: (n: number | ArrayLike<number>) => new Uint8Array(n as number),
};

/** A zeroed array of n elements, or a copy of the given numbers converted to the dtype. */
export const typedArray = <D extends DType>(dtype: D, content: number | ArrayLike<number>): TypedArrayOf<D> =>
  // SAFETY: the table is keyed by the dtype that picks the array type
  makers[dtype](content) as unknown as TypedArrayOf<D>;

/** The nearest value of the dtype: f32 by rounding, integers by wrapping, bool by truth. */
export const roundTo: { readonly [D in DType]: (x: number) => number } = {
  f32: Math.fround,
  f64: (x) => x,
  i32: (x) => x | 0,
  u32: (x) => x >>> 0,
  bool: (x) => (x !== 0 ? 1 : 0),
};

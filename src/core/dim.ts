import type { DType } from './dtype.ts';

/**
 * A dimension of the IR: a size, or a symbol bound when the program is specialised or run.
 * `by × value(name)` elements; `max` bounds the symbol's value (Infinity while it has no bound).
 */
export type Dim = number | Sym;
export interface Sym { readonly name: string; readonly by: number; readonly max: number }
export type Dims = readonly Dim[];

/** What an expression or a node computes: an element type and a size along each axis. */
export interface TensorType { readonly dtype: DType; readonly shape: Dims }

/** Values of the symbols, by name. */
export type Bindings = { readonly [sym: string]: number };

export const isSym = (d: Dim): d is Sym => typeof d !== 'number';
export const sym = (name: string, max = Infinity, by = 1): Sym => ({ name, by, max });

export const sameDim = (a: Dim, b: Dim): boolean =>
  a === b || (isSym(a) && isSym(b) && a.name === b.name && a.by === b.by && a.max === b.max);
export const sameShape = (a: Dims, b: Dims): boolean => a.length === b.length && a.every((d, i) => sameDim(d, b[i]));
export const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** The largest size the dimension can take: what storage is made for. */
export const maxSize = (d: Dim): number => (isSym(d) ? d.by * d.max : d);
/** The size under the given bindings. */
export const sizeOf = (d: Dim, bindings: Bindings): number => (isSym(d) ? d.by * (bindings[d.name] ?? NaN) : d);
export const maxCount = (shape: Dims): number => shape.reduce<number>((n, d) => n * maxSize(d), 1);

/** `784`, `batch`, `4*batch`, `batch<=128` */
export const showDim = (d: Dim): string =>
  isSym(d) ? `${d.by === 1 ? '' : `${d.by}*`}${d.name}${d.max === Infinity ? '' : `<=${d.max}`}` : String(d);
/** `[batch, 784]` */
export const showShape = (shape: Dims): string => `[${shape.map(showDim).join(', ')}]`;
/** `f32[batch, 784]` */
export const showType = (t: TensorType): string => `${t.dtype}${showShape(t.shape)}`;

import { maxCount, maxSize, sizeOf, type Bindings, type TensorType } from './dim.ts';
import { typedArray, type DType, type TypedArray } from './dtype.ts';

/**
 * Arrays with bounded dimensions are stored for their largest sizes, row-major; users see the elements that are there.
 */

/** the place in storage of each element that is there, in order; undefined where the two are the same */
const places = (type: TensorType, bindings: Bindings): Uint32Array | undefined => {
  const real = type.shape.map((d) => sizeOf(d, bindings)), largest = type.shape.map(maxSize);
  if (real.every((d, i) => i === 0 || d === largest[i])) return undefined;
  const out = new Uint32Array(real.reduce((n, d) => n * d, 1)), at = real.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = at.reduce((sum, a, axis) => sum * largest[axis] + a, 0);
    for (let axis = real.length - 1; axis >= 0 && ++at[axis] === real[axis]; axis--) at[axis] = 0;
  }
  return out;
};
const realCount = (type: TensorType, bindings: Bindings): number => type.shape.reduce<number>((n, d) => n * sizeOf(d, bindings), 1);

/** The elements that are there, out of storage made for the largest sizes. */
export const compact = (data: TypedArray, type: TensorType, bindings: Bindings): TypedArray => {
  const count = realCount(type, bindings), from = count === data.length ? undefined : places(type, bindings);
  if (from === undefined) return count === data.length ? data : data.slice(0, count);
  const out = typedArray<DType>(type.dtype, count);
  for (let i = 0; i < count; i++) out[i] = data[from[i]];
  return out;
};

/** The inverse: the elements in storage for the largest sizes, in `into` or in new zeros. */
export const spread = (data: TypedArray, type: TensorType, bindings: Bindings, into?: TypedArray): TypedArray => {
  const count = maxCount(type.shape);
  if (data.length === count) return data;
  const out = into ?? typedArray<DType>(type.dtype, count), to = places(type, bindings);
  if (to === undefined) out.set(data);
  else for (let i = 0; i < data.length; i++) out[to[i]] = data[i];
  return out;
};

import { diagnostic } from '../../core/diagnostic.ts';
import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { diagnosticError } from '../../core/render.ts';
import { identityIn } from '../../ir/monoids.ts';
import type { Handle } from '../backend.ts';
import { isTexture, type DeviceArray } from './gpu.ts';

/** Numbers of this backend: a texture on a device, or floats on the host that were not needed there yet. */
export interface GpuHandle extends Handle {
  data: DeviceArray | undefined;
  /** integers as they came from the host, for what the host computes of them */
  readonly exact?: TypedArray;
  /** the dtype's least or greatest integer may stand where there is no number */
  readonly extremes?: true;
  /** runs and readings under way that need it: what is freed meanwhile is released after the last of them */
  users: number;
  isFreed: boolean;
}

export interface Counters { liveBytes: number; uploadedBytes: number; readBytes: number }

export const asHandle = (counters: Counters, dtype: DType, size: number, data: DeviceArray, { exact, extremes }: Pick<GpuHandle, 'exact' | 'extremes'> = {}): GpuHandle => {
  counters.liveBytes += 4 * size;
  return { dtype, size, data, users: 0, isFreed: false, ...(exact && { exact }), ...(extremes && { extremes }) };
};

export const release = (counters: Counters, handle: GpuHandle): void => {
  if (handle.users > 0) { handle.isFreed = true; return; }
  if (handle.data === undefined) return;
  counters.liveBytes -= 4 * handle.size;
  if (isTexture(handle.data)) handle.data.delete();
  handle.data = undefined;
};

export const retain = (handle: GpuHandle): void => { handle.users++; };
export const letGo = (counters: Counters, handle: GpuHandle): void => {
  handle.users--;
  if (handle.isFreed) release(counters, handle);
};

/** gpu.js holds everything as floats: bool as 0 and 1, integers as whole numbers */
export const toFloats = (data: TypedArray): Float32Array => (data instanceof Float32Array ? data.slice() : Float32Array.from(data));
export const fromFloats = (handle: GpuHandle, floats: Float32Array): TypedArray => {
  const { dtype, size } = handle;
  if (dtype === 'f32' || dtype === 'f64') return typedArray(dtype, floats.slice(0, size));
  const whole = floats.subarray(0, size), ends = endsOf(handle);
  refuseInexact(handle, whole, 'results');
  return typedArray(dtype, Array.from(whole, (x) => ends.find((end) => Math.fround(end) === x) ?? Math.round(x)));
};
type Integers = Pick<GpuHandle, 'dtype' | 'extremes'>;
const endsOf = ({ dtype, extremes }: Integers): readonly number[] => (extremes === true ? [Infinity, -Infinity].map((end) => identityIn(dtype, end)) : []);

/** beyond 2²⁴ neighbouring integers are one float, and what was computed may have been rounded; NaN is no integer either */
export const refuseInexact = (of: Integers, data: Float32Array, what: 'data' | 'results'): void => {
  const { dtype } = of;
  if (dtype !== 'i32' && dtype !== 'u32') return;
  const ends = endsOf(of), at = data.findIndex((x) => !(Math.abs(x) < 1 << 24) && !ends.some((end) => Math.fround(end) === x));
  if (at >= 0) throw diagnosticError([diagnostic('FX5103', `gpujs: element ${at} of ${dtype} ${what} is ${data[at]}: integers are told apart below 2^24 only`, { hint: 'js() is exact' })]);
};

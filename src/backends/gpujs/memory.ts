import { diagnostic } from '../../core/diagnostic.ts';
import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { diagnosticError } from '../../core/render.ts';
import type { Handle } from '../backend.ts';
import { isTexture, type DeviceArray } from './gpu.ts';

/** Numbers of this backend: a texture on a device, or floats on the host that were not needed there yet. */
export interface GpuHandle extends Handle {
  data: DeviceArray | undefined;
  /** integers as they came from the host, for what the host computes of them */
  readonly exact?: TypedArray;
  /** runs and readings under way that need it: what is freed meanwhile is released after the last of them */
  users: number;
  isFreed: boolean;
}

export interface Counters { liveBytes: number; uploadedBytes: number; readBytes: number }

export const asHandle = (counters: Counters, dtype: DType, size: number, data: DeviceArray, exact?: TypedArray): GpuHandle => {
  counters.liveBytes += 4 * size;
  return { dtype, size, data, users: 0, isFreed: false, ...(exact && { exact }) };
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
export const fromFloats = (dtype: DType, size: number, floats: Float32Array): TypedArray => {
  if (dtype === 'f32' || dtype === 'f64') return typedArray(dtype, floats.slice(0, size));
  const whole = floats.subarray(0, size);
  refuseInexact(dtype, whole, 'results');
  return typedArray(dtype, Array.from(whole, Math.round));
};

/** beyond 2²⁴ neighbouring integers are one float, and what was computed may have been rounded; NaN is no integer either */
export const refuseInexact = (dtype: DType, data: Float32Array, what: 'data' | 'results'): void => {
  if (dtype !== 'i32' && dtype !== 'u32') return;
  const at = data.findIndex((x) => !(Math.abs(x) < 1 << 24));
  if (at >= 0) throw diagnosticError([diagnostic('FX5103', `gpujs: element ${at} of ${dtype} ${what} is ${data[at]}: integers are told apart below 2^24 only`, { hint: 'js() is exact' })]);
};

import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import type { Handle } from '../backend.ts';
import { isTexture, type DeviceArray } from './gpu.ts';

/** Numbers of this backend: a texture on a device, or floats on the host that were not needed there yet. */
export interface GpuHandle extends Handle { data: DeviceArray | undefined }

export interface Counters { liveBytes: number; uploadedBytes: number; readBytes: number }

export const asHandle = (counters: Counters, dtype: DType, size: number, data: DeviceArray): GpuHandle => {
  counters.liveBytes += 4 * size;
  return { dtype, size, data };
};

export const release = (counters: Counters, handle: GpuHandle): void => {
  if (handle.data === undefined) return;
  counters.liveBytes -= 4 * handle.size;
  if (isTexture(handle.data)) handle.data.delete();
  handle.data = undefined;
};

/** gpu.js holds everything as floats: bool as 0 and 1, integers as whole numbers */
export const toFloats = (data: TypedArray): Float32Array => (data instanceof Float32Array ? data.slice() : Float32Array.from(data));
export const fromFloats = (dtype: DType, size: number, floats: Float32Array): TypedArray =>
  typedArray(dtype, dtype === 'f32' || dtype === 'f64' ? floats.slice(0, size) : Array.from(floats.subarray(0, size), Math.round));

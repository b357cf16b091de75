import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import { isInteger, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { Artifact, LoopBackend, Memory, Timing } from '../backend.ts';
import { deviceError, openDevice, remembering, type Device } from './device.ts';
import { emitKernel } from './emit.ts';
import { isTexture, openGpu, type DeviceArray, type Mode, type OpenGpu } from './gpu.ts';
import { asHandle, fromFloats, letGo, release, retain, toFloats, type Counters, type GpuHandle } from './memory.ts';
import { onHost, refusalsOf } from './refusals.ts';
import { load, own } from './run.ts';

export type SyncMode = 'cpu' | 'webasm' | 'headlessgl';
export type AsyncMode = 'webgl' | 'webgl2' | 'webgpu';

/** A launch costs as much as moving some megabytes; elements are addressed by floats. */
export const gpujsTarget: Target = {
  name: 'gpujs', shape: 'flat', maxBuffers: 7, maxElements: 1 << 24, vectorWidth: 1, tile: { m: 1, n: 1, k: 1 },
  scratchBytes: 0, cost: { operations: 2, bytes: 4, launch: 90_000 }, spells: 'gpujs',
};

/**
 * Kernels of gpu.js: on the GPU through GL or WebGPU, or on the processor (`cpu`, `webasm`). The mode is never guessed:
 * one that is not available here is a diagnostic (FX5102) when something is compiled for it.
 *
 * @example
 * const run = orThrow(compile(f, { backend: gpujs({ mode: 'cpu' }) }));
 */
export function gpujs(options: { readonly mode: SyncMode }): LoopBackend<'sync'>;
export function gpujs(options: { readonly mode: AsyncMode }): LoopBackend<'async'>;
export function gpujs({ mode }: { readonly mode: Mode }): LoopBackend {
  return gpujsOver(mode, openOnce);
}
const openOnce = remembering(openGpu);

/** The backend over whatever `open` gives as a mode: gpu.js, or what stands in its place. */
export const gpujsOver = (mode: Mode, open: OpenGpu): LoopBackend => {
  const timing: Timing = mode === 'cpu' || mode === 'webasm' || mode === 'headlessgl' ? 'sync' : 'async';
  const counters: Counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  const device = lazily(() => openDevice(mode, counters, open));
  const memory: Memory = {
    upload: (dtype, data) => asHandle(counters, dtype, data.length, toFloats(data), isInteger(dtype) ? { exact: data.slice() } : {}),
    borrow: (dtype, data) => asHandle(counters, dtype, data.length, data instanceof Float32Array ? data : toFloats(data), isInteger(dtype) ? { exact: data } : {}),
    read: (handle) => readBack(counters, own(handle), mode, timing),
    free: (handle) => release(counters, own(handle)),
    stats: () => ({ ...counters }),
  };
  return {
    name: 'gpujs', timing, takes: 'program', target: gpujsTarget, memory,
    device: () => ({ mode, kernel: device().kernelClass(), fallback: device().fallback() ?? 'none', renderer: device().gpu.renderer() }),
    refusals: (program) => [...unavailable(device, mode), ...refusalsOf(program, mode)],
    onHost,
    emit: (program) => emit(program),
    load: (program) => load(device(), program, timing),
  };
};

const lazily = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined;
  return () => (made ??= { value: make() }).value;
};
const unavailable = (device: () => Device, mode: Mode): readonly Diagnostic[] => {
  try {
    device();
    return [];
  } catch (error) {
    const hint = mode === 'headlessgl' ? "headless GL needs the optional package 'gl' and, on Linux, an X server (xvfb-run)" : "this mode needs a browser; here there are 'cpu' and 'webasm'";
    return [diagnostic('FX5102', `gpujs: the mode '${mode}' is not available here: ${error instanceof Error ? error.message : String(error)}`, { hint })];
  }
};

const readBack = (counters: Counters, handle: GpuHandle, mode: Mode, timing: Timing): TypedArray | Promise<TypedArray> => {
  const { data, size } = handle;
  invariant(data !== undefined, 'a freed array is read');
  if (handle.exact !== undefined) return timing === 'sync' ? handle.exact.slice() : Promise.resolve(handle.exact.slice());
  counters.readBytes += 4 * size;
  const failed = (error: unknown): Error => deviceError(mode, `reading ${size} numbers back`, error), typed = (floats: Float32Array): TypedArray => fromFloats(handle, floats);
  return timing === 'sync' ? typed(readNow(data, failed)) : readLater(counters, handle, data, failed).then(typed);
};
const floatsOf = (data: DeviceArray): Float32Array | Promise<Float32Array> => (isTexture(data) ? data.toArray() : data);
const readNow = (data: DeviceArray, failed: (error: unknown) => Error): Float32Array => {
  let floats: Float32Array | Promise<Float32Array>;
  try { floats = floatsOf(data); } catch (error) { throw failed(error); }
  invariant(!(floats instanceof Promise), 'a synchronous mode of gpu.js gave a promise');
  return floats;
};
/** what is disposed of meanwhile is still read */
const readLater = async (counters: Counters, handle: GpuHandle, data: DeviceArray, failed: (error: unknown) => Error): Promise<Float32Array> => {
  retain(handle);
  try { return await floatsOf(data); } catch (error) { throw failed(error); } finally { letGo(counters, handle); }
};

const emit = (program: Program): Artifact => ({
  backend: 'gpujs',
  files: Object.fromEntries([...new Set(program.kernels.values())].map((k) => [`${k.name}.js`, emitKernel(k, program.syms).source])),
});

import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import type { Bindings } from '../../core/dim.ts';
import { invariant } from '../../core/invariant.ts';
import { diagnosticError } from '../../core/render.ts';
import type { Kernel, Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { Artifact, Handle, Loaded, LoopBackend, Memory, Timed, Timing } from '../backend.ts';
import { emitKernel, type FlatSource } from './emit.ts';
import { isTexture, openGpu, type BuiltKernel, type DeviceArray, type Gpu, type Mode } from './gpu.ts';
import { asHandle, fromFloats, release, toFloats, type Counters, type GpuHandle } from './memory.ts';
import { helpers } from './spell.ts';
import { refusalsOf } from './refusals.ts';

export type SyncMode = 'cpu' | 'webasm' | 'headlessgl';
export type AsyncMode = 'webgl' | 'webgl2' | 'webgpu';

/** A launch costs as much as moving some megabytes; elements are addressed by floats. */
export const gpujsTarget: Target = {
  name: 'gpujs', shape: 'flat', maxBuffers: 7, maxElements: 1 << 24, threads: 1, vectorWidth: 1, tile: { m: 1, n: 1, k: 1 },
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
  const timing: Timing = mode === 'cpu' || mode === 'webasm' || mode === 'headlessgl' ? 'sync' : 'async';
  const counters: Counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  const device = lazily(() => openDevice(mode, counters));
  const memory: Memory = {
    upload: (dtype, data) => asHandle(counters, dtype, data.length, toFloats(data)),
    borrow: (dtype, data) => asHandle(counters, dtype, data.length, data instanceof Float32Array ? data : toFloats(data)),
    read: (handle) => readBack(counters, own(handle), timing),
    free: (handle) => release(counters, own(handle)),
    stats: () => ({ ...counters }),
  };
  return {
    name: 'gpujs', timing, takes: 'program', target: gpujsTarget, memory,
    device: () => ({ mode, kernel: device().kernelClass(), fallback: device().fallback() ?? 'none', renderer: device().gpu.renderer() }),
    refusals: (program) => [...unavailable(device, mode), ...refusalsOf(program, mode)],
    emit: (program) => emit(program),
    load: (program) => load(device(), program, timing),
  };
}

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

/** What programs of one instance share: the context, its kernels by source, and the accounts. */
interface Device {
  readonly gpu: Gpu;
  readonly counters: Counters;
  readonly kernel: (source: FlatSource) => BuiltKernel;
  readonly kernelClass: () => string;
  readonly fallback: () => string | undefined;
}
const openDevice = (mode: Mode, counters: Counters): Device => {
  const gpu = openGpu(mode, helpers), kernels = new Map<string, BuiltKernel>();
  const kernel = ({ source, size, reads, syms, infinite }: FlatSource): BuiltKernel => {
    const key = `${size}:${source}`;
    const built = kernels.get(key) ?? gpu.build({ source, size, argumentTypes: [...reads.map(() => 'Array' as const), ...syms.map(() => 'Float' as const), ...(infinite ? ['Float' as const] : [])] });
    kernels.set(key, built);
    return built;
  };
  const first = (): BuiltKernel | undefined => kernels.values().next().value;
  return {
    gpu, kernel, counters,
    kernelClass: () => first()?.className() ?? 'none',
    fallback: () => [...kernels.values()].map((k) => k.fallback()).find((why) => why !== undefined),
  };
};

// SAFETY: handles are opaque, and the only ones a program of this instance is given are its own
const own = (handle: Handle): GpuHandle => handle as GpuHandle;

const readBack = <K extends Timing>(counters: Counters, handle: GpuHandle, timing: K): Timed<K, ReturnType<typeof fromFloats>> => {
  const { data, dtype, size } = handle;
  invariant(data !== undefined, 'a freed array is read');
  counters.readBytes += 4 * size;
  const floats = isTexture(data) ? data.toArray() : data;
  const finish = (array: Float32Array): ReturnType<typeof fromFloats> => fromFloats(dtype, size, array);
  // SAFETY: K says which of the two it is
  return (timing === 'async' || floats instanceof Promise ? Promise.resolve(floats).then(finish) : finish(floats)) as Timed<K, ReturnType<typeof fromFloats>>;
};

const emit = (program: Program): Artifact => ({
  backend: 'gpujs',
  files: Object.fromEntries([...program.kernels.values()].map((k) => [`${k.name}.js`, emitKernel(k, program.syms).source])),
});

// ── running

interface Launch { readonly source: FlatSource; readonly args: readonly string[]; readonly out: string; readonly dead: readonly string[] }

const load = (device: Device, program: Program, timing: Timing): Loaded => {
  const launches = launchesOf(program);
  const constants = new Map<string, GpuHandle>();
  for (const [name, b] of program.buffers) {
    if (b.role !== 'constant' || b.value === undefined) continue;
    const floats = typeof b.value === 'number' ? new Float32Array(b.layout.size).fill(b.value) : toFloats(b.value);
    constants.set(name, asHandle(device.counters, b.dtype, b.layout.size, floats));
  }
  return {
    launches: launches.length,
    run: (inputs, sizes) => {
      const steps = execute(device, program, launches, constants, inputs.map(own), sizes);
      return timing === 'sync' ? driveSync(steps) : driveAsync(steps);
    },
    dispose: () => { for (const handle of constants.values()) release(device.counters, handle); },
  };
};

const launchesOf = (program: Program): readonly Launch[] => {
  const runs = program.steps.flatMap((s) => (s.kind === 'run' ? [s] : []));
  const last = new Map<string, number>();
  runs.forEach((s, i) => s.args.forEach((arg) => last.set(arg, i)));
  return runs.map((s, i): Launch => {
    const kernel = program.kernels.get(s.kernel);
    invariant(kernel !== undefined, `no kernel ${s.kernel}`);
    const source = emitKernel(kernel, program.syms), argOf = bindings(kernel, s.args);
    const dead = s.args.filter((arg) => last.get(arg) === i && program.buffers.get(arg)?.role === 'temporary');
    return { source, args: source.reads.map(argOf), out: argOf(source.output), dead };
  });
};
const bindings = (kernel: Kernel, args: readonly string[]) => (param: string): string => args[kernel.params.findIndex((p) => p.name === param)];

type Steps = Generator<DeviceArray | Promise<DeviceArray>, readonly GpuHandle[], DeviceArray>;

function* execute(device: Device, program: Program, launches: readonly Launch[], constants: ReadonlyMap<string, GpuHandle>, inputs: readonly GpuHandle[], sizes: Bindings): Steps {
  const live = new Map<string, GpuHandle>(constants);
  program.inputs.forEach((name, i) => live.set(name, inputs[i]));
  const uses = useCounts(launches);
  for (const { source, args, out, dead } of launches) {
    const size = program.buffers.get(out)?.layout.size ?? 0, dtype = program.buffers.get(out)?.dtype ?? 'f32';
    let data: DeviceArray = new Float32Array(0);
    if (size > 0) {
      const values: (DeviceArray | number)[] = [];
      for (const name of args) values.push(yield* argument(device, live.get(name), uses.get(name) ?? 0));
      for (const sym of source.syms) values.push(sizes[sym] ?? program.syms.get(sym) ?? 0);
      if (source.infinite) values.push(Infinity);
      data = yield device.kernel(source).call(...values);
    }
    live.set(out, asHandle(device.counters, dtype, size, data));
    for (const name of dead) { const handle = live.get(name); if (handle !== undefined) release(device.counters, handle); }
  }
  const outputs = program.outputs.map((name) => { const handle = live.get(name); invariant(handle !== undefined, `${name} was not computed`); return handle; });
  program.inputs.forEach((name, i) => { if (program.buffers.get(name)?.role === 'state') release(device.counters, inputs[i]); });
  return outputs;
}
const useCounts = (launches: readonly Launch[]): ReadonlyMap<string, number> => {
  const uses = new Map<string, number>();
  for (const { args } of launches) for (const name of new Set(args)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
};

/** what several kernels read goes to the device once; what one reads goes along with its call */
function* argument(device: Device, handle: GpuHandle | undefined, uses: number): Generator<DeviceArray | Promise<DeviceArray>, DeviceArray, DeviceArray> {
  invariant(handle?.data !== undefined, 'a consumed or freed array is used');
  if (handle.size === 0) return new Float32Array(1);
  if (!isTexture(handle.data)) refuseInexact(handle.dtype, handle.data);
  if (isTexture(handle.data) || !hasDevice(device.gpu.mode)) return handle.data;
  device.counters.uploadedBytes += 4 * handle.size;
  if (uses < 2) return handle.data;
  const identity: FlatSource = { name: 'upload', source: 'function(a) { return a[this.thread.x]; }', reads: ['a'], syms: [], infinite: false, output: 'out', size: handle.size };
  handle.data = yield device.kernel(identity).call(handle.data);
  return handle.data;
}
/** beyond 2²⁴ neighbouring integers are one float */
const refuseInexact = (dtype: Handle['dtype'], data: Float32Array): void => {
  if (dtype !== 'i32' && dtype !== 'u32') return;
  const at = data.findIndex((x) => Math.abs(x) >= 1 << 24);
  if (at >= 0) throw diagnosticError([diagnostic('FX5103', `gpujs: element ${at} of ${dtype} data is ${data[at]}: integers are told apart below 2^24 only`, { hint: 'js() is exact' })]);
};
const hasDevice = (mode: Mode): boolean => mode !== 'cpu' && mode !== 'webasm';

const driveSync = (steps: Steps): readonly Handle[] => {
  for (let next = steps.next(); ; ) {
    if (next.done === true) return next.value;
    invariant(!(next.value instanceof Promise), 'a synchronous mode of gpu.js gave a promise');
    next = steps.next(next.value);
  }
};
const driveAsync = async (steps: Steps): Promise<readonly Handle[]> => {
  for (let next = steps.next(); ; ) {
    if (next.done === true) return next.value;
    next = steps.next(await next.value);
  }
};

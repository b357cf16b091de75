import type { Bindings } from '../../core/dim.ts';
import type { DType } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Kernel, Program } from '../../ir/loop/syntax.ts';
import { ofKernels } from '../../ir/loop/visit.ts';
import type { Handle, Loaded, Timing } from '../backend.ts';
import { deviceError, type Device } from './device.ts';
import { emitKernel, type FlatSource } from './emit.ts';
import { givesExtremes } from './extremes.ts';
import { isTexture, type DeviceArray, type Mode } from './gpu.ts';
import { asHandle, letGo, refuseInexact, release, retain, toFloats, type GpuHandle } from './memory.ts';

interface Launch { readonly name: string; readonly source: FlatSource; readonly args: readonly string[]; readonly out: string; readonly dtype: DType; /** of integers, whether it gives extremes */ readonly extremes: boolean; readonly dead: readonly string[]; readonly uses: ReadonlyMap<string, number> }

/** A program's launches, its constants on the device, its kernels made. */
export const load = (device: Device, program: Program, timing: Timing): Loaded => {
  const launches = launchesOf(program), constants = constantsOf(device, program);
  for (const { source } of launches) if (source.size > 0) device.kernel(source);
  return {
    launches: launches.length,
    run: (inputs, sizes) => {
      const steps = execute(device, program, launches, new Map([...constants, ...program.inputs.map((name, i) => [name, own(inputs[i])] as const)]), sizes);
      return timing === 'sync' ? driveSync(steps) : driveAsync(steps);
    },
    dispose: () => { for (const handle of constants.values()) release(device.counters, handle); },
  };
};

const constantsOf = ({ counters }: Device, program: Program): ReadonlyMap<string, GpuHandle> => new Map([...program.buffers].flatMap(([name, { role, value, dtype, layout }]) => {
  if (role !== 'constant' || value === undefined) return [];
  return [[name, asHandle(counters, dtype, layout.size, typeof value === 'number' ? new Float32Array(layout.size).fill(value) : toFloats(value))] as const];
}));
const launchesOf = (program: Program): readonly Launch[] => {
  const sources = ofKernels(program, (kernel) => emitKernel(kernel, program.syms)), runs = program.steps.flatMap((s) => (s.kind === 'run' ? [s] : [])), last = new Map<string, number>();
  runs.forEach((s, i) => s.args.forEach((arg) => last.set(arg, i)));
  const uses = new Map<string, number>(), given = new Set<string>(), made = runs.map((s, i): Launch => {
    const kernel = program.kernels.get(s.kernel);
    const source = sources.get(s.kernel);
    invariant(kernel !== undefined && source !== undefined, `no kernel ${s.kernel}`);
    const argOf = bindings(kernel, s.args), out = argOf(source.output);
    const extremes = givesExtremes(kernel, source.reads.some((r) => given.has(argOf(r))));
    if (extremes) given.add(out);
    const dead = s.args.filter((arg) => last.get(arg) === i && program.buffers.get(arg)?.role === 'temporary');
    return { name: kernel.name, source, args: source.reads.map(argOf), out, dtype: program.buffers.get(out)?.dtype ?? 'f32', extremes, dead, uses };
  });
  for (const { args } of made) for (const name of new Set(args)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return made;
};
const bindings = (kernel: Kernel, args: readonly string[]) => (param: string): string => args[kernel.params.findIndex((p) => p.name === param)];

// SAFETY: handles are opaque, and the only ones a program of this instance is given are its own
export const own = (handle: Handle): GpuHandle => handle as GpuHandle;

/** what the device is asked for, one after another; it is driven with the answers, at once or as they come */
type Steps<A> = Generator<() => DeviceArray | Promise<DeviceArray>, A, DeviceArray>;

/** `given`: inputs and constants, which stay whole until the run ends, whoever frees them meanwhile */
function* execute(device: Device, program: Program, launches: readonly Launch[], given: ReadonlyMap<string, GpuHandle>, sizes: Bindings): Steps<readonly GpuHandle[]> {
  const { counters } = device, live = new Map(given), held = [...given.values()];
  held.forEach(retain);
  let isDone = false;
  try {
    for (const launch of launches) {
      live.set(launch.out, asHandle(counters, launch.dtype, launch.source.size, yield* launched(device, program, launch, live, sizes), launch.extremes ? { extremes: true } : {}));
      for (const name of launch.dead) { const handle = live.get(name); if (handle !== undefined) release(counters, handle); }
    }
    const outputs = program.outputs.map((name) => { const handle = live.get(name); invariant(handle !== undefined, `${name} was not computed`); return handle; });
    program.inputs.forEach((name) => { const handle = live.get(name); if (handle !== undefined && program.buffers.get(name)?.role === 'state') release(counters, handle); });
    isDone = true;
    return outputs;
  } finally {
    held.forEach((handle) => letGo(counters, handle));
    if (!isDone) for (const [name, handle] of live) if (!given.has(name)) release(counters, handle);
  }
}
function* launched(device: Device, program: Program, { source, args, uses }: Launch, live: ReadonlyMap<string, GpuHandle>, sizes: Bindings): Steps<DeviceArray> {
  if (source.size === 0) return new Float32Array(0);
  const values: (DeviceArray | number)[] = [];
  for (const name of args) values.push(yield* argument(device, live.get(name), uses.get(name) ?? 0));
  for (const sym of source.syms) values.push(sizes[sym] ?? program.syms.get(sym) ?? 0);
  if (source.infinite) values.push(Infinity);
  return yield* called(device, source, values);
}
function* called(device: Device, source: FlatSource, values: readonly (DeviceArray | number)[]): Steps<DeviceArray> {
  try {
    return yield () => device.kernel(source).call(...values);
  } catch (error) {
    throw deviceError(device.gpu.mode, `the kernel ${source.name}`, error);
  }
}

/** what several kernels read goes to the device once; what one reads goes along with its call */
function* argument(device: Device, handle: GpuHandle | undefined, uses: number): Steps<DeviceArray> {
  invariant(handle?.data !== undefined, 'a consumed or freed array is used');
  if (handle.size === 0) return new Float32Array(1);
  if (!isTexture(handle.data)) refuseInexact(handle, handle.data, 'data');
  if (isTexture(handle.data) || !hasDevice(device.gpu.mode)) return handle.data;
  device.counters.uploadedBytes += 4 * handle.size;
  if (uses < 2) return handle.data;
  const identity: FlatSource = { name: 'upload', source: 'function(a) { return a[this.thread.x]; }', reads: ['a'], syms: [], infinite: false, output: 'out', size: handle.size };
  const uploaded = yield* called(device, identity, [handle.data]);
  // another run may have brought it there meanwhile
  if (isTexture(handle.data)) { if (isTexture(uploaded)) uploaded.delete(); } else handle.data = uploaded;
  return handle.data;
}
const hasDevice = (mode: Mode): boolean => mode !== 'cpu' && mode !== 'webasm';

const driveSync = <A>(steps: Steps<A>): A => {
  for (let next = steps.next(); ; ) {
    if (next.done === true) return next.value;
    next = answered(steps, next.value);
  }
};
/** what the device throws is thrown where it was asked */
const answered = <A>(steps: Steps<A>, ask: () => DeviceArray | Promise<DeviceArray>): IteratorResult<() => DeviceArray | Promise<DeviceArray>, A> => {
  let answer: DeviceArray | Promise<DeviceArray>;
  try { answer = ask(); } catch (error) { return steps.throw(error); }
  invariant(!(answer instanceof Promise), 'a synchronous mode of gpu.js gave a promise');
  return steps.next(answer);
};
const driveAsync = async <A>(steps: Steps<A>): Promise<A> => {
  for (let next = steps.next(); ; ) {
    if (next.done === true) return next.value;
    let answer: DeviceArray;
    try { answer = await next.value(); } catch (error) { next = steps.throw(error); continue; }
    next = steps.next(answer);
  }
};

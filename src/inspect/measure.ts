import type { Handle, LoopBackend } from '../backends/backend.ts';
import type { Bindings } from '../core/dim.ts';
import { isFloat, typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import type { Buffer, Program } from '../ir/loop/syntax.ts';
import { generator } from '../testing/random.ts';
import { alone, type Run } from './alone.ts';

/** a call takes at least so long, unless that needs more repetitions than this: the clock, and what a call costs, are then small beside it */
const leastCall = 0.1, mostTimes = 64;
/** calls in a row: for so many milliseconds, and so often at least; a kernel that is slow only so often */
const budget = 25, leastCalls = 6, patience = 400, fewestCalls = 3;

/**
 * Nanoseconds that one run of a kernel takes by itself, over and over on the same numbers: of several calls in a row the
 * later half, when an engine has compiled it as well as it will.
 */
export const samplesOf = (backend: LoopBackend<'sync'>, program: Program, run: Run, clock: () => number): readonly number[] => {
  const [first, ...others] = callsOf(backend, alone(program, run, 1), clock);
  const once = Math.min(first, ...others), times = Math.min(mostTimes, Math.ceil(leastCall / Math.max(once, 1e-4)));
  const calls = times === 1 ? [first, ...others] : callsOf(backend, alone(program, run, times), clock);
  return calls.slice(calls.length >> 1).map((ms) => ms / times * 1e6);
};
export const medianOf = (samples: readonly number[]): number => [...samples].sort((a, b) => a - b)[samples.length >> 1];

const callsOf = (backend: LoopBackend<'sync'>, program: Program, clock: () => number): readonly number[] => {
  const loaded = backend.load(program, backend.emit(program)), sizes: Bindings = Object.fromEntries(program.syms), { memory } = backend;
  const numbers = program.inputs.map((id, i) => draw(program.buffers.get(id), i)), states = program.inputs.map((id) => program.buffers.get(id)?.role === 'state');
  const upload = (i: number): Handle => memory.upload(dtypeOf(program, program.inputs[i]), numbers[i]);
  const inputs = numbers.map((_, i) => upload(i)), calls: number[] = [], start = clock();
  for (;;) {
    const before = clock(), outputs = loaded.run(inputs, sizes), now = clock();
    calls.push(now - before);
    outputs.forEach((handle) => memory.free(handle));
    const spent = now - start, enough = calls.length >= leastCalls && spent >= budget;
    if (enough || (calls.length >= fewestCalls && spent >= patience)) break;
    // what it overwrote is as it was: what stays in place may run away to infinity, or to where numbers are slow
    states.forEach((isState, i) => { if (isState) inputs[i] = upload(i); });
  }
  inputs.forEach((handle, i) => { if (!states[i]) memory.free(handle); });
  loaded.dispose();
  return calls;
};
const dtypeOf = (program: Program, id: string): DType => program.buffers.get(id)?.dtype ?? 'f32';

/** Numbers of no particular kind: floats about 1, integers that are labels and indices of whatever there is, both truths. */
const draw = (buffer: Buffer | undefined, seed: number): TypedArray => {
  const dtype = buffer?.dtype ?? 'f32', size = buffer?.layout.size ?? 0, random = generator(seed), data = typedArray<DType>(dtype, size);
  for (let i = 0; i < Math.min(size, period); i++) data[i] = isFloat(dtype) ? 0.25 + random() : Math.floor(2 * random());
  for (let done = period; done < size; done *= 2) data.copyWithin(done, 0, Math.min(done, size - done));
  return data;
};
/** so many of them; then they come again */
const period = 4093;

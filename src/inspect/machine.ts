import * as E from 'fp-ts/lib/Either.js';
import type { Backend, LoopBackend } from '../backends/backend.ts';
import { defaultStages, stagesOf } from '../compile/stages.ts';
import { byteSize } from '../core/dtype.ts';
import { invariant } from '../core/invariant.ts';
import { matmul } from '../expr/contraction.ts';
import { add } from '../expr/elementwise.ts';
import { fn } from '../expr/functions.ts';
import { f32 } from '../expr/leaves.ts';
import { lower } from '../expr/lower/lower.ts';
import { memoryOf } from '../ir/loop/aliases.ts';
import { count } from '../ir/loop/counts.ts';
import type { Program } from '../ir/loop/syntax.ts';
import type { Target } from '../ir/target.ts';
import { only, type Run } from './alone.ts';
import { samplesOf } from './measure.ts';

/**
 * What a machine reaches at best with the programs of one backend. Bytes a nanosecond depend on how many there are: what
 * lies in a cache comes faster than what does not.
 */
export interface Machine {
  /** a nanosecond, in a product that stays in a cache */
  readonly operations: number;
  /** a nanosecond, by the bytes that a kernel moves: from few to many, and the rates fall */
  readonly bytes: readonly { readonly of: number; readonly rate: number }[];
  /** nanoseconds that it takes to run a kernel that does nothing */
  readonly launch: number;
}

/** A kernel's work: scalar operations, and the bytes that it must move if it moves none twice. */
export interface Work { readonly operations: number; readonly bytes: number }
export type Bound = 'arithmetic' | 'memory' | 'launch';
/** Milliseconds that the work takes at best, and for what. */
export interface Prediction { readonly predictedMs: number; readonly arithmeticMs: number; readonly memoryMs: number; readonly bound: Bound }

/** The planner's own figures of a machine. */
export const assumedMachine = ({ cost: { operations, bytes, launch } }: Target): Machine => ({ operations, bytes: [{ of: 1, rate: bytes }], launch });

export const workOf = (program: Program, run: Run): Work => {
  const { operations, loadedBytes, storedBytes } = count(only(program, run), Object.fromEntries(program.syms)), params = program.kernels.get(run.kernel)?.params ?? [];
  const touched = new Set(params.flatMap(({ access }, i) => (access === 'update' ? ['read', 'write'] : [access]).map((way) => `${way} ${memoryOf(program, run.args[i])}`)));
  const bytes = [...touched].reduce((sum, way) => { const buffer = program.buffers.get(way.slice(way.indexOf(' ') + 1)); return sum + (buffer === undefined ? 0 : buffer.layout.size * byteSize[buffer.dtype]); }, 0);
  return { operations, bytes: Math.min(bytes, loadedBytes + storedBytes) };
};

/** The roofline: the longer of what arithmetic takes and what memory takes, and the launch. */
export const predict = (machine: Machine, { operations, bytes }: Work): Prediction => {
  const arithmetic = operations / machine.operations, memory = bytes / rateFor(machine, bytes), { launch } = machine;
  const bound: Bound = Math.max(arithmetic, memory) < launch ? 'launch' : arithmetic >= memory ? 'arithmetic' : 'memory';
  return { predictedMs: (Math.max(arithmetic, memory) + launch) / 1e6, arithmeticMs: arithmetic / 1e6, memoryMs: memory / 1e6, bound };
};
/** between two of the sizes that were measured the rate changes evenly with the logarithm of the size */
const rateFor = ({ bytes: known }: Machine, bytes: number): number => {
  const next = known.findIndex(({ of }) => of >= bytes);
  if (next <= 0) return (next < 0 ? known[known.length - 1] : known[0]).rate;
  const [a, b] = [known[next - 1], known[next]], part = Math.log(bytes / a.of) / Math.log(b.of / a.of);
  return a.rate ** (1 - part) * b.rate ** part;
};

/** Backends whose kernels can be timed one by one from here: synchronous ones with loops of any shape. */
export const timeable = (backend: Backend): LoopBackend<'sync'> | undefined => {
  if (backend.takes !== 'program' || backend.timing !== 'sync' || backend.target.shape !== 'tiled') return undefined;
  // SAFETY: it says so itself
  return backend as LoopBackend<'sync'>;
};

const found = new WeakMap<LoopBackend<'sync'>, Machine>();
/**
 * Measures what this machine reaches with a backend's own programs: a product in a cache, sums of arrays of several sizes,
 * and kernels of one number. It takes less than half a second, once for a backend. `explain` compares kernels with it; no
 * plan ever depends on it.
 * @example const machine = calibrate(js(), () => performance.now());
 */
export const calibrate = (backend: LoopBackend<'sync'>, clock: () => number): Machine => {
  const known = found.get(backend);
  if (known !== undefined) return known;
  const side = 96, product = best(backend, fn([f32([side, side]), f32([side, side])], (a, b) => matmul(a, b)), clock);
  const sums = [1, 4096, 32768, 262144, 2097152].map((n) => best(backend, fn([f32([n]), f32([n])], (a, b) => add(a, b)), clock)), [{ ns: launch }, ...larger] = sums;
  const machine: Machine = { operations: product.work.operations / product.ns, bytes: falling(larger.map(({ work, ns }) => ({ of: work.bytes, rate: work.bytes / ns }))), launch };
  found.set(backend, machine);
  return machine;
};
/** fewer bytes come at least as fast as more: where they seem not to, what it costs to start, or to share the work, stood in the way */
const falling = (rates: Machine['bytes']): Machine['bytes'] => rates.map(({ of }, i) => ({ of, rate: Math.max(...rates.slice(i).map((r) => r.rate)) }));
/** one kernel's work, and the fewest nanoseconds that it took */
const best = (backend: LoopBackend<'sync'>, f: unknown, clock: () => number): { readonly work: Work; readonly ns: number } => {
  const lowered = lower(f, {});
  invariant(E.isRight(lowered), 'a program of our own');
  const { program } = stagesOf(lowered.right.module, backend, defaultStages), run = program.steps.find((s) => s.kind === 'run');
  invariant(run !== undefined, 'a program of one kernel');
  return { work: workOf(program, run), ns: Math.min(...samplesOf(backend, program, run, clock)) };
};

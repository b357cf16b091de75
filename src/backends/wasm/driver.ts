import type { Index } from '../../core/affine.ts';
import { invariant } from '../../core/invariant.ts';
import type { BufferId, Program, Step } from '../../ir/loop/syntax.ts';
import { branchIf, call, get, i32, loop, set, when, type Code, type Local } from './code.ts';
import type { Division } from './grid.ts';
import type { Fn, ModuleWriter } from './module.ts';

/** Buffers that a run is told the address of, in order (all that are not temporaries or another's memory), and its sizes. */
export const tableOf = (program: Program): { readonly addresses: readonly BufferId[]; readonly sizes: readonly string[] } => ({
  addresses: [...program.buffers].filter(([, b]) => b.sameAs === undefined && b.role !== 'temporary').map(([id]) => id), sizes: [...program.syms.keys()],
});
/** words before the addresses of buffers: where the arena lies, and scratch, and the words that threads share */
export const [arenaAt, scratchAt, wordsAt, tableHead] = [0, 1, 2, 3];

/** what a kernel's function is handed, in the order of its parameters */
export type Arg =
  | { readonly kind: 'buffer'; readonly name: BufferId }
  | { readonly kind: 'size' | 'axis'; readonly name: string }
  | { readonly kind: 'scratch' | 'thread' | 'threads' };
export interface KernelFn { readonly fn: Fn; readonly args: readonly Arg[]; readonly scratch: number; readonly division: Division }

/** bytes of scratch that each thread needs */
export const scratchOf = (kernels: ReadonlyMap<string, KernelFn>): number => Math.max(0, ...[...kernels.values()].map((k) => k.scratch));

/**
 * run(table, thread, threads): the steps. With a barrier they are what each of several threads does; each has its own
 * scratch, and what steps are decided by is read by all of them before any goes on.
 */
export const emitDriver = (module: ModuleWriter, program: Program, kernels: ReadonlyMap<string, KernelFn>, barrier: Fn | undefined): Fn => {
  const { arena } = program, { addresses, sizes } = tableOf(program);
  invariant(arena !== undefined, 'memory has not been planned');
  const fn = module.fn('run'), [table, thread, threads] = [fn.param('i32'), fn.param('i32'), fn.param('i32')], axes = new Map<string, Local>();
  const word = (at: number): Code => i32.load(get(table), 4 * at);
  const address = (id: BufferId): Code => {
    const own = program.buffers.get(id)?.sameAs ?? id, at = addresses.indexOf(own);
    return at >= 0 ? word(tableHead + at) : i32.add(word(arenaAt), i32.const(arena.offsets.get(own) ?? 0));
  };
  const size = (name: string): Code => word(tableHead + addresses.length + sizes.indexOf(name));
  const axis = (name: string): Code => { const local = axes.get(name); invariant(local !== undefined, `no axis ${name}`); return get(local); };
  const value = ({ bias, terms }: Index): Code => terms.map(({ by, of }): Code => {
    invariant(of.kind === 'axis' || of.kind === 'size', 'the extent of a step is a sum of axes and sizes');
    return i32.mul(of.kind === 'axis' ? axis(of.axis) : size(of.sym), i32.const(by));
  }).reduce<Code>((a, b) => i32.add(a, b), i32.const(bias));
  const scratch = barrier === undefined ? word(scratchAt) : i32.add(word(scratchAt), i32.mul(get(thread), i32.const(scratchOf(kernels))));
  const argument = (arg: Arg, step: Extract<Step, { kind: 'run' }>): Code => {
    switch (arg.kind) {
      case 'buffer': return address(step.args[(program.kernels.get(step.kernel)?.params ?? []).findIndex((p) => p.name === arg.name)]);
      case 'size': return size(arg.name);
      case 'axis': return axis(arg.name);
      case 'scratch': return scratch;
      case 'thread': return get(thread);
      case 'threads': return get(threads);
    }
  };
  const meet: Code = barrier === undefined ? [] : when(i32.gtS(get(threads), i32.const(1)), call(barrier.index, word(wordsAt), get(threads), get(thread)));
  const divided = (division: Division, code: Code): Code => {
    if (barrier === undefined || division === 'shared') return code;
    const alone = when(i32.eqz(get(thread)), code);
    return division === 'alone' ? alone : [meet, alone, meet];
  };
  const flag = (id: BufferId): Code => (program.buffers.get(id)?.dtype === 'bool' ? i32.load8 : i32.load)(address(id));
  const steps = (all: readonly Step[]): Code => all.map((step): Code => {
    switch (step.kind) {
      case 'barrier': return meet;
      case 'run': {
        const kernel = kernels.get(step.kernel);
        invariant(kernel !== undefined, `no kernel ${step.kernel}`);
        return divided(kernel.division, call(kernel.fn.index, ...kernel.args.map((arg) => argument(arg, step))));
      }
      case 'loop': {
        const counter = fn.local('i32'), extent = fn.local('i32');
        axes.set(step.axis, counter);
        const within = i32.ltS(get(counter), get(extent));
        const decided = fn.local('i32'), more: Code = step.while === undefined ? within : [set(decided, i32.and(within, flag(step.while))), meet, get(decided)];
        return [set(extent, value(step.extent)), set(counter, i32.const(0)), when(more, loop(steps(step.body), set(counter, i32.add(get(counter), i32.const(1))), branchIf(0, more)))];
      }
      case 'branch': {
        const chosen = fn.local('i32'), [last, ...before] = [...step.cases].reverse();
        const cases = before.reverse().reduceRight<Code>((other, body, i) => when(i32.eq(get(chosen), i32.const(i)), steps(body), other), steps(last ?? []));
        return [set(chosen, flag(step.on)), meet, cases];
      }
    }
  });
  // threads part when all are done
  fn.finish([steps(program.steps), program.steps.at(-1)?.kind === 'barrier' ? [] : meet]);
  return fn;
};

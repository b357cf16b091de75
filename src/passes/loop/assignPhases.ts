import * as ix from '../../core/affine.ts';
import type { Index } from '../../core/affine.ts';
import { buffersOf, memoryOf } from '../../ir/loop/aliases.ts';
import type { BufferId, Kernel, KernelId, Program, Step, Stmt } from '../../ir/loop/syntax.ts';
import { ofKernels } from '../../ir/loop/visit.ts';
import { inLoop, type Known } from './bounds.ts';
import { accessesOf, apart, regionOf, type Region } from './regions.ts';

/** What a kernel does with a buffer, and who does it: one thread, every thread (it only reads), or each block for itself. */
interface Touch { readonly memory: BufferId; readonly writes: boolean; readonly by: 'one' | 'all' | Blocks }
interface Blocks { readonly extent: Index; readonly grain: number; readonly region: Region | undefined }

/**
 * Puts a barrier before each kernel that touches what another block, or another thread, has touched since the last one.
 * Blocks are dealt out to threads by their number, so equal blocks of equal regions meet on one thread and need none, and so
 * does a loop of kernels of one thread. What one thread writes and nobody has touched moves to the phase before.
 */
export const assignPhases = (program: Program): Program => {
  if (![...program.kernels.values()].some(hasGrid)) return program;
  const touches = ofKernels(program, (kernel) => touchesOf(kernel, { syms: program.syms, axes: new Map() }));
  return { ...program, steps: phased(program, program.steps, touches) };
};
const isGrid = (s: Stmt): boolean => s.kind === 'for' && s.mode.at === 'grid';
const hasGrid = ({ body }: Kernel): boolean => body.some(isGrid);

const touchesOf = (kernel: Kernel, known: Known): readonly Touch[] => kernel.body.flatMap((s): readonly Touch[] => {
  if (s.kind !== 'for' || s.mode.at !== 'grid') return accessesOf([s], known).map(({ buffer, writes }) => ({ memory: buffer, writes, by: s.kind === 'let' && hasGrid(kernel) ? 'all' : 'one' }));
  const { axis, extent, mode: { grain } } = s;
  return accessesOf(s.body, inLoop(known, axis, extent)).map((a) => ({ memory: a.buffer, writes: a.writes, by: { extent, grain, region: regionOf(a, axis) } }));
});

const phased = (program: Program, steps: readonly Step[], touches: ReadonlyMap<KernelId, readonly Touch[]>): readonly Step[] => {
  const since = new Map<BufferId, Touch[]>(), ever = new Set<BufferId>(), done: Step[] = [];
  const note = (all: readonly Touch[]): void => { for (const t of all) since.set(t.memory, [...(since.get(t.memory) ?? []), t]); };
  const put = (...all: readonly Step[]): void => { since.clear(); done.push(...all); };
  const settle = (step: Step, own: readonly Touch[]): void => {
    if (own.some((a) => since.get(a.memory)?.some((b) => conflict(a, b)))) put(barrier);
    note(own);
    done.push(step);
  };
  for (const step of steps) {
    switch (step.kind) {
      case 'barrier': put(step); break;
      case 'loop': {
        const own = ofOneThread(program, step, touches);
        if (own === undefined) put(barrier, { ...step, body: [...phased(program, step.body, touches), barrier] });
        else settle(step, own);
        break;
      }
      case 'branch': put(barrier, { ...step, cases: step.cases.map((c) => phased(program, c, touches)) }, barrier); break;
      case 'run': {
        const own = argumentsOf(program, step, touches.get(step.kernel) ?? []), last = done.lastIndexOf(barrier);
        // what one thread writes before anything else is there by the barrier before: such as borders
        if (last >= 0 && own.length > 0 && own.every((t) => t.writes && t.by === 'one' && !ever.has(t.memory))) { done.splice(last, 0, step); break; }
        settle(step, own);
      }
    }
    for (const id of buffersOf(step)) ever.add(memoryOf(program, id));
  }
  return done;
};
const barrier: Step = { kind: 'barrier' };

/** What steps touch that one thread does alone: others go through a counted loop of them without waiting in it. What is decided by memory all threads read. */
const ofOneThread = (program: Program, step: Step, touches: ReadonlyMap<KernelId, readonly Touch[]>): readonly Touch[] | undefined => {
  if (step.kind === 'run') { const kernel = program.kernels.get(step.kernel); return kernel === undefined || hasGrid(kernel) ? undefined : argumentsOf(program, step, touches.get(step.kernel) ?? []); }
  if (step.kind !== 'loop' || step.while !== undefined) return undefined;
  const inside = step.body.map((s) => ofOneThread(program, s, touches));
  return inside.every((own) => own !== undefined) ? inside.flat() : undefined;
};

const argumentsOf = (program: Program, { kernel, args }: Extract<Step, { kind: 'run' }>, touches: readonly Touch[]): readonly Touch[] => {
  const params = program.kernels.get(kernel)?.params ?? [];
  return touches.flatMap((t): readonly Touch[] => { const at = params.findIndex((p) => p.name === t.memory); return at < 0 ? [] : [{ ...t, memory: memoryOf(program, args[at]) }]; });
};
/** what one thread does stays in order, and so do equal blocks */
const conflict = (a: Touch, b: Touch): boolean => {
  if (!a.writes && !b.writes) return false;
  if (typeof a.by === 'string' || typeof b.by === 'string') return a.by !== 'one' || b.by !== 'one';
  return !ix.equalIndex(a.by.extent, b.by.extent) || a.by.grain !== b.by.grain || !apart([a.by.region, b.by.region]);
};

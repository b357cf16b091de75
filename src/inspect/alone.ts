import { constant } from '../core/affine.ts';
import { memoryOf } from '../ir/loop/aliases.ts';
import type { Buffer, BufferId, Program, Step } from '../ir/loop/syntax.ts';
import { assignPhases } from '../passes/loop/assignPhases.ts';

export type Run = Extract<Step, { readonly kind: 'run' }>;

/** The program with one of its steps alone, once in each loop around it: what `count` is asked about. */
export const only = (program: Program, run: Run): Program => ({ ...program, steps: around(program.steps, run, [run]) ?? [run] });
/** steps in the place of one, inside the loops that it stands in, of which each runs once */
const around = (steps: readonly Step[], run: Run, instead: readonly Step[]): readonly Step[] | undefined => {
  for (const step of steps) {
    if (step.kind === 'run' && step.kernel === run.kernel) return instead;
    const inside = step.kind === 'loop' ? around(step.body, run, instead) : step.kind === 'branch' ? step.cases.map((c) => around(c, run, instead)).find((found) => found !== undefined) : undefined;
    if (inside !== undefined) return step.kind === 'loop' ? [{ kind: 'loop', axis: step.axis, extent: constant(1), body: inside }] : inside;
  }
  return undefined;
};

/** What one memory is to the kernel: read, or written without having been read, or both, also under several names. */
const roleIn = (program: Program, { kernel, args }: Run, memory: BufferId): 'input' | 'output' | 'state' | 'constant' => {
  const params = program.kernels.get(kernel)?.params ?? [], own = params.filter((_, i) => memoryOf(program, args[i]) === memory);
  if (program.buffers.get(memory)?.role === 'constant') return 'constant';
  if (own.every((p) => p.access === 'read')) return 'input';
  return own.length === 1 && own[0].access === 'write' ? 'output' : 'state';
};

/**
 * A program that runs one kernel so many times and nothing else. What other kernels would give it are its inputs; what it
 * overwrites is a state of its own, so that it runs in place as it does among the others.
 */
export const alone = (program: Program, run: Run, times: number): Program => {
  const memories = [...new Set(run.args.map((id) => memoryOf(program, id)))], buffers = new Map<BufferId, Buffer>(), inputs: BufferId[] = [], outputs: BufferId[] = [];
  for (const id of memories) {
    const buffer = program.buffers.get(id), role = roleIn(program, run, id);
    if (buffer === undefined) continue;
    buffers.set(id, { ...buffer, role });
    if (role === 'input' || role === 'state') inputs.push(id);
    if (role === 'output') outputs.push(id);
    if (role !== 'state') continue;
    const next = `${id} after`;
    buffers.set(next, { ...buffer, role: 'output', sameAs: id });
    outputs.push(next);
  }
  const step: Step = { ...run, args: run.args.map((id) => memoryOf(program, id)) };
  const kernels = new Map([...program.kernels].filter(([id]) => id === run.kernel));
  const all = Array.from({ length: times }, () => step);
  return assignPhases({ name: run.kernel, syms: program.syms, buffers, kernels, inputs, outputs, steps: around(program.steps, run, all) ?? all, arena: { bytes: 0, offsets: new Map() } });
};

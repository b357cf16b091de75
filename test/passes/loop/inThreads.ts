import * as ix from '../../../src/core/affine.ts';
import type { Kernel, KernelId, Program, Step, Stmt } from '../../../src/ir/loop/syntax.ts';

/**
 * The program as threads run it, one block a thread, that are as far apart as its barriers allow: of each phase first
 * all that one thread does, then all that the next does. What no barrier keeps apart is then read too early or too late.
 */
export const inThreads = (program: Program, order: readonly number[]): Program => {
  const kernels = new Map([...program.kernels].flatMap(([id, kernel]) => order.map((t): [KernelId, Kernel] => [named(id, t), { ...kernel, name: named(id, t), body: kernel.body.some(isGrid) ? kernel.body.flatMap((s) => share(s, t)) : t === 0 ? kernel.body : [] }])));
  return { ...program, kernels, steps: phases(program.steps, order) };
};
const named = (id: KernelId, thread: number): KernelId => `${id}_thread${thread}`;

const isGrid = (s: Stmt): boolean => s.kind === 'for' && s.mode.at === 'grid';
const share = (s: Stmt, thread: number): readonly Stmt[] => {
  if (s.kind === 'for' && s.mode.at === 'grid') return [{ ...s, body: [{ kind: 'if', test: { kind: 'guard', guard: ix.eq0(ix.shift(ix.axis(s.axis), -thread)) }, then: s.body, else: [] }] }];
  return s.kind === 'let' || s.kind === 'alloc' || thread === 0 ? [s] : [];
};
const phases = (steps: readonly Step[], order: readonly number[]): readonly Step[] => {
  const done: Step[] = [];
  let phase: Extract<Step, { kind: 'run' }>[] = [];
  const end = (): void => { for (const t of order) done.push(...phase.map((s) => ({ ...s, kernel: named(s.kernel, t) }))); phase = []; };
  for (const s of steps) {
    if (s.kind === 'run') { phase.push(s); continue; }
    end();
    done.push(s.kind === 'loop' ? { ...s, body: phases(s.body, order) } : s.kind === 'branch' ? { ...s, cases: s.cases.map((c) => phases(c, order)) } : s);
  }
  end();
  return done;
};

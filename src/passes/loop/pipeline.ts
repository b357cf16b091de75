import { invariant } from '../../core/invariant.ts';
import type { Kernel, KernelId, Program, Stage } from '../../ir/loop/syntax.ts';
import { verifyProgram } from '../../ir/loop/verify.ts';
import type { Target } from '../../ir/target.ts';
import { assignPhases } from './assignPhases.ts';
import { blockK } from './blockK.ts';
import { targetWith, type Choices } from './choices.ts';
import { collapse } from './collapse.ts';
import { hoist } from './hoist.ts';
import { jam } from './jam.ts';
import { peelGuards } from './peelGuards.ts';
import { planMemory } from './planMemory.ts';
import { scalarReplace } from './scalarReplace.ts';
import { schedule } from './schedule.ts';
import { share } from './share.ts';
import { simplifyIndex } from './simplifyIndex.ts';
import { splitFolds } from './splitFolds.ts';
import { tile } from './tile.ts';
import { unroll } from './unroll.ts';
import { vectorise } from './vectorise.ts';

/** A pass over loop programs, and the stage that its result is at. */
export interface LoopPass {
  readonly name: string;
  readonly run: (program: Program, target: Target) => Program;
  readonly gives: Stage;
}
export interface LoopTrace { readonly pass: string; readonly ms: number; readonly before: Program; readonly after: Program }
export interface LoopOptions { readonly verify?: boolean; readonly trace?: (t: LoopTrace) => void; readonly clock?: () => number }

const pass = (name: string, run: LoopPass['run'], gives: Stage): LoopPass => ({ name, run, gives });

/** The pass, with a target of its own for each kernel for which something was chosen. */
const chosen = (run: LoopPass['run'], choices: ReadonlyMap<KernelId, Choices>): LoopPass['run'] => (choices.size === 0 ? run : (program, target) => {
  const after = run(program, target), own = (id: KernelId, kernel: Kernel, of: Choices): Kernel => run({ ...program, kernels: new Map([...program.kernels].filter(([k]) => k === id)) }, targetWith(target, of)).kernels.get(id) ?? kernel;
  return { ...after, kernels: new Map([...after.kernels].map(([id, kernel]) => { const of = choices.get(id); return [id, of === undefined ? kernel : own(id, kernel, of)]; })) };
});

/** What a naive program goes through for a target; a flat one is made flat by `realise` already. `choices`: for single kernels. */
export const loopPipeline = (target: Target, choices: ReadonlyMap<KernelId, Choices> = new Map()): readonly LoopPass[] => (target.shape === 'flat' ? [
  pass('share', (program) => share(program, choices), 'flat'),
  pass('simplifyIndex', simplifyIndex, 'flat'),
  pass('planMemory', planMemory, 'flat'),
] : [
  pass('share', (program) => share(program, choices), 'naive'),
  pass('simplifyIndex', simplifyIndex, 'naive'),
  pass('collapse', collapse, 'naive'),
  ...(target.blocks === undefined ? [] : [pass('splitFolds', (program, own) => splitFolds(program, own, choices), 'scheduled'), pass('schedule', chosen(schedule, choices), 'scheduled')]),
  ...(target.parts === undefined ? [] : [pass('blockK', blockK, 'scheduled')]),
  pass('tile', chosen(tile, choices), 'tiled'),
  pass('jam', chosen(jam, choices), 'tiled'),
  pass('unroll', chosen(unroll, choices), 'tiled'),
  pass('peelGuards', peelGuards, 'tiled'),
  pass('simplifyIndex', simplifyIndex, 'tiled'),
  ...(target.vectorWidth > 1 ? [pass('vectorise', chosen((program, own) => (own.vectorWidth > 1 ? vectorise(program, own) : program), choices), 'tiled')] : []),
  pass('scalarReplace', scalarReplace, 'tiled'),
  pass('hoist', hoist, 'tiled'),
  ...(target.blocks === undefined ? [] : [pass('assignPhases', assignPhases, 'tiled')]),
  pass('planMemory', planMemory, 'tiled'),
]);

/** Names, times, traces and verifies each pass. */
export const runLoopPasses = (program: Program, passes: readonly LoopPass[], target: Target, options: LoopOptions = {}): Program => {
  const clock = options.clock ?? ((): number => performance.now());
  return passes.reduce((before, pass) => {
    const start = clock(), after = pass.run(before, target);
    if (options.verify === true) {
      const [problem] = verifyProgram(after, pass.gives);
      invariant(problem === undefined, `after ${pass.name}: ${problem?.message}`);
    }
    options.trace?.({ pass: pass.name, ms: clock() - start, before, after });
    return after;
  }, program);
};

import { gpujsTarget } from '../../../src/backends/gpujs/gpujs.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { printKernel, printProgram } from '../../../src/ir/loop/print.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import type { Target } from '../../../src/ir/target.ts';
import { unrollLoops } from '../../../src/passes/graph/clean.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../../src/passes/plan/makePlan.ts';
import type { Plan } from '../../../src/passes/plan/plan.ts';
import { printPlan } from '../../../src/passes/plan/print.ts';
import { realise } from '../../../src/passes/plan/realise/realise.ts';
import { mainOf } from '../../../src/testing/derivatives.ts';
import { difference } from '../../ir/loop/golden.ts';
import { argumentsOf } from '../graph/numbers.ts';
import { readGraph, readGraphs } from '../graph/texts.ts';
import type { PlanProgram } from './programs.ts';

/** The module of a graph's text, which begins at its parameters, or of several graphs, the last of them `main`. */
export const moduleOf = (text: string): Module => (text.startsWith('graph') ? readGraphs(text) : readGraph(text));
/** where a kernel is flat there are no loops of kernels: they are written out before */
export const planOf = (graph: string, target: Target = jsTarget, donated: readonly number[] = []): Plan => {
  const given = moduleOf(graph), module = target.shape === 'flat' ? unrollLoops.run(given, () => undefined) : given, main = mainOf(module);
  return makePlan(main, target, new Set(donated.map((i) => main.params[i])), [], module);
};

/** Every stage between a graph and the text of its kernels, for a target. */
export interface Stages { readonly plan: Plan; readonly naive: Program; readonly program: Program }
export const stagesOf = ({ graph, donated = [] }: PlanProgram, target: Target): Stages => {
  const plan = planOf(graph, target, target.shape === 'flat' ? [] : donated), naive = realise(plan, target);
  return { plan, naive, program: runLoopPasses(naive, loopPipeline(target), target, { verify: true }) };
};

const section = (title: string, text: string): string => `──── ${title}\n${text.trimEnd()}\n`;
/** A program's plans with their reasons, and its loops before and after the passes, as a page to read. */
export const pageOf = (program: PlanProgram): string => {
  const tiled = stagesOf(program, jsTarget), flat = stagesOf(program, gpujsTarget);
  return [
    section('graph', printModule(moduleOf(program.graph))),
    section('plan', printPlan(tiled.plan, { why: true })),
    section('naive loops', [...tiled.naive.kernels.values()].map(printKernel).join('\n\n')),
    section('tiled loops', printProgram(tiled.program)),
    section('plan of flat kernels', printPlan(flat.plan, { why: true })),
    section('flat kernels', printProgram(flat.program)),
  ].join('\n');
};

/** What the loops of every stage compute, beside what the graph means: results of two that are not the same. */
export const differencesOf = (program: PlanProgram): readonly string[] => {
  const module = moduleOf(program.graph), sizes = program.sizes ?? {}, args = argumentsOf(module);
  const wanted = interpret(module, args, { precision: 'f64', bindings: sizes });
  return [jsTarget, gpujsTarget].flatMap((target) => {
    const { naive, program: done } = stagesOf(program, target);
    return Object.entries({ naive, done }).flatMap(([stage, p]) => {
      const found = interpretProgram(p, new Map(p.inputs.map((name, i) => [name, args[i]])), { precision: 'f64', sizes });
      return p.outputs.flatMap((name, i) => (difference(Array.from(found.get(name) ?? []).slice(0, wanted[i].length), Array.from(wanted[i])) < 1e-12 ? [] : [`${target.name}, ${stage}: ${name}`]));
    });
  });
};

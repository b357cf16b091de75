import type { LoopBackend } from '../../src/backends/backend.ts';
import type { TypedArray } from '../../src/core/dtype.ts';
import { defaultStages, loadModule, type StageOptions } from '../../src/compile/stages.ts';
import type { Graph, Module } from '../../src/ir/graph/syntax.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { mainOf } from '../../src/testing/derivatives.ts';

type Results = readonly TypedArray[] | undefined;
/** a graph as it is, straight to the planner; undefined where the backend refuses it */
export const runGraph = (backend: LoopBackend<'sync'>, graph: Graph, args: readonly TypedArray[]): Results => {
  const program = runLoopPasses(realise(makePlan(graph, backend.target), backend.target), loopPipeline(backend.target), backend.target, { verify: true });
  if (backend.refusals(program).length > 0) return undefined;
  return resultsOf(backend, backend.load(program, backend.emit(program)), graph, args);
};
/** a module through every stage of a compilation; undefined where the backend refuses it, or has no derivative */
export const runModule = (backend: LoopBackend<'sync'>, module: Module, args: readonly TypedArray[], options: Partial<StageOptions> = {}): Results => {
  const executed = loadModule(module, backend, { ...defaultStages, ...options, verify: true });
  return 'loaded' in executed ? resultsOf(backend, executed.loaded, mainOf(module), args) : undefined;
};
const resultsOf = ({ memory }: LoopBackend<'sync'>, loaded: ReturnType<LoopBackend<'sync'>['load']>, { params }: Graph, args: readonly TypedArray[]): readonly TypedArray[] => {
  const handles = args.map((a, i) => memory.upload(params[i].type.dtype, a)), outputs = loaded.run(handles, {});
  const results = outputs.map((h) => memory.read(h));
  for (const h of [...handles, ...outputs]) memory.free(h);
  loaded.dispose();
  return results;
};

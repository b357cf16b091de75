import type { Backend, LoopBackend, Loaded, Artifact, Timing } from '../backends/backend.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Graph, Module, Node } from '../ir/graph/syntax.ts';
import type { Program } from '../ir/loop/syntax.ts';
import { defaultPipeline } from '../passes/graph/pipeline.ts';
import { expandTransforms } from '../passes/graph/expandTransforms.ts';
import { loopPipeline, runLoopPasses } from '../passes/loop/pipeline.ts';
import type { Pass, PassTrace } from '../passes/pass.ts';
import { makePlan } from '../passes/plan/makePlan.ts';
import type { Plan } from '../passes/plan/plan.ts';
import { realise } from '../passes/plan/realise/realise.ts';
import { runPasses } from '../passes/run.ts';

/** What the stages may be told. */
export interface StageOptions {
  readonly passes: readonly Pass[];
  readonly verify: boolean;
  /** indices of the parameters whose memory results may take over */
  readonly donated: readonly number[];
  readonly trace?: (t: PassTrace) => void;
}
export const defaultStages: StageOptions = { passes: defaultPipeline, verify: false, donated: [] };

/** Every stage of one compilation, from the optimised graph to the text. */
export interface Stages {
  readonly module: Module;
  readonly plan: Plan;
  /** as `realise` gives it */
  readonly naive: Program;
  /** after the loop passes, with its memory planned */
  readonly program: Program;
  readonly artifact: Artifact;
}

/** Graph IR in, artifact out: the way of every loop backend. */
export const stagesOf = (module: Module, backend: LoopBackend, options: StageOptions): Stages => {
  const optimised = runPasses(module, options.passes, options);
  const graph = mainOf(optimised);
  const donated = backend.target.shape === 'flat' ? [] : options.donated;
  const plan = makePlan(graph, backend.target, new Set(donated.map((i): Node => graph.params[i])));
  const naive = realise(plan, backend.target, module.main);
  const program = runLoopPasses(naive, loopPipeline(backend.target), backend.target, { verify: options.verify });
  return { module: optimised, plan, naive, program, artifact: backend.emit(program) };
};

const mainOf = (module: Module): Graph => {
  const graph = module.graphs.get(module.main);
  if (graph === undefined) throw new Error(`internal error: no graph '${module.main}'`);
  return graph;
};

export interface Executed<K extends Timing> { readonly loaded: Loaded<K>; readonly stages?: Stages }

/** A module made ready to run on a backend, or what the backend cannot do of it. */
export const loadModule = <K extends Timing>(module: Module, backend: Backend<K>, options: StageOptions): Executed<K> | readonly Diagnostic[] => {
  if (backend.takes === 'module') return { loaded: backend.load(runPasses(module, [expandTransforms], { verify: options.verify })) };
  const stages = stagesOf(module, backend, options);
  const refusals = backend.refusals(stages.program);
  return refusals.length > 0 ? refusals : { loaded: backend.load(stages.program, stages.artifact), stages };
};

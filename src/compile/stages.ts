import type { Artifact, Backend, LoopBackend, Loaded, Memory, Timing } from '../backends/backend.ts';
import { js } from '../backends/js/js.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { invariant } from '../core/invariant.ts';
import type { Graph, Module, Node } from '../ir/graph/syntax.ts';
import { count, type Counts } from '../ir/loop/counts.ts';
import type { KernelId, Program } from '../ir/loop/syntax.ts';
import { expandTransforms } from '../passes/graph/expandTransforms.ts';
import { expandScalars } from '../passes/graph/expandScalars.ts';
import { defaultPipeline } from '../passes/graph/pipeline.ts';
import { choicesFor, scheduleProblems, type Choices, type PlannedKernel, type Schedule } from '../passes/loop/choices.ts';
import { loopPipeline, runLoopPasses, type LoopPass, type LoopTrace } from '../passes/loop/pipeline.ts';
import type { Pass, PassTrace } from '../passes/pass.ts';
import { splitOff, type Split } from '../passes/graph/onHost.ts';
import { unrollLoops } from '../passes/graph/clean.ts';
import { splitConcats } from '../passes/graph/splitConcats.ts';
import { makePlan } from '../passes/plan/makePlan.ts';
import type { FusionRule } from '../passes/plan/fusion.ts';
import { kernelsOf, type Plan } from '../passes/plan/plan.ts';
import { nameOf } from '../passes/plan/print.ts';
import { realise } from '../passes/plan/realise/realise.ts';
import { runPasses } from '../passes/run.ts';
import { hostBytesOf, withHost } from './onHost.ts';
import type { Target } from '../ir/target.ts';
import type { Report } from './options.ts';

/** What the stages may be told. */
export interface StageOptions {
  readonly passes: readonly Pass[];
  readonly fusions: readonly FusionRule[];
  readonly schedules: readonly Schedule[];
  readonly loopPasses?: (defaults: readonly LoopPass[]) => readonly LoopPass[];
  readonly verify: boolean;
  /** indices of the parameters whose memory results may take over */
  readonly donated: readonly number[];
  readonly trace?: (t: PassTrace) => void;
  readonly traceLoops?: (t: LoopTrace) => void;
  /** milliseconds, for traces */
  readonly clock?: () => number;
}
export const defaultStages: StageOptions = { passes: defaultPipeline, fusions: [], schedules: [], verify: false, donated: [] };

/** Every stage of one compilation, from the optimised graph to the text. */
export interface Stages extends Planned { readonly artifact: Artifact }
export interface Planned {
  readonly module: Module;
  readonly plan: Plan;
  /** as `realise` gives it */
  readonly naive: Program;
  /** after the loop passes, with its memory planned */
  readonly program: Program;
  /** what the host computes first, and the rest, which is planned */
  readonly split?: Split;
  /** what was chosen for single kernels */
  readonly choices: ReadonlyMap<KernelId, Choices>;
  /** what is wrong with the schedules that were given: they are then left out */
  readonly problems: readonly Diagnostic[];
}

/** Graph IR in, loop IR out: the way to every loop backend. */
const planned = (module: Module, { target, onHost }: LoopBackend, options: StageOptions): Planned => {
  // a flat target runs no loops of kernels, and its kernels read few buffers
  const optimised = runPasses(module, [...options.passes, ...(target.shape === 'flat' ? [unrollLoops, splitConcats(target.maxBuffers - 1)] : []), expandScalars(target.spells)], options);
  const split = onHost && splitOff(mainOf(optimised), onHost);
  return { ...plannedAs(split?.device ?? optimised, target, options, target.shape === 'flat' ? [] : options.donated), ...(split && { split }) };
};
const plannedAs = (optimised: Module, target: Target, options: StageOptions, donated: readonly number[]): Planned => {
  const graph = mainOf(optimised);
  const plan = makePlan(graph, target, new Set(donated.map((i): Node => graph.params[i])), options.fusions, { graphs: optimised.graphs });
  const naive = realise(plan, target, optimised.main);
  const { traceLoops, clock, schedules } = options, kernels = plannedKernels(plan), problems = scheduleProblems(schedules, kernels, target), choices = problems.length > 0 ? new Map<KernelId, Choices>() : choicesFor(schedules, kernels);
  const defaults = loopPipeline(target, choices), program = runLoopPasses(naive, options.loopPasses?.(defaults) ?? defaults, target, { verify: options.verify, ...(traceLoops && { trace: traceLoops }), ...(clock && { clock }) });
  return { module: optimised, plan, naive, program, choices, problems };
};
/** the kernels as schedules may speak of them */
const plannedKernels = (plan: Plan): readonly PlannedKernel[] => kernelsOf(plan).map(({ name, group: { nest, members } }) => ({ name, nest: nest.kind, ops: members.map(nameOf) }));
/** Graph IR in, artifact out. */
export const stagesOf = (module: Module, backend: LoopBackend, options: StageOptions): Stages => {
  const stages = planned(module, backend, options);
  return { ...stages, artifact: backend.emit(stages.program) };
};

export const mainOf = (module: Module): Graph => {
  const graph = module.graphs.get(module.main);
  invariant(graph !== undefined, `no graph '${module.main}'`);
  return graph;
};

export interface Executed<K extends Timing> { readonly loaded: Loaded<K>; readonly stages?: Stages }

/**
 * A module made ready to run on a backend, or what the backend cannot do of it.
 * @throws diagnostics of what has no derivative or cannot be mapped (FX4001–FX4003), of what users brought (FX3203, FX8012), of what a page forbids, and of what there is no memory for
 */
export const loadModule = <K extends Timing>(module: Module, backend: Backend<K>, options: StageOptions): Executed<K> | readonly Diagnostic[] => {
  if (backend.takes === 'module') return { loaded: backend.load(runPasses(module, [expandTransforms], { verify: options.verify })) };
  const stages = planned(module, backend, options), refusals = [...stages.problems, ...backend.refusals(stages.program)];
  if (refusals.length > 0) return refusals;
  const artifact = backend.emit(stages.program), loaded = backend.load(stages.program, artifact);
  return { loaded: stages.split === undefined ? loaded : withHost(backend, loaded, hostPart(stages.split, options), stages.split), stages: { ...stages, artifact } };
};

const hostPart = ({ host }: Split, options: StageOptions): { readonly loaded: Loaded<'sync'>; readonly memory: Memory<'sync'> } => {
  const backend = js(), { program, artifact } = stagesOf(host, backend, { ...options, donated: [] });
  return { loaded: backend.load(program, artifact), memory: backend.memory };
};

/** What a program costs, by its text. What the device says of itself is asked when it is read: a kernel's class may change as it runs. */
export const reportOf = <K extends Timing>(backend: Backend<K>, { loaded, stages }: Executed<K>, warnings: readonly Diagnostic[]): Report => {
  const { launches } = loaded, name = backend.name;
  if (stages === undefined) return { backend: name, get device() { return backend.device(); }, kernels: 0, launches, loadedBytes: 0, storedBytes: 0, operations: 0, hostBytes: 0, peakBytes: 0, files: {}, warnings };
  let counts: Counts | undefined;
  const counted = (): Counts => (counts ??= count(stages.program, Object.fromEntries(stages.program.syms)));
  return {
    backend: name, get device() { return backend.device(); }, kernels: stages.program.kernels.size, launches,
    get loadedBytes() { return counted().loadedBytes; }, get storedBytes() { return counted().storedBytes; }, get operations() { return counted().operations; }, hostBytes: stages.split === undefined ? 0 : hostBytesOf(stages.split), get peakBytes() { return counted().peakBytes; },
    get files() { return stages.artifact.files; }, warnings,
  };
};

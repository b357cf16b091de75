import * as E from 'fp-ts/lib/Either.js';
import type { Backend, Handle, Timing } from '../backends/backend.ts';
import { isSym, type Bindings } from '../core/dim.ts';
import { diagnostic, type Result } from '../core/diagnostic.ts';
import type { TypedArray } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { attempt } from '../core/render.ts';
import { here } from '../expr/expr.ts';
import { growing, takingAt } from '../expr/tree.ts';
import type { NDArray } from '../expr/types/tensor.ts';
import type { LowerOptions, Lowered } from '../expr/lower/lower.ts';
import { pipelineOf } from '../passes/graph/pipeline.ts';
import { arraysOfHandles } from './arrays.ts';
import { asDiagnostics, type Leaf } from './arguments.ts';
import type { CompileOptions, Report } from './options.ts';
import { ownFusions, ownLoopPasses, ownPasses, ownRules, ownSchedules } from './own.ts';
import { loadModule, reportOf, type Executed, type StageOptions } from './stages.ts';
import { optionProblems, takesOf, type Takes } from './takes.ts';
import { validation } from './validate.ts';

/** A function at known sizes, ready to run. */
export interface Ready<K extends Timing> {
  readonly lowered: Lowered;
  readonly leaves: readonly Leaf[];
  readonly executed: Executed<K>;
  readonly room: Map<Leaf, TypedArray>;
  /** the function's own tree of results, of what is at each place */
  readonly results: (result: (output: number) => unknown) => unknown;
  /** what makes an array of each output */
  readonly arrays: readonly ((handle: Handle, bindings: Bindings) => NDArray)[];
  readonly report: Report;
}
/** A function whose sizes are partly still to be taken from its arguments: prepared once for each combination of them. */
export interface Prepared<K extends Timing> {
  readonly backend: Backend<K>;
  readonly takes: Takes;
  readonly open: readonly Leaf[];
  /** what arguments have at the places of these leaves */
  readonly taken: (args: readonly unknown[]) => readonly unknown[];
  readonly readyFor: (bindings: Bindings) => Result<Ready<K>>;
  /** of what was prepared last */
  readonly report: () => Report | undefined;
  readonly dispose: () => void;
}

type Lower = (options: LowerOptions) => Result<Lowered>;

/** Lowers at once, so that all that is wrong is known; compiles at once where no size is missing. */
export const prepare = <K extends Timing>(lowerAt: Lower, backend: Backend<K>, options: CompileOptions<K>): Result<Prepared<K>> => {
  const { dims = {}, donate = [] } = options, checkKeys = options.checkKeys ?? true;
  // where the user has it compiled is where its results come from: a stack for each call would be half of what a small one costs
  const at = here(), open = lowerAt({ dims, open: 'later', checkKeys });
  if (E.isLeft(open)) return open;
  const unknown = optionProblems(open.right, options), takes = takesOf(open.right);
  if (unknown.length > 0) return E.left(asDiagnostics(unknown));
  const cache = new Map<string, Result<Ready<K>>>(), names = openNames(open.right);
  let last: Report | undefined, live = true;
  const readyFor = (bindings: Bindings): Result<Ready<K>> => {
    // its memory may be another's by now
    if (!live) return E.left([diagnostic('FX7003', 'this program has been disposed of', { hint: 'compile the function again' })]);
    const key = names.map((n) => bindings[n]).join();
    const known = cache.get(key);
    if (known !== undefined) return known;
    const lowered = open.right.isOpen ? lowerAt({ dims: { ...dims, ...Object.fromEntries(names.map((n) => [n, bindings[n]])) }, checkKeys }) : open;
    const made = ready(lowered, backend, options, at, donate);
    // what failed may do later: there may have been no memory for it
    if (E.isLeft(made)) return made;
    cache.set(key, made);
    last = made.right.report;
    return made;
  };
  if (names.length === 0) {
    const first = readyFor({});
    if (E.isLeft(first)) return first;
  }
  const dispose = (): void => {
    live = false;
    for (const r of cache.values()) if (E.isRight(r)) r.right.executed.loaded.dispose();
    cache.clear();
  };
  const leaves = leavesOf(open.right, donate);
  return E.right({ backend, takes, open: leaves, taken: takingAt(leaves.map((leaf) => leaf.path)), readyFor, report: () => last, dispose });
};

const openNames = ({ params }: Lowered): readonly string[] =>
  [...new Set(params.flatMap((p) => p.type.shape.flatMap((d) => (isSym(d) && d.max === Infinity ? [d.name] : []))))];

const leavesOf = ({ params }: Lowered, donate: readonly number[]): readonly Leaf[] =>
  params.map(({ name, path, type, isKey }) => ({ name, path, type, isKey, donated: donate.includes(Number(path[0])) }));

const ready = <K extends Timing>(lowered: Result<Lowered>, backend: Backend<K>, options: CompileOptions<K>, at: Origin, donate: readonly number[]): Result<Ready<K>> => {
  if (E.isLeft(lowered)) return lowered;
  const { module, warnings } = lowered.right, leaves = leavesOf(lowered.right, donate);
  const made = attempt(() => (options.validate === true ? loadValidated : loadModule)(module, backend, stageOptions(options, leaves)));
  if (E.isLeft(made)) return made;
  const executed = made.right;
  return 'loaded' in executed ? E.right({ lowered: lowered.right, leaves, executed, room: new Map(), results: growing(lowered.right.results), arrays: lowered.right.outputs.map(({ type }) => arraysOfHandles(backend.memory, type, at)), report: reportOf(backend, executed, warnings) }) : E.left(asDiagnostics(executed));
};

/**
 * What the options of a compilation say to the stages.
 * @throws FX3203 where one of them is not what it should be; so do, while they run, those that users wrote
 */
export const stageOptions = <K extends Timing>(options: CompileOptions<K>, leaves: readonly Leaf[]): StageOptions => {
  const { rules = [], fusions = [], schedules = [], passes, loopPasses } = options, defaults = pipelineOf({ rules: ownRules(rules), fast: options.fastMath ?? false });
  return { passes: passes ? ownPasses(defaults, passes) : defaults, fusions: ownFusions(fusions), schedules: ownSchedules(schedules), ...(loopPasses && { loopPasses: ownLoopPasses(loopPasses) }), verify: options.validate ?? false, donated: leaves.flatMap((leaf, i) => (leaf.donated ? [i] : [])) };
};

const loadValidated = <K extends Timing>(module: Lowered['module'], backend: Backend<K>, stages: StageOptions): ReturnType<typeof loadModule<K>> => {
  const check = validation(module), executed = loadModule(module, backend, { ...stages, trace: check.trace });
  const problems = check.problems();
  if (problems.length > 0 || !('loaded' in executed)) return problems.length > 0 ? problems : executed;
  const wrong = backend.timing === 'sync' ? check.ofProgram(asSync(backend), executed) : [];
  return wrong.length > 0 ? wrong : executed;
};
const asSync = (backend: Backend): Backend<'sync'> => {
  // SAFETY: called where the backend says that it is synchronous
  return backend as Backend<'sync'>;
};

import { isSym, showType, type Bindings, type TensorType } from '../core/dim.ts';
import { diagnostic, type Diagnostic } from '../core/diagnostic.ts';
import { isFloat, typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { compact, spread } from '../core/storage.ts';
import type { Backend, Loaded, Timing } from '../backends/backend.ts';
import { boundedResults, compare, type Bounded } from '../ir/graph/bounds.ts';
import { interpret } from '../ir/graph/interpret.ts';
import type { Graph, Module } from '../ir/graph/syntax.ts';
import { fastRules } from '../passes/graph/algebra.ts';
import { inlineCalls, inlineComposites } from '../passes/graph/clean.ts';
import { expandTransforms } from '../passes/graph/expandTransforms.ts';
import { foldRules } from '../passes/graph/fold.ts';
import type { PassTrace } from '../passes/pass.ts';
import { runPasses } from '../passes/run.ts';
import { mainOf, type Executed } from './stages.ts';

/**
 * Translation validation: a compilation proves itself on samples. Arguments are drawn, the meaning is computed node by
 * node from the module as it was lowered, and every pass's result, and at last the program itself, must agree with it.
 */
export interface Validation {
  /** to be told of every pass */
  readonly trace: (t: PassTrace) => void;
  /** what the passes changed; then, if nothing, what the program does otherwise */
  readonly problems: () => readonly Diagnostic[];
  readonly ofProgram: (backend: Backend<'sync'>, executed: Executed<Timing>) => readonly Diagnostic[];
}

const samples = 2;
/** in doubles, rewriting may change the last digits only */
const lastDigits = { epsilon: 2 ** -50, ulps: 8 };
/** until a constant is computed, which is rounded to its dtype */
const rounding: ReadonlySet<string> = new Set([...foldRules, ...fastRules].map((r) => r.name));
const roundedTolerance = { ulps: 8 };

export const validation = (module: Module): Validation => {
  const closed = expanded(module), main = mainOf(closed), drawn = Array.from({ length: samples }, (_, i) => sample(main, i));
  const [exactly, rounded] = [lastDigits, roundedTolerance].map((tolerance) => drawn.map(({ args, bindings }) => boundedResults(closed, args, { ...tolerance, bindings })));
  const found: Diagnostic[] = [];
  let wanted = exactly;
  const trace = ({ pass, after, fired }: PassTrace): void => {
    if (fired.size === 0 || found.length > 0) return;
    if ([...fired.keys()].some((name) => rounding.has(name))) wanted = rounded;
    const changed = expanded(after);
    drawn.forEach(({ args, bindings }, i) => {
      const results = interpret(changed, args, { precision: 'f64', bindings });
      const wrong = firstDifference(mainOf(closed), results, wanted[i]);
      if (wrong !== undefined && found.length === 0) found.push(diagnostic('FX7010', `validate: the pass '${pass}' changes the meaning: ${wrong}`, { hint: `the rules that fired: ${[...fired.keys()].join('; ')}` }));
    });
  };
  const ofProgram: Validation['ofProgram'] = (backend, { loaded }) => {
    if (found.length > 0) return found;
    return drawn.flatMap(({ args, bindings }) => {
      const handles = args.map((data, i) => backend.memory.upload(main.params[i].type.dtype, spread(data, main.params[i].type, bindings)));
      const outputs = asSync(loaded).run(handles, bindings), results = outputs.map((h, i) => compact(backend.memory.read(h), main.results[i].type, bindings));
      for (const h of [...handles, ...outputs]) backend.memory.free(h);
      const wrong = firstDifference(main, results, boundedResults(closed, args, { ulps: 64, bindings }));
      return wrong === undefined ? [] : [diagnostic('FX7011', `validate: the program for ${backend.name} does not compute what the function means: ${wrong}`, { hint: 'a loop pass of your own, or a spelling, may be wrong; otherwise please report this, with the function' })];
    }).slice(0, 1);
  };
  return { trace, problems: () => found, ofProgram };
};

const asSync = (loaded: Loaded): Loaded<'sync'> => {
  // SAFETY: a synchronous backend loaded it
  return loaded as Loaded<'sync'>;
};
const expanded = (module: Module): Module => runPasses(module, [expandTransforms, inlineCalls, inlineComposites]);

const firstDifference = (graph: Graph, results: readonly TypedArray[], wanted: readonly Bounded[]): string | undefined => {
  for (const [i, bounded] of wanted.entries()) {
    const { beyond } = compare(results[i], bounded);
    if (beyond) return `element ${beyond.index} of result ${i} (${showType(graph.results[i].type)}) is ${beyond.actual}, but should be ${beyond.wanted}`;
  }
  return undefined;
};

interface Sample { readonly args: readonly TypedArray[]; readonly bindings: Bindings }
/** the same samples for the same function: a bounded dimension is at its largest (at most 4) first, then smaller */
const sample = (graph: Graph, nth: number): Sample => {
  const syms = graph.params.flatMap((p) => p.type.shape.filter(isSym));
  const bindings = Object.fromEntries(syms.map((d) => [d.name, Math.max(1, Math.min(d.max, 4) - nth)]));
  const random = weyl(nth);
  return { bindings, args: graph.params.map((p) => draw(p.type, bindings, random)) };
};
const draw = ({ dtype, shape }: TensorType, bindings: Bindings, random: () => number): TypedArray => {
  const count = shape.reduce<number>((n, d) => n * (isSym(d) ? d.by * bindings[d.name] : d), 1);
  const one = (): number => (isFloat(dtype) ? 4 * random() - 2 : Math.floor((dtype === 'bool' ? 2 : 3) * random()));
  return typedArray<DType>(dtype, Array.from({ length: count }, one));
};
/** an additive sequence by the golden ratio: spread evenly, and the same every time */
const weyl = (start: number): (() => number) => {
  let x = start / 7;
  return () => (x = (x + 0.6180339887498949) % 1);
};

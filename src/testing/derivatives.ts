import { isFloat, typedArray, type TypedArray } from '../core/dtype.ts';
import { createBuilder } from '../ir/graph/builder.ts';
import { interpret } from '../ir/graph/interpret.ts';
import type { Derivative, Graph, Module, Node } from '../ir/graph/syntax.ts';
import { transcribe } from '../ir/graph/walk.ts';
import { expandTransforms } from '../passes/graph/expandTransforms.ts';
import { runPasses } from '../passes/run.ts';

export type Kind = Derivative['kind'];

export const mainOf = (module: Module): Graph => {
  const graph = module.graphs.get(module.main);
  if (graph === undefined) throw new Error(`internal error: no graph '${module.main}'`);
  return graph;
};
/** the places of the float values among these */
export const floatPlaces = (nodes: readonly Node[]): readonly number[] => nodes.flatMap((n, i) => (isFloat(n.type.dtype) ? [i] : []));

/**
 * A module whose main graph is the derivative of the given one's: (…inputs, …seeds) → the derivatives alone. A seed belongs
 * to each float result (`vjp`) or to each input of `wrt` (`jvp`). The derivative is not expanded yet.
 *
 * @example derivativeOf(derivativeOf(module, 'vjp', [0]), 'jvp', [0]) // a Hessian's product with a vector
 */
export const derivativeOf = (module: Module, kind: Kind, wrt: readonly number[] = floatPlaces(mainOf(module).params)): Module => {
  const b = createBuilder();
  transcribe(module, b, () => undefined);
  const f = b.graph(module.main), name = b.freshName(`${kind}_${module.main}`);
  const seeded: readonly Node[] = kind === 'vjp' ? floatPlaces(f.results).map((i) => f.results[i]) : wrt.map((i) => f.params[i]);
  const own = f.params.map((p, i) => b.parameter(name, i, p.attrs.name, p.type));
  const seeds = seeded.map((n, i) => b.parameter(name, own.length + i, `seed${own.length + i}`, n.type));
  const all = b.resultsOf(b.node('transform', { kind, graph: module.main, wrt }, [...own, ...seeds]));
  b.addGraph({ name, params: [...own, ...seeds], results: all.slice(f.results.length) });
  return b.finish(name);
};

/** The module's meaning in double precision; derivatives in it are expanded first. */
export const meaningOf = (module: Module): ((args: readonly TypedArray[]) => readonly TypedArray[]) => {
  const expanded = runPasses(module, [expandTransforms]);
  return (args) => interpret(expanded, args, { precision: 'f64' });
};

/** numbers of either sign, away from 0, that repeat nowhere: weights for what is added up */
export const weights = (count: number, phase: number): Float64Array =>
  typedArray('f64', Array.from({ length: count }, (_, i) => {
    const x = ((0.37 + 0.29 * phase + (i + 1) * 0.6180339887498949) % 1) * 2 - 1;
    return x < 0 ? x - 0.25 : x + 0.25;
  }));
export const sizeOfNode = (n: Node): number => n.type.shape.reduce<number>((k, d) => k * Number(d), 1);

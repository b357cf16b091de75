import type { TensorType } from '../core/dim.ts';
import { isFloat, typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { createBuilder } from '../ir/graph/builder.ts';
import type { Module, Node } from '../ir/graph/syntax.ts';
import { transcribe } from '../ir/graph/walk.ts';
import { mainOf, sizeOfNode } from './derivatives.ts';

/** Along which axis of each input the examples lie; null for one that they share. */
export type Axes = readonly (number | null)[];

/** A module whose main graph is the given one's, mapped over examples; not expanded yet. */
export const mappedOf = (module: Module, axes: Axes, size: number): Module => {
  const b = createBuilder();
  transcribe(module, b, () => undefined);
  const f = b.graph(module.main), name = b.freshName(`vmap_${module.main}`);
  const own = f.params.map((p, i) => b.parameter(name, i, p.attrs.name, withAxis(p.type, axes[i], size)));
  b.addGraph({ name, params: own, results: b.resultsOf(b.node('transform', { kind: 'vmap', graph: module.main, axes }, own)) });
  return b.finish(name);
};
const withAxis = ({ dtype, shape }: TensorType, axis: number | null, size: number): TensorType =>
  ({ dtype, shape: axis === null ? shape : [...shape.slice(0, axis), size, ...shape.slice(axis)] });

/** Numbers for one more example: those of the first in another order, some of the other sign. */
export const another = (param: Node, of: TypedArray, k: number): TypedArray => {
  const n = of.length, { dtype } = param.type;
  const at = (i: number): number => { const x = of[(i * (k + 1) + 3 * k) % n]; return isFloat(dtype) ? x * ((i + k) % 3 === 0 ? 0.83 - 0.11 * k : -0.71) : dtype === 'i32' && (i + k) % 4 === 0 ? 1 - x : x; };
  return k === 0 ? of : typedArray<DType>(dtype, Array.from({ length: n }, (_, i) => at(i)));
};
/** what the main graph takes for all examples, of what it takes for each */
export const together = (module: Module, axes: Axes, each: readonly (readonly TypedArray[])[]): readonly TypedArray[] =>
  mainOf(module).params.map((p, i) => {
    const axis = axes[i], { dtype, shape } = p.type;
    if (axis === null) return each[0][i];
    const inner = shape.slice(axis).reduce<number>((n, d) => n * Number(d), 1), total = sizeOfNode(p) * each.length;
    return typedArray<DType>(each[0][i] instanceof Float64Array ? 'f64' : dtype, Array.from({ length: total }, (_, at) => each[Math.floor(at / inner) % each.length][i][Math.floor(at / inner / each.length) * inner + (at % inner)]));
  });

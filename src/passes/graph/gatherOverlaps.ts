import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { copyNode, nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { axesOf, others } from './facts.ts';
import { contractionOf, overlapped, partOf, productOf, type Product } from './overlaps.ts';
import { withoutGaps } from './spreadDots.ts';
import { cut, lieOf, spreadWindows, type Overlap } from './spread.ts';

/**
 * Of a contraction, overlaps become a contraction of windows; any other becomes a sum over windows of its operand spread out:
 * each place gathers what lies there. Overlaps of overlaps, as of windows over several axes, become one.
 */
export const gatherOverlaps: Pass = {
  name: 'gatherOverlaps',
  run: (module, fired) => {
    if (![...module.graphs.values()].some((graph) => nodesOf(graph).some((n) => n.op === 'overlapAdd' || n.op === 'window'))) return module;
    const b = createBuilder(), sums = new Map<Node, Sum>(), products = new Map<Node, Product>();
    const contracted = (node: Node, rule: string, product: Product): Node => {
      fired(rule);
      const made = contractionOf(b, product, node.type.shape);
      products.set(made, product);
      return made;
    };
    transcribe(module, b, (node, inputs) => {
      const [y] = inputs;
      if (node.op === 'dotGeneral') {
        // SAFETY: a copy of a contraction is one
        const made = withoutGaps(copyNode(b, node, inputs) as Node<'dotGeneral'>, b);
        if (made !== undefined) fired('dot of windows of what is spread = dot of windows');
        return made;
      }
      const of = node.op === 'overlapAdd' || node.op === 'slice' ? productOf(y, products) : undefined;
      if (node.op === 'slice') {
        const part = of && partOf(node, of);
        return part && contracted(node, 'slice of dot of windows = dot of windows', part);
      }
      if (node.op !== 'overlapAdd') return undefined;
      const product = of && overlapped(node, of);
      if (product !== undefined) return contracted(node, 'overlapAdd of dot = dot of windows', product);
      fired('overlapAdd = sum of windows');
      if (lieOf(node).count === 0) return b.like(node, 0);
      const sum = gathered(b, node, sums.get(y) ?? { of: y, axes: [] }), made = b.reduce('add', sum.of, sum.axes);
      sums.set(made, sum);
      return made;
    });
    return b.finish(module.main);
  },
};

/** what is added up along the axes */
interface Sum { readonly of: Node; readonly axes: readonly number[] }
const gathered = (b: Builder, node: Overlap, { of, axes }: Sum): Sum => {
  // where the two axes stand among those that are added up
  const kept = others(of.type.shape, axes), [axis, element] = [kept[node.attrs.axis], kept[node.attrs.axis + 1]], lie = lieOf(node);
  const beside = element === axis + 1 ? of : b.transpose(of, nextTo(of, axis, element)), at = element === axis + 1 ? axes : axes.map((i) => nextTo(of, axis, element).indexOf(i));
  return { of: diagonal(b, spreadWindows(b, b.reverse(beside, [axis + 1]), axis, lie), axis + 1), axes: [...at, axis + 1] };
};
/** the order of axes in which `element` follows `axis`, which comes before it */
const nextTo = (x: Node, axis: number, element: number): readonly number[] => axesOf(x.type.shape).flatMap((i) => (i === element ? [] : i === axis ? [axis, element] : [i]));
/** the elements of two neighbouring axes of one size that have the same place in both */
const diagonal = (b: Builder, x: Node, axis: number): Node => {
  const size = Number(x.type.shape[axis]), { shape } = x.type;
  return cut(b, b.reshape(x, [...shape.slice(0, axis), size * size, ...shape.slice(axis + 2)]), axis, 0, size * size, size + 1);
};

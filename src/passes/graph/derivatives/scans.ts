import { isFloat } from '../../../core/dtype.ts';
import type { TensorType } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Graph, Node } from '../../../ir/graph/syntax.ts';
import { graphOver, inlineGraph, topological } from '../../../ir/graph/walk.ts';
import { copyOf } from './copies.ts';
import { orZeros, sum, type Change, type Changes, type Derive } from './rule.ts';

type Scan = Node<'scan'>;
/** what a run is given: carries, rows, and what all runs share */
interface Parts<A> { readonly carries: readonly A[]; readonly slices: readonly A[]; readonly others: readonly A[] }
const partsOf = <A>({ carries, slices }: Scan['attrs'], all: readonly A[]): Parts<A> =>
  ({ carries: all.slice(0, carries), slices: all.slice(carries, carries + slices), others: all.slice(carries + slices) });
const isFloating = (x: Node): boolean => isFloat(x.type.dtype);
/** of what is made for each of these places, from `first` on, that of one place */
const madeAt = (made: readonly Node[], first: number, places: readonly number[], place: number): Change => (places.includes(place) ? made[first + places.indexOf(place)] : undefined);
const rowOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: shape.slice(1) });

/** a scan over operands, its body written over rows of the slices */
const scanOver = (b: Builder, wish: string, attrs: Scan['attrs'], { carries, slices, others }: Parts<Node>, body: (params: readonly Node[]) => readonly Node[]): readonly Node[] => {
  const graph = graphOver(b, wish, [...carries.map((x) => x.type), ...slices.map((x) => rowOf(x.type)), ...others.map((x) => x.type)], body);
  return b.resultsOf(b.node('scan', { ...attrs, graph, carries: carries.length, slices: slices.length }, [...carries, ...slices, ...others]));
};

/** a graph's body, the composites in it that have no derivative of their own written out */
const opened = (b: Builder, graph: Graph, args: readonly Node[]): readonly Node[] => {
  const copy = copyOf(b, graph, args, ({ op, attrs }, inputs) => (op === 'composite' && attrs.vjp === undefined && attrs.jvp === undefined ? opened(b, b.graph(attrs.body), inputs) : undefined));
  return graph.results.map(copy.of);
};
const isSaved = ({ save }: Scan['attrs'], x: Node): boolean => save === 'contractions' && x.op === 'dotGeneral';

/** The same scan, that gives beside its results what reverse mode keeps of each run: its contractions, if it is told so, and the carries with which it began. */
export const saving = (b: Builder, { attrs, origins }: Scan, inputs: readonly Node[]): Scan => {
  const body = b.graph(attrs.graph), { carries, slices, others } = partsOf(attrs, inputs);
  const graph = graphOver(b, `${attrs.graph}_saving`, [...carries.map((x) => x.type), ...slices.map((x) => rowOf(x.type)), ...others.map((x) => x.type)],
    (params) => {
      const own = attrs.save === undefined ? inlineGraph(b, body, params) : opened(b, body, params);
      return [...own, ...topological(own).filter((x) => isSaved(attrs, x) && !own.includes(x)), ...params.slice(0, attrs.carries)];
    });
  return b.node('scan', { ...attrs, graph }, inputs, { origins });
};

/**
 * Reverse mode of a scan that has saved its carries: a scan the other way, which begins each run with what the forward one
 * began it with, computes the run again, but for what is kept of it, and pulls the cotangents of its results back. What all runs share adds up in carries.
 */
export const vjpOfScan = (node: Scan, cotangents: Changes, d: Derive, wanted: readonly number[]): Changes => {
  const { b } = d, { attrs } = node, body = b.graph(attrs.graph), given = partsOf(attrs, node.inputs), results = b.resultsOf(node);
  const begun = results.slice(results.length - attrs.carries), ys = results.slice(attrs.carries, results.length - attrs.carries);
  const isWanted = (i: number): boolean => wanted.includes(i);
  const floating = given.carries.flatMap((x, i) => (isFloating(x) ? [i] : [])), stacked = ys.flatMap((_, i) => (cotangents[attrs.carries + i] === undefined ? [] : [i])), kept = ys.flatMap((_, i) => (isSaved(attrs, body.results[attrs.carries + i]) ? [i] : []));
  const wantedSlices = given.slices.flatMap((_, i) => (isWanted(attrs.carries + i) ? [i] : [])), firstOther = attrs.carries + attrs.slices, wantedOthers = given.others.flatMap((_, i) => (isWanted(firstOther + i) ? [i] : []));
  const operands: Parts<Node> = {
    carries: [...floating.map((i) => orZeros(b, cotangents[i], given.carries[i])), ...wantedOthers.map((i) => b.like(given.others[i], 0))],
    slices: [...begun, ...given.slices, ...stacked.map((i) => orZeros(b, cotangents[attrs.carries + i], ys[i])), ...kept.map((i) => ys[i])],
    others: given.others,
  };
  const made = scanOver(b, `${attrs.graph}_vjp`, { ...attrs, reverse: !attrs.reverse }, operands, (params) => {
    const own = partsOf({ ...attrs, carries: operands.carries.length, slices: operands.slices.length }, params), back = own.carries.slice(0, floating.length), totals = own.carries.slice(floating.length);
    const args = [...own.slices.slice(0, firstOther), ...own.others], fromYs = own.slices.slice(firstOther);
    const seeds: Change[] = body.results.map((_, i) => (i < attrs.carries ? back[floating.indexOf(i)] : fromYs[stacked.indexOf(i - attrs.carries)]));
    const wrt = args.flatMap((_, i) => (i < attrs.carries || isWanted(i) ? [i] : []));
    const changes = d.vjp(body, args, seeds, wrt, new Map(kept.map((i, k) => [body.results[attrs.carries + i], fromYs[stacked.length + k]])));
    return [
      ...floating.map((i) => orZeros(b, changes[i], args[i])),
      ...wantedOthers.map((i, k) => sum(b, [totals[k], changes[firstOther + i]]) ?? totals[k]),
      ...wantedSlices.map((i) => orZeros(b, changes[attrs.carries + i], args[attrs.carries + i])),
    ];
  });
  return node.inputs.map((_, i): Change => {
    if (i < attrs.carries) return madeAt(made, 0, floating, i);
    return i < firstOther ? madeAt(made, operands.carries.length, wantedSlices, i - attrs.carries) : madeAt(made, floating.length, wantedOthers, i - firstOther);
  });
};

/** Forward mode: one scan of values and tangents together. */
export const jvpOfScan = (node: Scan, inputs: readonly Node[], tangents: Changes, d: Derive): { readonly values: readonly Node[]; readonly tangents: Changes } => {
  const { b } = d, { attrs } = node, body = b.graph(attrs.graph), given = partsOf(attrs, inputs), changes = partsOf(attrs, tangents);
  const floating = given.carries.flatMap((x, i) => (isFloating(x) ? [i] : [])), moving = (all: Changes): readonly number[] => all.flatMap((t, i) => (t === undefined ? [] : [i]));
  const slices = moving(changes.slices), others = moving(changes.others), floatYs = body.results.flatMap((r, i) => (i >= attrs.carries && isFloating(r) ? [i] : []));
  const present = (all: Changes): readonly Node[] => all.filter((t) => t !== undefined);
  const made = scanOver(b, `${attrs.graph}_jvp`, attrs, {
    carries: [...given.carries, ...floating.map((i) => orZeros(b, changes.carries[i], given.carries[i]))],
    slices: [...given.slices, ...present(changes.slices)], others: [...given.others, ...present(changes.others)],
  }, (params) => {
    let next = 0;
    const take = (n: number): readonly Node[] => params.slice(next, next += n), c = take(attrs.carries), tc = take(floating.length), x = take(attrs.slices), tx = take(slices.length), o = take(given.others.length), to = take(others.length);
    const seeds: Change[] = [...c.map((_, i) => tc[floating.indexOf(i)]), ...x.map((_, i) => tx[slices.indexOf(i)]), ...o.map((_, i) => to[others.indexOf(i)])];
    const args = [...c, ...x, ...o], values = inlineGraph(b, body, args), moved = d.jvp(body, args, seeds);
    return [...values.slice(0, attrs.carries), ...floating.map((i) => orZeros(b, moved[i], values[i])), ...values.slice(attrs.carries), ...floatYs.map((i) => orZeros(b, moved[i], values[i]))];
  });
  const first = attrs.carries + floating.length, ys = body.results.length - attrs.carries;
  return {
    values: [...made.slice(0, attrs.carries), ...made.slice(first, first + ys)],
    tangents: body.results.map((_, i) => (i < attrs.carries ? madeAt(made, attrs.carries, floating, i) : madeAt(made, first + ys, floatYs, i))),
  };
};

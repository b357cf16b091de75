import type { TensorType } from '../../core/dim.ts';
import { createBuilder } from './builder.ts';
import type { Builder } from './build.ts';
import type { Module, Node } from './syntax.ts';
import { inlineGraph, nodesOf, transcribe } from './walk.ts';

/**
 * The same module with every scan written out, run by run, and every case as a choice among the results of all its branches:
 * what they mean, in the other operations. So is a while, if it is known how often it runs at most.
 */
export const unrolled = (module: Module, most?: (loop: Node<'while'>) => number): Module => {
  const isWritten = (n: Node): boolean => n.op === 'scan' || n.op === 'case' || (n.op === 'while' && most !== undefined);
  if (![...module.graphs.values()].some((graph) => nodesOf(graph).some(isWritten))) return module;
  const b = createBuilder(), results = new Map<Node, readonly Node[]>();
  transcribe(module, b, (node, inputs) => {
    if (node.op === 'get') return results.get(node.inputs[0])?.[node.attrs.index];
    const written = node.op === 'scan' ? runs(b, node, inputs) : node.op === 'case' ? choice(b, node, inputs) : node.op === 'while' && most !== undefined ? repeated(b, node, inputs, most(node)) : undefined;
    if (written === undefined) return undefined;
    results.set(node, written);
    return written[0] ?? b.constant({ dtype: 'f32', shape: [] }, 0);
  });
  return b.finish(module.main);
};

const runs = (b: Builder, { attrs: { graph, carries, slices, length, reverse }, results }: Node<'scan'>, inputs: readonly Node[]): readonly Node[] => {
  const body = b.graph(graph), given = inputs.slice(carries, carries + slices), others = inputs.slice(carries + slices), stacked = results.slice(carries).map((): Node[] => []);
  let state = inputs.slice(0, carries);
  for (let n = 0; n < length; n++) {
    const t = reverse ? length - 1 - n : n, made = inlineGraph(b, body, [...state, ...given.map((x) => rowAt(b, x, t)), ...others]);
    state = made.slice(0, carries);
    made.slice(carries).forEach((y, i) => { stacked[i][t] = b.reshape(y, [1, ...y.type.shape]); });
  }
  return [...state, ...stacked.map((rows, i) => (length === 0 ? b.constant(results[carries + i], 0) : stack(b, rows, results[carries + i])))];
};
/** runs that change nothing any more once the test has failed */
const repeated = (b: Builder, { attrs: { test, body, carries } }: Node<'while'>, inputs: readonly Node[], most: number): readonly Node[] => {
  let state = inputs.slice(0, carries);
  for (let n = 0; n < most; n++) {
    const all = [...state, ...inputs.slice(carries)], [goes] = inlineGraph(b, b.graph(test), all), next = inlineGraph(b, b.graph(body), all);
    state = state.map((x, i) => b.map('select', [b.broadcastInDim(goes, x.type.shape, []), next[i], x]));
  }
  return state;
};
/** a few rows side by side; of many each is chosen at its place, so that no kernel reads them all */
const stack = (b: Builder, rows: readonly Node[], type: TensorType): Node => {
  if (rows.length <= few) return b.concatenate(rows, 0);
  const place = b.iota({ dtype: 'i32', shape: type.shape }, 0), axes = type.shape.map((_, i) => i);
  return rows.slice(1).reduce((all, row, t) => b.map('select', [b.map('eq', [place, b.like(place, t + 1)]), b.broadcastInDim(row, type.shape, axes), all]), b.broadcastInDim(rows[0], type.shape, axes));
};
const few = 6;
const choice = (b: Builder, { attrs: { branches } }: Node<'case'>, [index, ...args]: readonly Node[]): readonly Node[] => {
  const all = branches.map((name) => inlineGraph(b, b.graph(name), args)), last = all[all.length - 1];
  return last.map((other, i) => all.slice(0, -1).reduceRight<Node>((rest, results, k) => b.map('select', [b.broadcastInDim(b.map('eq', [index, b.like(index, k)]), other.type.shape, []), results[i], rest]), other));
};
const rowAt = (b: Builder, x: Node, t: number): Node => {
  const { shape } = x.type;
  return b.reshape(b.slice(x, shape.map((_, i) => (i === 0 ? t : 0)), shape.map((d, i) => (i === 0 ? t + 1 : typeof d === 'number' ? d : -1))), shape.slice(1));
};

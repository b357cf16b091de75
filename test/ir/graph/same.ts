import { expect } from 'vitest';
import { scalarName } from '../../../src/ir/scalars.ts';
import type { Graph, Module, Node } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';

/** A module without ids and origins, every operand by its place, every array by its bits: what a round trip must keep. */
const plainModule = (module: Module): unknown => ({ main: module.main, graphs: new Map([...module.graphs].map(([name, graph]) => [name, plainGraph(graph)])) });
const plainGraph = (graph: Graph): unknown => {
  const order = topological([...graph.params, ...graph.results]), at = new Map(order.map((node, i) => [node, i]));
  return { name: graph.name, params: graph.params.map((p) => at.get(p)), results: graph.results.map((r) => at.get(r)), nodes: order.map((node) => plainNode(node, at)) };
};
const plainNode = ({ op, attrs, inputs, results, type, clone }: Node, at: ReadonlyMap<Node, number>): unknown =>
  ({ op, results, type, clone, inputs: inputs.map((x) => at.get(x)), attrs: Object.fromEntries(Object.entries(attrs).map(([key, v]) => [key, plainValue(v)])) });
const plainValue = (v: unknown): unknown => {
  if (typeof v === 'object' && v !== null && 'custom' in v) return `custom ${scalarName(v as never)}`;
  if (!ArrayBuffer.isView(v)) return v;
  return { kind: v.constructor.name, bytes: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('hex') };
};

export const expectSame = (actual: Module, wanted: Module): void => expect(plainModule(actual)).toStrictEqual(plainModule(wanted));

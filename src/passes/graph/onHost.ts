import type { TensorType } from '../../core/dim.ts';
import { isInteger } from '../../core/dtype.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Graph, Module, Node } from '../../ir/graph/syntax.ts';
import { inlineGraph, nodesOf } from '../../ir/graph/walk.ts';

/** Where a value comes from: an argument of the whole, or a result of the part that the host or the device computes. */
export interface From { readonly part: 'argument' | 'host' | 'device'; readonly index: number }
/** A program in two, the host's first. `inputs`: what the device's parameters are; `outputs`: what the results of the whole are. */
export interface Split { readonly host: Module; readonly hostInputs: readonly number[]; /** the types of what the host computes */ readonly handed: readonly TensorType[]; readonly device: Module; readonly inputs: readonly From[]; readonly outputs: readonly From[] }

/**
 * Parts off what the host computes for a device, such as the bits of random numbers: what `onHost` says is needed, and what is
 * better there if it is made of integers that were given; also what that is made of, and the integers and conversions that
 * are made of it alone. Undefined where there is nothing, or where what is needed is made of numbers that the device computes.
 */
export const splitOff = (graph: Graph, onHost: (node: Node) => 'needed' | 'better' | undefined): Split | undefined => {
  const nodes = nodesOf(graph), computed = ofFloats(nodes);
  const own = ancestors(nodes, nodes.filter((n) => { const where = onHost(n); return where === 'needed' || where === 'better' && !computed.has(n); }));
  if (own.size === 0 || [...own].some((n) => n.op === 'parameter' && !isInteger(n.type.dtype))) return undefined;
  const isMade = (n: Node): boolean => own.has(n) && !isGiven(n);
  for (const n of nodes) {
    const stays = n.op === 'get' || n.results.every((t) => isInteger(t.dtype) || t.dtype === 'bool') || (n.op === 'map' && n.attrs.fn === 'convert');
    if (stays && n.inputs.some(isMade) && n.inputs.every((x) => own.has(x) || isGiven(x) && !(x.op === 'parameter' && !isInteger(x.type.dtype)))) for (const x of [n, ...n.inputs]) own.add(x);
  }
  const read = new Set<Node>([...nodes.filter((n) => !own.has(n)).flatMap((n) => n.inputs), ...graph.results].filter(isMade)), handed = [...read];
  const results = graph.results.map((r) => (isMade(r) ? undefined : r)), kept = results.filter((r) => r !== undefined);
  const host = part(graph, graph.params.filter((p) => own.has(p)), [], handed);
  const wanted = ancestors(nodes, kept, read), params = graph.params.filter((p) => wanted.has(p)), taken = handed.filter((n) => wanted.has(n));
  const place = (p: Node): number => graph.params.findIndex((q) => q === p);
  let next = 0;
  return {
    host, handed: handed.map((n) => n.type), hostInputs: graph.params.flatMap((p, i) => (own.has(p) ? [i] : [])), device: part(graph, params, taken, kept),
    inputs: [...params.map((p): From => ({ part: 'argument', index: place(p) })), ...taken.map((n): From => ({ part: 'host', index: handed.indexOf(n) }))],
    outputs: graph.results.map((r, i): From => (results[i] === undefined ? { part: 'host', index: handed.indexOf(r) } : { part: 'device', index: next++ })),
  };
};
/** what is made of numbers other than integers */
const ofFloats = (nodes: readonly Node[]): ReadonlySet<Node> => {
  const all = new Set<Node>();
  for (const n of nodes) if (n.op === 'parameter' ? !isInteger(n.type.dtype) : n.inputs.some((x) => all.has(x))) all.add(n);
  return all;
};
const isGiven = (n: Node): boolean => n.op === 'parameter' || n.op === 'constant' || n.op === 'iota';
/** the nodes and all that they are made of, but for what lies beyond those at `until` */
const ancestors = (nodes: readonly Node[], of: readonly Node[], until: ReadonlySet<Node> = new Set()): Set<Node> => {
  const all = new Set(of);
  for (const n of [...nodes].reverse()) if (all.has(n) && !until.has(n)) for (const x of n.inputs) all.add(x);
  return all;
};
/** the results over some of the parameters, and over values that become parameters */
const part = (graph: Graph, params: readonly Node<'parameter'>[], taken: readonly Node[], results: readonly Node[]): Module => {
  const b = createBuilder(), main = b.freshName(graph.name);
  const own = [...params.map((p) => p.attrs.name), ...taken.map((_, i) => `host${i}`)].map((name, i) => b.parameter(main, i, name, [...params, ...taken][i].type));
  b.addGraph({ name: main, params: own, results: inlineGraph(b, { name: main, params: [], results }, [], [...params, ...taken].map((x, i) => [x, own[i]] as const)) });
  return b.finish(main);
};

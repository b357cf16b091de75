import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import { isFloat } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { Origin } from '../../core/origin.ts';
import { placeOf } from '../../core/place.ts';
import { diagnosticError } from '../../core/render.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Attrs, Derivative, Mapping, Module, Node } from '../../ir/graph/syntax.ts';
import { calleesFirst, nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { mapped, shared, spread, toFront, type Values } from './batching/rule.ts';
import { batcher, type Batcher } from './batching/sweep.ts';
import { orZeros, sum, type Derive } from './derivatives/rule.ts';
import { splatOf } from './facts.ts';
import { overHalves } from './halves.ts';
import { derive, forward, reverse, type Refuse } from './derivatives/sweeps.ts';
import { sinkBranches } from './sinkBranches.ts';

/** An operation that a transformation cannot pass through; its place is still to be resolved from its origins. */
export interface RefusedTransform extends Diagnostic { readonly origins: readonly Origin[] }

/**
 * Replaces every derivative of a graph, and every graph mapped over examples or kept in halves, by operations, the innermost first: a graph is
 * written only after the graphs that it names, so that what is transformed holds no transformation any more. Composites stay
 * whole in the forward part, and over examples.
 */
export const expandTransforms: Pass = {
  name: 'expandTransforms',
  run: (module, fired) => {
    const { expanded, refused } = expand(module, fired), [first, ...more] = refused.map(placed);
    if (first !== undefined) throw diagnosticError([first, ...more]);
    return expanded;
  },
};

/** with the place where the user wrote it */
const placed = ({ origins, ...said }: RefusedTransform): Diagnostic => {
  const place = origins.map(placeOf).find((p) => p !== undefined);
  return { ...said, ...(place && { place }) };
};

/** Every operation that is differentiated and has no derivative, or is mapped and cannot be; where there is none, `expandTransforms` succeeds. */
export const transformRefusals = (module: Module): readonly RefusedTransform[] => expand(module, () => undefined).refused;
/** The same, where they were written. */
export const undifferentiable = (module: Module): readonly Diagnostic[] => transformRefusals(module).map(placed);

const expand = (written: Module, fired: (rule: string) => void): { readonly expanded: Module; readonly refused: readonly RefusedTransform[] } => {
  if (![...written.graphs.values()].some((graph) => nodesOf(graph).some((node) => node.op === 'transform'))) return { expanded: reachable(written), refused: [] };
  // zero times the slope of what a branch would have computed that was not taken may be no number: it is differentiated in the branch
  const module = sinkBranches.run(written, fired);
  const b = createBuilder(), refused = { vjp: new Map<Node, RefusedTransform>(), jvp: new Map<Node, RefusedTransform>(), vmap: new Map<Node, RefusedTransform>() };
  // a graph written on the way takes no name of one that is still to come
  for (const name of module.graphs.keys()) b.freshName(name);
  const refuse: Refuse = (mode, node, { refused: reason }) => {
    const message = `${nameOf(node)} has no ${mode === 'vjp' ? 'reverse' : 'forward'}-mode derivative: ${reason}`;
    refused[mode].set(node, { ...diagnostic(mode === 'vjp' ? 'FX4001' : 'FX4002', message), origins: node.origins });
  };
  const batches = batcher(b, (node, { refused: reason }) => {
    refused.vmap.set(node, { ...diagnostic('FX4003', `${nameOf(node)} cannot be mapped over examples: ${reason}`), origins: node.origins });
  });
  const d = derive(b, refuse), results = new Map<Node, readonly Node[]>();
  transcribe(module, b, (node, inputs) => {
    if (node.op === 'get') return results.get(node.inputs[0])?.[node.attrs.index];
    if (node.op !== 'transform') return undefined;
    fired(`expand ${node.attrs.kind}`);
    const values = expansion(node.attrs, inputs, d, refuse, batches);
    results.set(node, values);
    return values[0];
  });
  return { expanded: reachable(b.finish(module.main)), refused: [...refused.vjp.values(), ...refused.jvp.values(), ...refused.vmap.values()] };
};
const reachable = (module: Module): Module => ({ main: module.main, graphs: new Map(calleesFirst(module).map((graph) => [graph.name, graph])) });

/** the operation as the user knows it */
const nameOf = (node: Node): string => {
  switch (node.op) {
    case 'composite': return node.attrs.name;
    case 'reduce': case 'scatter': return `${node.op} ${node.attrs.monoid}`;
    default: return node.op;
  }
};

const expansion = (attrs: Attrs['transform'], inputs: readonly Node[], d: Derive, refuse: Refuse, batches: Batcher): readonly Node[] => {
  switch (attrs.kind) {
    case 'vmap': return overExamples(attrs, inputs, d, batches);
    case 'store': return overHalves(d.b, attrs.dtype, d.b.graph(attrs.graph), inputs);
    case 'vjp': case 'jvp': return derivatives[attrs.kind](attrs, inputs, d, refuse);
  }
};

const overExamples = ({ graph, axes }: Mapping, inputs: readonly Node[], { b }: Derive, batches: Batcher): readonly Node[] => {
  const args: Values = inputs.map((x, i) => { const axis = axes[i]; return axis === null ? shared(x) : mapped(toFront(b, x, axis)); });
  const first = args.find((x) => x.isMapped);
  invariant(first !== undefined, 'vmap: no argument is mapped over');
  const [size] = first.node.type.shape;
  return batches.write(b.graph(graph), args, size).map((r) => spread({ b, size }, r));
};

type Expansion = (attrs: Derivative, inputs: readonly Node[], d: Derive, refuse: Refuse) => readonly Node[];
const derivatives: { readonly [K in Derivative['kind']]: Expansion } = {
  vjp: ({ graph: name, wrt }, inputs, d, refuse) => {
    const graph = d.b.graph(name), args = inputs.slice(0, graph.params.length);
    const seeds = forFloats(graph.results, inputs.slice(graph.params.length));
    const { results, cotangents } = reverse(d, refuse, graph, args, seeds, wrt);
    return [...results, ...wrt.map((i) => orZeros(d.b, cotangents[i], args[i]))];
  },
  jvp: ({ graph: name, wrt }, inputs, d, refuse) => {
    const graph = d.b.graph(name), args = inputs.slice(0, graph.params.length);
    const given = inputs.slice(graph.params.length);
    const { results, tangents } = forward(d, refuse, graph, args, args.map((_, i) => sum(d.b, given.filter((x, k) => wrt[k] === i && splatOf(x) !== 0))));
    return [...results, ...results.flatMap((r, i) => (isFloat(r.type.dtype) ? [orZeros(d.b, tangents[i], r)] : []))];
  },
};
/** the given nodes, one for each float result, beside their results; a constant zero is no change: nothing flows from it */
const forFloats = (results: readonly Node[], given: readonly Node[]): readonly (Node | undefined)[] => {
  let next = 0;
  return results.map((r) => (isFloat(r.type.dtype) ? nonZero(given[next++]) : undefined));
};
const nonZero = (x: Node): Node | undefined => (splatOf(x) === 0 ? undefined : x);

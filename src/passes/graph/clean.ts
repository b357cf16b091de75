import { createBuilder } from '../../ir/graph/builder.ts';
import { calleesFirst, inlineGraph, nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Module, Node } from '../../ir/graph/syntax.ts';
import { unrolled } from '../../ir/graph/unroll.ts';
import type { Pass } from '../pass.ts';
import { isSettled, rewrite, rule, type Rule } from './rewrite.ts';

/** Equal values become one: a module's builder makes every distinct node once, so writing the module anew suffices. */
export const cse: Pass = {
  name: 'cse',
  run: (module) => {
    if (isSettled(module)) return module;
    const b = createBuilder();
    transcribe(module, b, () => undefined);
    return b.finish(module.main);
  },
};

const onlyUsed = (module: Module): Module =>
  ({ main: module.main, graphs: new Map(calleesFirst(module).map((graph) => [graph.name, graph])) });
/** Leaves out graphs that nothing names any more. Within a graph, only what its results need exists. */
export const dce: Pass = {
  name: 'dce',
  run: (module, fired) => {
    const used = onlyUsed(module);
    for (let k = used.graphs.size; k < module.graphs.size; k++) fired('drop an unused graph');
    return used;
  },
};

/** After differentiation it has done its work. */
export const stopGradientRules: readonly Rule[] = [
  rule('stopGradient x = x', (p, x) => p.map('stopGradient', x), (_, x) => x, { class: 'exact' }),
];
export const removeStopGradient = rewrite('removeStopGradient', stopGradientRules);

type Named = Node<'call'> | Node<'composite'>;
const isNamed = (node: Node): node is Named => node.op === 'call' || node.op === 'composite';
const bodyOf = (node: Named): string => (node.op === 'call' ? node.attrs.graph : node.attrs.body);

/** Writes the bodies of the chosen calls and composites in their place, inner ones first. */
export const inlined = (module: Module, chosen: (node: Named) => boolean, fired: () => void): Module => {
  const hasChosen = [...module.graphs.values()].some((graph) => nodesOf(graph).some((node) => isNamed(node) && chosen(node)));
  if (!hasChosen) return module;
  const b = createBuilder(), results = new Map<Node, readonly Node[]>();
  transcribe(module, b, (node, inputs) => {
    if (node.op === 'get') return results.get(node.inputs[0])?.[node.attrs.index];
    if (!isNamed(node) || !chosen(node)) return undefined;
    fired();
    const values = inlineGraph(b, b.graph(bodyOf(node)), inputs);
    results.set(node, values);
    return values[0];
  });
  return onlyUsed(b.finish(module.main));
};
export const inlineCalls: Pass = {
  name: 'inlineCalls', run: (module, fired) => inlined(module, (node) => node.op === 'call', () => fired('call = body')),
};
/** Dissolves what differentiation, dumps and export like to see whole. */
export const inlineComposites: Pass = {
  name: 'inlineComposites', run: (module, fired) => inlined(module, (node) => node.op === 'composite', () => fired('composite = body')),
};

/** Scans and cases written out, for targets that run no loops and branches of kernels. */
export const unrollLoops: Pass = { name: 'unrollLoops', run: (module, fired) => { const written = unrolled(module); if (written !== module) fired('write out loops and choices'); return written; } };

import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';

/**
 * Where a kernel reads few buffers, many tensors side by side become few that hold some of them side by side each: the planner
 * stores those, where a kernel would read too much without (see `findSeeds`).
 */
export const splitConcats = (most: number): Pass => ({
  name: 'splitConcats',
  run: (module, fired) => {
    const isWide = (node: Node): node is Node<'concatenate'> => node.op === 'concatenate' && new Set(node.inputs).size > most;
    if (![...module.graphs.values()].some((graph) => nodesOf(graph).some(isWide))) return module;
    const b = createBuilder();
    transcribe(module, b, (node, inputs) => {
      if (!isWide(node)) return undefined;
      fired('concatenate = concatenate of fewer');
      return joined(b, inputs, node.attrs.axis, most);
    });
    return b.finish(module.main);
  },
});

const joined = (b: Builder, parts: readonly Node[], axis: number, most: number): Node => {
  if (parts.length <= most) return b.concatenate(parts, axis);
  const count = Math.ceil(parts.length / most), few = Array.from({ length: count }, (_, i) => parts.slice(i * most, (i + 1) * most));
  return joined(b, few.map((own) => (own.length === 1 ? own[0] : b.concatenate(own, axis))), axis, most);
};

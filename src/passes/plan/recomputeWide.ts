import { createBuilder } from '../../ir/graph/builder.ts';
import type { Graph, Node } from '../../ir/graph/syntax.ts';
import { copyNode, topological } from '../../ir/graph/walk.ts';
import type { Draft } from './merge.ts';
import { bytesOf, isSource } from './seeds.ts';

/** Groups as they were merged, the seeds of all of them, and the values that are better never stored. */
export interface Merged { readonly drafts: readonly Draft[]; readonly seeds: ReadonlySet<Node>; readonly transient: ReadonlySet<Node>; readonly results: ReadonlySet<Node> }

/** the values better not stored that a group reads and another has made */
const wideInputs = ({ transient, results }: Merged, d: Draft): readonly Node[] => [...d.inputs].filter((x) => transient.has(x) && !results.has(x));

/** Bytes of values that are stored although they had better not be. */
export const wideBytes = (m: Merged): number =>
  [...new Set(m.drafts.flatMap((d) => wideInputs(m, d)))].reduce((sum, x) => sum + bytesOf(x), 0);

/**
 * The graph in which a group that reads such values computes them a second time, from what they were made of: the way back
 * through attention makes its probabilities again of queries, keys and the sums of the rows. `params`: where the parameters went.
 */
export const recomputeWide = (graph: Graph, m: Merged): { readonly graph: Graph; readonly params: ReadonlyMap<Node, Node> } => {
  const owner = new Map(m.drafts.flatMap((d) => d.seeds.map((n) => [n, d] as const)));
  const again = new Map(m.drafts.filter((d) => wideInputs(m, d).length > 0).map((d, i) => [d, { mark: i + 1, images: new Map<Node, Node>() }]));
  const wantedBy = new Map<Node, Draft[]>();
  for (const d of again.keys()) for (const x of madeAgain(m, owner, d)) wantedBy.set(x, [...(wantedBy.get(x) ?? []), d]);
  const b = createBuilder(), home = new Map<Node, Node>();
  const imageIn = (d: Draft | undefined, x: Node): Node => (d && again.get(d)?.images.get(x)) ?? home.get(x) ?? x;
  for (const node of topological([...graph.params, ...graph.results])) {
    home.set(node, copyNode(b, node, node.inputs.map((x) => imageIn(owner.get(node), x))));
    for (const d of wantedBy.get(node) ?? []) {
      const inputs = node.inputs.map((x) => imageIn(d, x)), copy = again.get(d);
      copy?.images.set(node, m.seeds.has(node) ? b.node(node.op, node.attrs, inputs, { origins: node.origins, clone: copy.mark }) : copyNode(b, node, inputs));
    }
  }
  // SAFETY: a copied parameter is a parameter
  const params = graph.params.map((p) => home.get(p) as Node<'parameter'>);
  return { graph: { name: graph.name, params, results: graph.results.map((n) => home.get(n) ?? n) }, params: home };
};

/** what a group would have to compute for itself, with all that is inlined on the way */
const madeAgain = ({ seeds, transient, results }: Merged, owner: ReadonlyMap<Node, Draft>, d: Draft): ReadonlySet<Node> => {
  const found = new Set<Node>(), pending = d.seeds.flatMap((n) => n.inputs);
  for (let x = pending.pop(); x !== undefined; x = pending.pop()) {
    const isWanted = seeds.has(x) ? owner.get(x) !== d && transient.has(x) && !results.has(x) : !isSource(x);
    if (found.has(x) || !isWanted) continue;
    found.add(x);
    pending.push(...x.inputs);
  }
  return found;
};

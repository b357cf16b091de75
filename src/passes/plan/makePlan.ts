import { invariant } from '../../core/invariant.ts';
import type { Graph, Node } from '../../ir/graph/syntax.ts';
import { topological } from '../../ir/graph/walk.ts';
import type { Target } from '../../ir/target.ts';
import type { FusionRule } from './fusion.ts';
import { borderedIn, insidesOf } from './borders.ts';
import { heldValues } from './held.ts';
import { mergeGroups } from './merge.ts';
import { orderGroups } from './order.ts';
import type { Group, Plan } from './plan.ts';
import { recomputeWide, wideBytes, type Merged } from './recomputeWide.ts';
import { findSeeds, isSource } from './seeds.ts';
import { transientValues } from './transients.ts';

/** What a graph that is run needs: the graphs that it runs itself, and which result may take the memory of which parameter. */
export interface Surroundings {
  readonly graphs: ReadonlyMap<string, Graph>;
  readonly mayTake?: (result: number, param: number) => boolean;
}
/**
 * Decides which nodes share a kernel and in which order the kernels run. The graph holds neither calls nor composites
 * nor transforms any more. `donated`: parameters whose memory results may take over. `rules`: merges forbidden or asked for.
 */
export const makePlan = (graph: Graph, target: Target, donated: ReadonlySet<Node> = new Set(), rules: readonly FusionRule[] = [], around: Surroundings = { graphs: new Map() }): Plan => {
  const merged = merge(graph, target, rules), stored = wideBytes(merged), bodies = bodiesOf(graph, target, rules, around.graphs);
  if (stored > 0) {
    const { graph: again, params } = recomputeWide(graph, merged), second = merge(again, target, rules);
    if (wideBytes(second) < stored) return planOf(again, second, target, new Set([...donated].map((p) => params.get(p) ?? p)), around, bodiesOf(again, target, rules, around.graphs));
  }
  return planOf(graph, merged, target, donated, around, bodies);
};
/** The plans of the graphs that are run; a carry's new value may take over the memory of the old one. */
const bodiesOf = (graph: Graph, target: Target, rules: readonly FusionRule[], graphs: Surroundings['graphs']): Plan['bodies'] => {
  const planned = (name: string, carries: number): Plan => {
    const body = graphs.get(name);
    invariant(body !== undefined, `no graph is called '${name}'`);
    return makePlan(body, target, new Set(body.params.slice(0, carries)), rules, { graphs, mayTake: (result, param) => result === param });
  };
  return new Map(topological([...graph.results]).flatMap((n): readonly (readonly [Node, readonly Plan[]])[] => {
    switch (n.op) {
      case 'scan': return [[n, [planned(n.attrs.graph, n.attrs.carries)]]];
      case 'while': return [[n, [planned(n.attrs.test, 0), planned(n.attrs.body, n.attrs.carries)]]];
      case 'case': return [[n, n.attrs.branches.map((name) => planned(name, 0))]];
      default: return [];
    }
  }));
};

const merge = (graph: Graph, target: Target, rules: readonly FusionRule[]): Merged & { readonly all: readonly Node[] } => {
  const all = ownResults(graph), seeds = findSeeds(all, target), transient = target.shape === 'flat' ? new Set<Node>() : transientValues(topological([...all]));
  return { all, results: new Set(all), seeds, transient, drafts: mergeGroups(seeds, all, target, transient, rules) };
};

const planOf = (graph: Graph, { drafts, seeds: all, all: results }: ReturnType<typeof merge>, target: Target, donated: ReadonlySet<Node>, { mayTake }: Surroundings, bodies: Plan['bodies']): Plan => {
  const { drafts: ordered, inPlace } = orderGroups(drafts, all, results, donated, mayTake);
  const groups = ordered.map(({ seeds, roots, nest, why }, id): Group => ({
    id, members: seeds, roots: [...roots], why,
    nest: nest.kind === 'rows' && target.shape === 'tiled' ? { ...nest, held: heldValues(nest, seeds, all, target) } : nest,
  }));
  const bordered = borderedIn(groups, insidesOf(topological([...results]), results, target));
  return { graph, groups, stored: new Set(groups.flatMap((g) => g.roots)), inPlace, bordered, donated, bodies, results };
};

/** A result that is a parameter, a constant or an earlier result again gets a copy, so that each owns its memory. */
const ownResults = (graph: Graph): readonly Node[] => {
  const taken = new Set<Node>();
  let id = Math.max(0, ...graph.results.map((n) => n.id)) + 1;
  return graph.results.map((n) => {
    const own = isSource(n) || n.op === 'constant' || taken.has(n) ? copyOf(n, id++) : n;
    taken.add(own);
    return own;
  });
};
const copyOf = (x: Node, id: number): Node<'reshape'> => ({
  op: 'reshape', attrs: { shape: x.type.shape }, inputs: [x], type: x.type, results: [x.type], id, clone: 0, origins: x.origins,
});

import { invariant } from '../../core/invariant.ts';
import type { Graph, Node } from '../../ir/graph/syntax.ts';
import { topological } from '../../ir/graph/walk.ts';
import type { Target } from '../../ir/target.ts';
import type { FusionRule } from './fusion.ts';
import { borderedIn, insidesOf } from './borders.ts';
import { heldValues } from './held.ts';
import { mergeGroups, type Draft } from './merge.ts';
import { orderGroups } from './order.ts';
import type { Group, Nest, Plan } from './plan.ts';
import { recomputeWide, wideBytes, type Merged } from './recomputeWide.ts';
import { findSeeds, isSource } from './seeds.ts';
import { transientValues } from './transients.ts';
import { inParts, partsApart, updatesOf, type Update, type Updates } from './updates.ts';

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
  const merged = merge(graph, target, rules, donated, around), stored = wideBytes(merged), bodies = bodiesOf(graph, target, rules, around.graphs);
  if (stored > 0) {
    const { graph: again, params } = recomputeWide(graph, merged), given = new Set([...donated].map((p) => params.get(p) ?? p)), second = merge(again, target, rules, given, around);
    if (wideBytes(second) < stored) return planOf(again, second, target, given, around, bodiesOf(again, target, rules, around.graphs));
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

const merge = (graph: Graph, target: Target, rules: readonly FusionRule[], donated: ReadonlySet<Node>, { mayTake }: Surroundings): Merged & { readonly all: readonly Node[]; readonly updates: Updates } => {
  const all = ownResults(graph), updates = target.shape === 'flat' ? new Map<Node, Update>() : updatesOf(all, donated, mayTake);
  const seeds = findSeeds(all, target, partsApart(updates)), transient = target.shape === 'flat' ? new Set<Node>() : transientValues(topological([...all]));
  return { all, updates, results: new Set(all), seeds, transient, drafts: mergeGroups(seeds, all, target, transient, rules, updates) };
};

const planOf = (graph: Graph, { drafts, seeds: all, all: results, updates }: ReturnType<typeof merge>, target: Target, donated: ReadonlySet<Node>, { mayTake }: Surroundings, bodies: Plan['bodies']): Plan => {
  const { drafts: ordered, inPlace } = orderGroups(drafts, all, results, donated, mayTake);
  const nestOf = ({ seeds, roots, nest }: Draft): Nest => {
    if (nest.kind === 'rows' && target.shape === 'tiled') return { ...nest, held: heldValues(nest, seeds, all, target) };
    return nest.kind === 'map' ? inParts([...roots], seeds, updates, inPlace) ?? nest : nest;
  };
  const groups = ordered.map((draft, id): Group => ({ id, members: draft.seeds, roots: [...draft.roots], why: draft.why, nest: nestOf(draft) }));
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

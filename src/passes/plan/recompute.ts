import { maxCount } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { isView } from './access.ts';

/** operations for one element: a transcendental function costs some sixteen sums */
const costOf = (node: Node, isCheap: (n: Node) => boolean): number => (isCheap(node) ? 1 : 16);
/** a kernel's text stays small */
const mostWork = 64;

/**
 * Where a launch is dear, elementwise values that cost less to compute again in every kernel that reads them than a
 * kernel of their own would. `order` lists inputs before users; `kept` are those that must be stored; `evaluations` is how
 * often a node that is stored reads each element of an operand.
 */
export const recomputed = (order: readonly Node[], kept: ReadonlySet<Node>, target: Target, isCheap: (n: Node) => boolean, iterations: (n: Node) => number): ReadonlySet<Node> => {
  const free = target.cost.launch * target.cost.operations, work = workOf(order, kept, isCheap);
  const demand = new Map<Node, number>(), chosen = new Set<Node>();
  for (const node of [...order].reverse()) {
    const wanted = demand.get(node) ?? 0, own = work.get(node) ?? Infinity;
    const isChosen = node.op === 'map' && !kept.has(node) && own <= mostWork && (wanted - maxCount(node.type.shape)) * own <= free;
    if (isChosen) chosen.add(node);
    const reads = isChosen || isView(node) ? wanted : iterations(node);
    for (const x of node.inputs) demand.set(x, (demand.get(x) ?? 0) + reads);
  }
  return chosen;
};

/** operations for one element if all elementwise values below were computed again */
const workOf = (order: readonly Node[], kept: ReadonlySet<Node>, isCheap: (n: Node) => boolean): ReadonlyMap<Node, number> => {
  const work = new Map<Node, number>();
  for (const node of order) {
    const below = node.inputs.reduce((sum, x) => sum + (kept.has(x) ? 0 : work.get(x) ?? 0), 0);
    work.set(node, node.op === 'map' ? below + costOf(node, isCheap) : isView(node) ? below : 0);
  }
  return work;
};

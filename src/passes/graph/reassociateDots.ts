import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Module, Node } from '../../ir/graph/syntax.ts';
import { nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { matrixSizes } from './contractions.ts';

/** longer chains are taken in pieces, since the cost of looking at them grows with the cube */
const longest = 24;

/** A product of matrices that nothing else reads in between, in the order in which it is written. */
export const reassociateDots: Pass = {
  name: 'reassociateDots',
  run: (module, fired) => {
    const inner = innerProducts(module);
    if (inner.size === 0) return module;
    const b = createBuilder(), image = new Map<Node, Node>();
    transcribe(module, b, (node, inputs) => {
      const made = node.op === 'dotGeneral' && matrixSizes(node) !== undefined && !inner.has(node)
        ? cheapest(node, inner, (x) => image.get(x) ?? x, b, fired) : undefined;
      const copy = made ?? b.node(node.op, node.attrs, inputs, { origins: node.origins, clone: node.clone });
      image.set(node, copy);
      return copy;
    });
    return b.finish(module.main);
  },
};

/** matrix products that only another matrix product reads, once, in the usual way: rows of the left, columns of the right */
const innerProducts = (module: Module): ReadonlySet<Node> => {
  const uses = new Map<Node, number>(), inner = new Set<Node>();
  for (const graph of module.graphs.values()) {
    for (const node of nodesOf(graph)) for (const x of node.inputs) uses.set(x, (uses.get(x) ?? 0) + 1);
    for (const x of graph.results) uses.set(x, Infinity);
  }
  for (const graph of module.graphs.values()) {
    for (const node of nodesOf(graph)) {
      if (matrixSizes(node) === undefined) continue;
      node.inputs.forEach((x, side) => { if (matrixSizes(x) !== undefined && uses.get(x) === 1 && isStraight(node, side)) inner.add(x); });
    }
  }
  return inner;
};
/** whether a product's operand is contracted where a chain contracts it: the left one by its columns, the right one by its rows */
const isStraight = (n: Node, side: number): boolean => n.op === 'dotGeneral' && n.attrs.contract[side === 0 ? 0 : 1][0] === (side === 0 ? 1 : 0);

/** one factor, and whether its rows are contracted towards the left (else it stands transposed) */
interface Factor { readonly x: Node; readonly transposed: boolean; readonly rows: number; readonly columns: number }

const factorsOf = (root: Node, inner: ReadonlySet<Node>): readonly Factor[] => {
  const factors: Factor[] = [], pending: { readonly x: Node; readonly transposed: boolean; readonly own: boolean }[] = [{ x: root, transposed: false, own: true }];
  let count = 1;
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    const { x, transposed, own } = top;
    if (own && x.op === 'dotGeneral' && count < longest) {
      count++;
      const [l, r] = x.inputs, [k] = x.attrs.contract[0], [j] = x.attrs.contract[1];
      pending.push({ x: r, transposed: j === 1, own: j === 0 && inner.has(r) }, { x: l, transposed: k === 0, own: k === 1 && inner.has(l) });
    } else {
      const [rows, columns] = x.type.shape.map(Number);
      factors.push(transposed ? { x, transposed, rows: columns, columns: rows } : { x, transposed, rows, columns });
    }
  }
  return factors;
};

/** the order of products with the fewest multiplications (Godbole 1973), where that is fewer than as written */
const cheapest = (root: Node, inner: ReadonlySet<Node>, at: (x: Node) => Node, b: Builder, fired: (rule: string) => void): Node | undefined => {
  const factors = factorsOf(root, inner), n = factors.length;
  if (n < 3) return undefined;
  const cost = factors.map(() => new Array<number>(n).fill(0)), cut = factors.map((_, i) => new Array<number>(n).fill(i));
  for (let length = 2; length <= n; length++) {
    for (let i = 0; i + length <= n; i++) {
      const j = i + length - 1;
      cost[i][j] = Infinity;
      for (let k = i; k < j; k++) {
        const total = cost[i][k] + cost[k + 1][j] + factors[i].rows * factors[k].columns * factors[j].columns;
        if (total < cost[i][j]) { cost[i][j] = total; cut[i][j] = k; }
      }
    }
  }
  if (cost[0][n - 1] >= costAsWritten(root, factors)) return undefined;
  fired('(AB)C = A(BC) by cost');
  return product(factors, cut, 0, n - 1, at, b).x;
};
const costAsWritten = (root: Node, factors: readonly Factor[]): number => {
  const leaves = new Set(factors.map((f) => f.x));
  let total = 0;
  const pending = [root];
  for (let x = pending.pop(); x !== undefined; x = pending.pop()) {
    const sizes = matrixSizes(x);
    if (sizes === undefined || (leaves.has(x) && x !== root)) continue;
    total += sizes[0] * sizes[1] * sizes[2];
    pending.push(...x.inputs);
  }
  return total;
};
/** recursion over at most `longest` factors */
const product = (factors: readonly Factor[], cut: readonly (readonly number[])[], i: number, j: number, at: (x: Node) => Node, b: Builder): { readonly x: Node; readonly transposed: boolean } => {
  if (i === j) return { x: at(factors[i].x), transposed: factors[i].transposed };
  const l = product(factors, cut, i, cut[i][j], at, b), r = product(factors, cut, cut[i][j] + 1, j, at, b);
  return { x: b.dotGeneral(l.x, r.x, { batch: [[], []], contract: [[l.transposed ? 0 : 1], [r.transposed ? 1 : 0]] }), transposed: false };
};

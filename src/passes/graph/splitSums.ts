import { maxCount } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { copyNode, nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { others, wideAxes } from './facts.ts';

type Reduce = Node<'reduce'>;
type Dot = Node<'dotGeneral'>;
/** a sum is long with so many elements, and its parts are few where each is of so many */
const least = { elements: 1 << 15, each: 16 } as const;

/**
 * A long sum over blocks of rows, and over the rows in them, is taken block by block, and then over the blocks: the gradients of a
 * bias and of a small filter by images. What computes its elements goes block by block too, so that threads share both, with the same
 * order of the sum for any number of them. See Note [Sums by blocks]
 */
export const splitSums: Pass = {
  name: 'splitSums',
  run: (module, fired) => {
    const nodes = [...module.graphs.values()].flatMap(nodesOf), inRows = readInRows(nodes), split = new Map<Node, Split>();
    for (const n of nodes) { const s = n.op === 'reduce' && !inRows.has(n.inputs[0]) ? splitOfReduce(n) : n.op === 'dotGeneral' ? splitOfDot(n) : undefined; if (s !== undefined) split.set(n, s); }
    if (split.size === 0) return module;
    const b = createBuilder();
    transcribe(module, b, (node, inputs) => {
      const found = split.get(node);
      if (found !== undefined) fired('sum = sum of the sums of blocks');
      return found?.(b, inputs) ?? copyNode(b, node, inputs);
    });
    return b.finish(module.main);
  },
};
type Split = (b: Builder, inputs: readonly Node[]) => Node;

const first = (x: Node): number => wideAxes(x.type.shape)[0] ?? -1;
const sizeAlong = (x: Node, axes: readonly number[]): number => maxCount(axes.map((axis) => x.type.shape[axis]));

/** columns stay, and the outermost axis of one operand is summed with others */
const splitOfReduce = (n: Reduce): Split | undefined => {
  const { monoid, axes } = n.attrs, [x, ...more] = n.inputs, all = maxCount(x.type.shape), axis = first(x), within = axes.filter((a) => a !== axis), columns = wideAxes(x.type.shape).at(-1);
  if (more.length > 0 || monoid !== 'add' || !axes.includes(axis) || columns === undefined || axes.includes(columns)) return undefined;
  if (sizeAlong(x, within) < least.each || all < least.elements || !Number.isFinite(all)) return undefined;
  const at = others(x.type.shape, within).indexOf(axis);
  return (b, [y]) => b.reduce('add', b.reduce('add', y, within), [at]);
};

/** both sides are contracted along their outermost axis, and all results of all blocks are few beside what they are computed from */
const splitOfDot = (n: Dot): Split | undefined => {
  const { batch, contract } = n.attrs, [x, y] = n.inputs, all = maxCount(x.type.shape) + maxCount(y.type.shape), at = contract[0].findIndex((axis, i) => axis === first(x) && contract[1][i] === first(y));
  if (at < 0 || all < least.elements || !Number.isFinite(all)) return undefined;
  const [left, right] = contract.map((axes) => axes.filter((_, i) => i !== at));
  if (sizeAlong(x, left) < least.each || maxCount(n.type.shape) * sizeAlong(x, [first(x)]) * least.each > all) return undefined;
  const parts = { batch: [[...batch[0], first(x)], [...batch[1], first(y)]], contract: [left, right] } as const;
  return (b, [u, v]) => b.reduce('add', b.dotGeneral(u, v, parts), [batch[0].length]);
};

/** what a reduction along rows reads elementwise, or is computed of: a sum over rows beside it is taken in the same sweep */
const readInRows = (nodes: readonly Node[]): ReadonlySet<Node> => {
  const below = new Set<Node>(), found = new Set<Node>();
  for (const n of [...nodes].reverse()) {
    if (n.op === 'reduce' && n.attrs.axes.includes(wideAxes(n.inputs[0].type.shape).at(-1) ?? -1)) n.inputs.forEach((x) => below.add(x));
    if (n.op === 'map' && below.has(n)) n.inputs.forEach((x) => below.add(x));
  }
  for (const n of nodes) if (below.has(n) || (n.op === 'map' && n.inputs.some((x) => found.has(x)))) found.add(n);
  return found;
};

/*
 * Note [Sums by blocks]
 * A kernel that sums over all images holds one sum for each channel, and its loop over channels is the only one that threads
 * could share: of sixteen channels none. A filter of three rows goes in three blocks, of which two threads have one and two. Summed
 * image by image the blocks are those of the kernels around them, need no barrier between, and find what was just written. A
 * normalisation's sums over rows stay whole: they come out of the sweep that its rows take anyhow.
 */

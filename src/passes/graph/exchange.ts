import { maxCount } from '../../core/dim.ts';
import { isFloat } from '../../core/dtype.ts';
import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { copyNode, nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { applies, axesOf, isIdentity, others, variesAlong } from './facts.ts';
import { onAxes } from './views.ts';

type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;

/**
 * Σⱼ P·(C·vᵀ) = Σ_d C·(P·v), both sides scaled by what does not vary along j, where P·v is there already and smaller than
 * C·vᵀ: the row sums that softmax's derivative takes of attention's wide values become sums over its results (Dao et al. 2022,
 * FlashAttention, §B.2).
 */
export const exchange: Pass = {
  name: 'exchange',
  run: (module, fired) => {
    const nodes = [...module.graphs.values()].flatMap(nodesOf), dots = new Set(nodes.filter((n) => n.op === 'dotGeneral'));
    const found = new Map(nodes.flatMap((n) => { const e = exchangeable(n, dots); return e === undefined ? [] : [[n, e] as const]; }));
    if (found.size === 0) return module;
    const b = createBuilder(), image = new Map<Node, Node>();
    transcribe(module, b, (node, inputs) => {
      const e = found.get(node);
      if (e !== undefined) fired('Σ P·(C·vᵀ) = Σ C·(P·v)');
      const copy = e === undefined ? copyNode(b, node, inputs) : exchanged(node, e, (x) => image.get(x) ?? x, b);
      image.set(node, copy);
      return copy;
    });
    return b.finish(module.main);
  },
};

/** P, C and v, P·v, and the factors and divisors that do not vary along j */
interface Exchangeable { readonly other: Node; readonly wide: Dot; readonly side: Side; readonly small: Dot; readonly factors: readonly Node[]; readonly divisors: readonly Node[] }

const exchangeable = (n: Node, dots: ReadonlySet<Dot>): Exchangeable | undefined => {
  if (n.op !== 'reduce' || n.attrs.monoid !== 'add' || !isFloat(n.type.dtype)) return undefined;
  const { axes } = n.attrs, steady = (x: Node): boolean => variesAlong(x).every((axis) => !axes.includes(axis));
  const product = productOf(n.inputs[0], steady);
  if (product === undefined || product.varying.length !== 2) return undefined;
  for (const [wide, other] of [product.varying, [...product.varying].reverse()]) {
    const side = wide.op === 'dotGeneral' ? sideOf(wide, axes) : undefined;
    if (wide.op !== 'dotGeneral' || side === undefined) continue;
    const small = [...dots].find((d) => isSmall(d, wide, side, other, axes));
    if (small !== undefined) return { other, wide, side, small, factors: product.factors, divisors: product.divisors };
  }
  return undefined;
};

interface Product { readonly varying: readonly Node[]; readonly factors: readonly Node[]; readonly divisors: readonly Node[] }
/** a value as a product: what varies along the sum, and what does not */
const productOf = (x: Node, steady: (x: Node) => boolean): Product | undefined => {
  const varying: Node[] = [], factors: Node[] = [], divisors: Node[] = [], pending: Node[] = [x];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (varying.length > 2) return undefined;
    if (steady(at)) factors.push(at);
    else if (applies(at, 'mul')) pending.push(...at.inputs);
    else if (applies(at, 'div') && steady(at.inputs[1])) { pending.push(at.inputs[0]); divisors.push(at.inputs[1]); }
    else varying.push(at);
  }
  return { varying, factors, divisors };
};

const freeOf = (d: Dot, side: Side): readonly number[] => others(d.inputs[side].type.shape, [...d.attrs.batch[side], ...d.attrs.contract[side]]);
/** where the free axes of a side stand in the result */
const placesOf = (d: Dot, side: Side): readonly number[] => { const from = d.attrs.batch[0].length + (side === 0 ? 0 : freeOf(d, 0).length); return freeOf(d, side).map((_, i) => from + i); };
const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);
/** the side all of whose free axes are summed, and no others: that of v */
const sideOf = (d: Dot, axes: readonly number[]): Side | undefined => ([0, 1] as const).find((side) => same(placesOf(d, side), axes));

/** whether a product is P·v: over the same axes as the sum, with the batches of C·vᵀ, and smaller than that */
const isSmall = (d: Dot, wide: Dot, side: Side, other: Node, axes: readonly number[]): boolean => {
  const v = wide.inputs[side], of: Side | undefined = d.inputs[0] === other && d.inputs[1] === v ? 0 : d.inputs[1] === other && d.inputs[0] === v ? 1 : undefined;
  if (of === undefined || maxCount(d.type.shape) >= maxCount(wide.type.shape)) return false;
  const { batch, contract } = d.attrs, theirs = 1 - of, batches = axesOf(other.type.shape).slice(0, batch[0].length);
  return same(batch[of], batches) && same(batch[theirs], wide.attrs.batch[side]) && same(contract[of], axes) && same(contract[theirs], freeOf(wide, side));
};

const exchanged = (n: Node, { other, wide, side, small, factors, divisors }: Exchangeable, at: (x: Node) => Node, b: Builder): Node => {
  const c = wide.inputs[1 - side], { batch, contract } = wide.attrs, of: Side = small.inputs[0] === other ? 0 : 1;
  // of v, what P·v keeps: the axes that C·vᵀ contracts, in their order
  const kept = freeOf(small, of === 0 ? 1 : 0).map((axis) => contract[1 - side][contract[side].indexOf(axis)]), free = freeOf(wide, side === 0 ? 1 : 0);
  const order = [...batch[1 - side], ...(of === 0 ? [...free, ...kept] : [...kept, ...free])];
  const turned = isIdentity(order) ? at(c) : b.transpose(at(c), order), product = b.dotGeneral(at(small.inputs[0]), at(small.inputs[1]), small.attrs);
  const sum = b.reduce('add', b.map('mul', [turned, product]), placesOf(small, of === 0 ? 1 : 0)), { shape } = n.type;
  const own = others(wide.type.shape, n.op === 'reduce' ? n.attrs.axes : []), narrow = (x: Node): Node => onAxes(at(x), own, shape, b);
  return divisors.reduce<Node>((x, y) => b.map('div', [x, narrow(y)]), factors.reduce<Node>((x, y) => b.map('mul', [x, narrow(y)]), sum));
};

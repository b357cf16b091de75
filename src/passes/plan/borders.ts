import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { Group } from './plan.ts';

type Pad = Node<'pad'>;
/** Values that may lie inside of their own padding. */
export type Insides = ReadonlyMap<Pad, Node>;

/**
 * Paddings around what a kernel computes anyway: it can store its value there at once, and no copy is made. What is a result,
 * and what others read as one row of memory, stays as it is. See Note [Borders]
 */
export const insidesOf = (order: readonly Node[], results: readonly Node[], target: Target): Insides => {
  const pads = target.shape === 'flat' ? [] : order.filter((n) => n.op === 'pad' && isAround(n) && isComputed(n.inputs[0]));
  if (pads.length === 0) return new Map();
  const elsewhere = new Set(results);
  for (const n of order) if (n.op === 'reshape' || n.op === 'scan' || n.op === 'while' || n.op === 'case') n.inputs.forEach((x) => elsewhere.add(x));
  return new Map(pads.flatMap((pad): readonly (readonly [Pad, Node])[] => (pad.op !== 'pad' || [pad, pad.inputs[0]].some((n) => elsewhere.has(n)) ? [] : [[pad, pad.inputs[0]]])));
};
/** a border of one number, that nothing is cut off for */
const isAround = (pad: Pad): boolean => {
  const { attrs: { low, high, interior } } = pad;
  return interior.every((k) => k === 0) && [...low, ...high].every((k) => k >= 0) && fillOf(pad) !== undefined;
};
/** the one number that a padding adds, where it is known */
export const fillOf = ({ inputs: [, value] }: Pad): number | undefined => (value.op === 'constant' && typeof value.attrs.value === 'number' ? value.attrs.value : undefined);
const isComputed = (n: Node): boolean => (n.op === 'map' || n.op === 'reduce' || n.op === 'dotGeneral') && n.type.shape.length > 0 && !n.type.shape.includes(0);

/** Of the groups that were decided on, the values that are stored inside of their padding. */
export const borderedIn = (groups: readonly Group[], insides: Insides): ReadonlyMap<Node, Pad> => {
  const fits = new Set(groups.flatMap(({ nest: { kind }, roots }) => (kind === 'map' || kind === 'contract' || kind === 'rows' ? roots : []))), bordered = new Map<Node, Pad>();
  for (const { nest, members, roots: [root] } of groups) {
    const inside = root?.op === 'pad' ? insides.get(root) : undefined;
    if (nest.kind === 'map' && members.length === 1 && root?.op === 'pad' && inside !== undefined && fits.has(inside) && !bordered.has(inside)) bordered.set(inside, root);
  }
  return bordered;
};

/*
Note [Borders]
A padded value that windows read is stored, border and all (see `force` in seeds.ts). Where its inside is computed by a kernel of
its own it needs no memory beside that: its home is the padding's, with the padding's strides, whoever reads it. The padding's
kernel then writes the border alone. A second padding of the same value is a copy, as is one that shares its kernel.
*/

import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { axesOf } from './facts.ts';
import { procedural, type Rule } from './rewrite.ts';
import { cut, lieOf, padded, type Overlap } from './spread.ts';

/** a window of one element is every stride-th element */
const singles = (n: Node<'window'>, b: Builder): Node | undefined => {
  const { axis, size, stride } = n.attrs, [x] = n.inputs;
  return size === 1 ? b.reshape(cut(b, x, axis, 0, Number(x.type.shape[axis]), stride), n.type.shape) : undefined;
};

/** windows side by side are the axis in parts */
const tiled = (n: Node<'window'>, b: Builder): Node | undefined => {
  const { axis, size, stride, dilation } = n.attrs, [x] = n.inputs, used = Number(n.type.shape[axis]) * size;
  if (stride !== size || dilation !== 1) return undefined;
  return b.reshape(used === x.type.shape[axis] ? x : cut(b, x, axis, 0, used, 1), n.type.shape);
};
const tiledOverlap = (n: Overlap, b: Builder): Node | undefined => {
  const { count, size, length, stride, dilation } = lieOf(n), { axis } = n.attrs;
  if (stride !== size || dilation !== 1) return undefined;
  const lined = b.reshape(n.inputs[0], n.type.shape.map((d, i) => (i === axis ? count * size : d)));
  return count * size === length ? lined : padded(b, lined, axis, 0, length - count * size, 0);
};

/** one window, or windows of one element, overlap nowhere: they lie apart among zeros */
const apart = (n: Overlap, b: Builder): Node | undefined => {
  const { count, size, length, stride, dilation } = lieOf(n), { axis } = n.attrs;
  if (count !== 1 && size !== 1) return undefined;
  const of = Math.max(count, size), by = size === 1 ? stride : dilation, lined = b.reshape(n.inputs[0], n.type.shape.map((d, i) => (i === axis ? count * size : d)));
  return count === 0 ? undefined : padded(b, lined, axis, 0, length - (of - 1) * by - 1, by - 1);
};

type Amounts = Node<'pad'>['attrs'];
const touches = ({ low, high, interior }: Amounts, axis: number): boolean => low[axis] !== 0 || high[axis] !== 0 || interior[axis] !== 0;
/** padding beside windows is padding of what they are taken from */
const padOfWindow = (n: Node<'pad'>, b: Builder): Node | undefined => {
  const [x, value] = n.inputs;
  if (x.op !== 'window' || touches(n.attrs, x.attrs.axis) || touches(n.attrs, x.attrs.axis + 1)) return undefined;
  const before = (amounts: readonly number[]): readonly number[] => amounts.filter((_, i) => i !== x.attrs.axis + 1), { low, high, interior } = n.attrs;
  return b.window(b.pad(x.inputs[0], value, before(low), before(high), before(interior)), x.attrs);
};
/** two paddings by one value, of different axes */
const padOfPad = (n: Node<'pad'>, b: Builder): Node | undefined => {
  const [x, value] = n.inputs;
  if (x.op !== 'pad' || x.inputs[1] !== value || axesOf(x.type.shape).some((axis) => touches(n.attrs, axis) && touches(x.attrs, axis))) return undefined;
  const both = (part: keyof Amounts): readonly number[] => n.attrs[part].map((amount, i) => amount + x.attrs[part][i]);
  return b.pad(x.inputs[0], value, both('low'), both('high'), both('interior'));
};

export const windowRules: readonly Rule[] = [
  procedural('window of single elements = slice', 'window', 'exact', singles, [(b, p) => b.window(p([5, 2]), { axis: 0, size: 1, stride: 2, dilation: 3 })]),
  procedural('window side by side = reshape', 'window', 'exact', tiled, [
    (b, p) => b.window(p([2, 6]), { axis: 1, size: 3, stride: 3, dilation: 1 }), (b, p) => b.window(p([7]), { axis: 0, size: 2, stride: 2, dilation: 1 }),
  ]),
  procedural('overlapAdd side by side = reshape', 'overlapAdd', 'exact', tiledOverlap, [
    (b, p) => b.overlapAdd(p([2, 3, 2]), { axis: 1, length: 6, stride: 2, dilation: 1 }), (b, p) => b.overlapAdd(p([3, 2]), { axis: 0, length: 7, stride: 2, dilation: 1 }),
  ]),
  procedural('overlapAdd of what lies apart = pad', 'overlapAdd', 'exact', apart, [
    (b, p) => b.overlapAdd(p([1, 3, 2]), { axis: 0, length: 7, stride: 3, dilation: 2 }), (b, p) => b.overlapAdd(p([2, 4, 1]), { axis: 1, length: 8, stride: 2, dilation: 3 }),
  ]),
  procedural('pad of window = window of pad', 'pad', 'exact', padOfWindow, [(b, p) => b.pad(b.window(p([3, 5]), { axis: 1, size: 2, stride: 1, dilation: 1 }), p([]), [1, 0, 0], [0, 0, 0], [1, 0, 0])]),
  procedural('pad of pad of other axes', 'pad', 'exact', padOfPad, [(b, p) => { const value = p([]); return b.pad(b.pad(p([3, 5]), value, [0, 1], [0, 2]), value, [1, 0], [0, 0], [2, 0]); }]),
];

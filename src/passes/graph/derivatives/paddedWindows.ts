import { isSym } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';

/** A place along one axis of a padded tensor is one of its own elements. */
type IsOwn = (place: number) => boolean;
/** The windows of one axis: the axis in them, and for each window the first of its elements that is no padding (0 where none is). */
interface Windows { readonly inside: number; readonly along: number; readonly first: readonly number[] }

/**
 * Where x is windows over a tensor with `value` around it, reduced over the axes in them: for each window the place in
 * row-major order of its first element that is no padding. Undefined where x is no such thing.
 */
export const firstOfOwn = (b: Builder, x: Node, axes: readonly number[], value: number): Node | undefined => {
  const made: Node<'window'>[] = [];
  let from = x;
  for (; from.op === 'window'; from = from.inputs[0]) made.unshift(from);
  if (from.op !== 'pad' || made.length === 0 || from.inputs[1].op !== 'constant' || from.inputs[1].attrs.value !== value) return undefined;
  const own = ownPlaces(from), windows: Windows[] = [];
  for (const { attrs, type } of made) {
    const before = windows.filter((w) => w.inside <= attrs.axis).length, count = type.shape[attrs.axis], isOwn = own[attrs.axis - before];
    // the axes of windows of windows, or of a named size, are not those of the tensor
    if (isSym(count) || isOwn === undefined || windows.some((w) => w.inside >= attrs.axis)) return undefined;
    windows.push({ along: attrs.axis, inside: attrs.axis + 1, first: Array.from({ length: count }, (_, o) => Math.max(0, Array.from({ length: attrs.size }, (_k, k) => k).findIndex((k) => isOwn(o * attrs.stride + k * attrs.dilation)))) });
  }
  if (axes.length !== windows.length || windows.some((w) => !axes.includes(w.inside))) return undefined;
  const kept = x.type.shape.flatMap((_, i) => (axes.includes(i) ? [] : [i])), shape = kept.map((i) => x.type.shape[i]);
  return windows.map(({ along, inside, first }) => {
    const rows = windows.filter((w) => w.inside > inside).reduce((n, w) => n * Number(x.type.shape[w.inside]), 1);
    return b.broadcastInDim(b.constant({ dtype: 'i32', shape: [first.length] }, Int32Array.from(first, (k) => k * rows)), shape, [kept.indexOf(along)]);
  }).reduce((sum, each) => b.map('add', [sum, each]));
};

const ownPlaces = ({ attrs: { low, interior }, inputs: [x] }: Node<'pad'>): readonly IsOwn[] => x.type.shape.map((d, axis): IsOwn => (place) => {
  const from = (place - low[axis]) / (interior[axis] + 1);
  return Number.isInteger(from) && from >= 0 && (isSym(d) || from < d);
});

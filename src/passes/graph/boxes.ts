import { isSym, maxSize, sameDim, type Dim, type Dims } from '../../core/dim.ts';

/** The elements lo … hi − 1 of an axis; a named dimension is only ever there as a whole. */
export type Span = { readonly lo: number; readonly hi: number } | 'whole';
/** Part of a tensor, a span for each axis. */
export type Box = readonly Span[];

export const span = (lo: number, hi: number, size: Dim): Span => (isSym(size) || (lo <= 0 && hi >= size) ? 'whole' : { lo: Math.max(0, lo), hi: Math.min(size, hi) });
export const startOf = (s: Span): number => (s === 'whole' ? 0 : s.lo);
export const endOf = (s: Span, size: Dim): number => (s === 'whole' ? maxSize(size) : s.hi);
/** the size of the part */
const sizeIn = (s: Span, size: Dim): Dim => (s === 'whole' ? size : s.hi - s.lo);

export const wholeOf = (shape: Dims): Box => shape.map(() => 'whole');
export const isWhole = (box: Box): boolean => box.every((s) => s === 'whole');
export const isEmpty = (box: Box): boolean => box.some((s) => s !== 'whole' && s.hi <= s.lo);
export const sameBox = (a: Box, b: Box): boolean => a.every((s, i) => { const t = b[i]; return s === t || (s !== 'whole' && t !== 'whole' && s.lo === t.lo && s.hi === t.hi); });
export const shapeIn = (box: Box, shape: Dims): Dims => box.map((s, i) => sizeIn(s, shape[i]));

export const both = (a: Box, b: Box, shape: Dims): Box =>
  a.map((s, i) => span(Math.max(startOf(s), startOf(b[i])), Math.min(endOf(s, shape[i]), endOf(b[i], shape[i])), shape[i]));
/** the least box around two */
export const around = (a: Box, b: Box, shape: Dims): Box => (isEmpty(a) ? b : isEmpty(b) ? a
  : a.map((s, i) => span(Math.min(startOf(s), startOf(b[i])), Math.max(endOf(s, shape[i]), endOf(b[i], shape[i])), shape[i])));

// ---- Reshapes

interface Run { readonly from: readonly number[]; readonly to: readonly number[] }
/** the fewest neighbouring axes of two shapes that hold as many elements; undefined where a named dimension would be taken apart */
export const runsOf = (from: Dims, to: Dims): readonly Run[] | undefined => {
  const runs: Run[] = [];
  let i = 0, j = 0;
  while (i < from.length || j < to.length) {
    const own = [i, j];
    let a = i < from.length ? from[i++] : 1, b = j < to.length ? to[j++] : 1;
    while (!sameDim(a, b)) {
      if (isSym(a) || isSym(b)) return undefined;
      const next: Dim | undefined = a < b ? from[i++] : to[j++];
      if (next === undefined || isSym(next)) return undefined;
      if (a < b) a *= next; else b *= next;
    }
    runs.push({ from: range(own[0], i), to: range(own[1], j) });
  }
  return runs;
};
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** A box of a shape in another shape of the same elements, or the least one around it. */
export const reshapedBox = (box: Box, from: Dims, to: Dims): Box => {
  const made: Span[] = to.map(() => 'whole');
  for (const run of runsOf(from, to) ?? []) {
    const [outer, ...inner] = run.from.filter((axis) => from[axis] !== 1), [axis, ...rest] = run.to.filter((i) => to[i] !== 1);
    if (axis === undefined || inner.some((i) => box[i] !== 'whole')) continue;
    const each = (axes: readonly number[], shape: Dims): number => axes.reduce((n, i) => n * maxSize(shape[i]), 1), by = each(inner, from), of = each(rest, to);
    made[axis] = span(Math.floor(startOf(box[outer]) * by / of), Math.ceil(endOf(box[outer], from[outer]) * by / of), to[axis]);
  }
  return made;
};

import { typedArray, type DType } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { make, type Expr, type Problem } from './expr.ts';
import { broadcastInDim, filled, scalar } from './primitives.ts';
import type { Dim } from './types/shape.ts';

/** Windows along the axes of a tensor: what convolutions and pooling share. */

/** how far the windows of one axis reach, and what lies around its elements; negative amounts cut off */
export interface Along { readonly axis: number; readonly size: number; readonly stride: number; readonly dilation: number; readonly low: number; readonly high: number; readonly interior: number }

/** zeros around so that as many windows fit as there are strides, no padding at all, as many on each side, or low and high of each axis */
export type PaddingOf = 'same' | 'valid' | number | readonly (readonly [low: number, high: number])[];

/** one number for each of so many axes, from one for all or a list */
export const perAxis = (op: string, what: string, value: number | readonly number[], rank: number, least: number): readonly number[] | Problem => {
  const all = typeof value === 'number' ? Array.from({ length: rank }, () => value) : value;
  if (all.length !== rank) return problem('windows', `${op}: ${what} names ${all.length} axes, but there are ${rank}`);
  const bad = all.find((n) => !Number.isInteger(n) || n < least);
  return bad === undefined ? all : problem('windows', `${op}: ${what} must be whole numbers from ${least} on, but one is ${bad}`);
};

export interface Wanted { readonly axes: readonly number[]; readonly sizes: readonly number[]; readonly strides: readonly number[]; readonly dilations: readonly number[]; readonly interiors: readonly number[]; readonly padding: PaddingOf }
/** the windows of each axis, or what is wrong with them */
export const windowsAlong = (op: string, x: Expr, { axes, sizes, strides, dilations, interiors, padding }: Wanted): readonly Along[] | Problem => {
  const made: Along[] = [];
  if (typeof padding === 'object' && padding.length !== axes.length) return problem('windows', `${op}: the padding names ${padding.length} axes, but there are ${axes.length}`);
  for (const [i, axis] of axes.entries()) {
    const length = x.shape[axis];
    if (typeof length !== 'number') return problem('windows', `${op}: windows run along the named dimension ${length} of ${show(x.shape)}`, { shapes: [show(x.shape)], hint: 'only the sizes of batches may be named' });
    const reach = (sizes[i] - 1) * dilations[i] + 1, spread = length === 0 ? 0 : (length - 1) * (interiors[i] + 1) + 1;
    const [low, high] = around(padding, i, spread, reach, strides[i]);
    if (!Number.isInteger(low) || !Number.isInteger(high)) return problem('windows', `${op}: the padding must be whole numbers, but is ${low} and ${high}`);
    if (spread + low + high < reach) return problem('windows', `${op}: a window of ${sizes.join('x')} does not fit in ${show(x.shape)}`, { shapes: [show(x.shape)], hint: "padding: 'same', or a smaller window" });
    made.push({ axis, size: sizes[i], stride: strides[i], dilation: dilations[i], low, high, interior: interiors[i] });
  }
  return made;
};
/** x's shape with the number of windows along each of their axes: of a named one, as it comes to */
export const countedShape = (x: Expr, { axes, sizes, strides, dilations, padding }: Wanted): readonly Dim[] => x.shape.map((d, axis) => {
  const i = axes.indexOf(axis), stride = strides[i];
  if (i < 0) return d;
  const [low, high] = around(padding === 'same' ? 'valid' : padding, i, 0, 0, stride), more = padding === 'same' ? 0 : low + high - (sizes[i] - 1) * dilations[i];
  if (typeof d === 'number') return Math.ceil((d + more) / stride);
  const all = more === 0 ? d : more > 0 ? `${d}+${more}` : `${d}-${-more}`;
  return stride === 1 ? all : `ceil((${all})/${stride})`;
});
/** `same` puts the odd zero behind, as TensorFlow and StableHLO do */
const around = (padding: PaddingOf, i: number, length: number, reach: number, stride: number): readonly [number, number] => {
  if (padding === 'valid') return [0, 0];
  if (typeof padding === 'number') return [padding, padding];
  if (typeof padding === 'object') return padding[i];
  const all = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
  return [Math.floor(all / 2), Math.ceil(all / 2)];
};

/** x with what the windows need around its elements */
const surrounded = (at: Origin, x: Expr, windows: readonly Along[], value: number): Expr => {
  if (windows.every((w) => w.low === 0 && w.high === 0 && w.interior === 0)) return x;
  const each = (of: (w: Along) => number): readonly number[] => x.shape.map((_, axis) => { const own = windows.find((w) => w.axis === axis); return own === undefined ? 0 : of(own); });
  const attrs = { low: each((w) => w.low), high: each((w) => w.high), interior: each((w) => w.interior) };
  const shape = x.type.shape.map((d, i) => (typeof d === 'number' ? d + attrs.low[i] + attrs.high[i] + Math.max(0, d - 1) * attrs.interior[i] : d));
  return make(at, 'pad', attrs, [x, scalar(at, value, x.dtype)], [{ dtype: x.dtype, shape }]);
};
/** Each of the axes becomes two: where the window stands, and where in it; `inside` are the latter. */
export const windowed = (at: Origin, x: Expr, windows: readonly Along[], value: number): { readonly expr: Expr; readonly inside: readonly number[] } => {
  let expr = surrounded(at, x, windows, value);
  const inside: number[] = [];
  for (const { axis, size, stride, dilation } of [...windows].sort((a, b) => a.axis - b.axis)) {
    const place = axis + inside.length, { shape } = expr.type, length = Number(shape[place]), count = Math.floor((length - (size - 1) * dilation - 1) / stride) + 1;
    expr = make(at, 'window', { axis: place, size, stride, dilation }, [expr], [{ dtype: expr.dtype, shape: [...shape.slice(0, place), count, size, ...shape.slice(place + 1)] }]);
    inside.push(place + 1);
  }
  return { expr, inside };
};
/** how many elements of x itself each window of an axis holds, along that axis */
export const countsAlong = ({ size, stride, dilation, low, high }: Along, length: number): readonly number[] => {
  const windows = Math.floor((length + low + high - (size - 1) * dilation - 1) / stride) + 1;
  return Array.from({ length: windows }, (_, o) => Array.from({ length: size }, (_k, k) => o * stride + k * dilation - low).filter((i) => i >= 0 && i < length).length);
};
/** numbers along one axis, repeated along the others */
export const vectorAlong = (at: Origin, numbers: readonly number[], dtype: DType, shape: readonly Dim[], axis: number): Expr =>
  broadcastInDim(at, filled(at, typedArray(dtype, numbers), { dtype, shape: [numbers.length] }), shape, [axis]);

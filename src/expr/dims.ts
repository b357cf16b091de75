import { kindOf } from '../core/kind.ts';
import { evaluateDim } from './dimArithmetic.ts';
import type { Dim } from './types/shape.ts';

/** Sizes and names as users see them. Rules and words are those of types/shape.ts. */

/** `[batch, 784]` */
export const show = (shape: readonly Dim[]): string => `[${shape.join(', ')}]`;

/** computed from names: compared only once the names are bound */
export const isCompound = (d: Dim): boolean => typeof d === 'string' && /[+\-*/]/.test(d);

/** the more precise of two sizes that must be equal; undefined if they cannot be */
export const unify = (a: Dim, b: Dim): Dim | undefined => {
  if (a === b) return a;
  if (isCompound(a)) return b;
  return isCompound(b) ? a : undefined;
};
export const unifyShapes = (a: readonly Dim[], b: readonly Dim[]): readonly Dim[] | undefined => {
  if (a.length !== b.length) return undefined;
  const dims = a.map((d, i) => unify(d, b[i]));
  return dims.every((d) => d !== undefined) ? dims : undefined;
};

const broadcastDim = (a: Dim, b: Dim): Dim | undefined => (a === 1 ? b : b === 1 ? a : unify(a, b));
/** NumPy's broadcasting: the shape, or what is wrong */
export const broadcast = (a: readonly Dim[], b: readonly Dim[], op: string): { readonly shape: readonly Dim[] } | { readonly wrong: string } => {
  const rank = Math.max(a.length, b.length), shape: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1, y = b[i - rank + b.length] ?? 1;
    const d = broadcastDim(x, y);
    if (d === undefined) return { wrong: `${op}: cannot broadcast ${show(a)} with ${show(b)}: ${x} is not ${y}, and neither is 1` };
    shape.push(d);
  }
  return { shape };
};

const factor = (d: Dim): string => (typeof d === 'string' && /[+\-/]/.test(d) ? `(${d})` : String(d));
export const addDims = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return a === 0 ? b : b === 0 ? a : `${a}+${b}`;
};
export const subtractDims = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return b === 0 ? a : `${a}-${typeof b === 'string' ? `(${b})` : b}`;
};

/** the product of the literal sizes, and the names that remain */
interface Count { readonly size: number; readonly names: readonly string[] }
const countOf = (shape: readonly Dim[]): Count => {
  let size = 1;
  const names: string[] = [];
  for (const d of shape) {
    if (typeof d === 'number') size *= d;
    else names.push(factor(d));
  }
  return { size, names };
};
/** `784*batch` */
const showCount = ({ size, names }: Count): string => [...(size === 1 && names.length > 0 ? [] : [String(size)]), ...names].join('*');

/** takes out of both what occurs in both */
const cancel = (a: readonly Dim[], b: readonly Dim[]): readonly [readonly Dim[], readonly Dim[]] => {
  const rest = [...b], left: Dim[] = [];
  for (const d of a) {
    const at = rest.indexOf(d);
    if (at >= 0) rest.splice(at, 1); else left.push(d);
  }
  return [left, rest];
};

/** the target with its -1 filled in, or what is wrong */
export const reshapeTo = (from: readonly Dim[], to: readonly Dim[]): { readonly shape: readonly Dim[] } | { readonly wrong: string } => {
  const bad = to.find((d) => typeof d === 'number' && (!Number.isInteger(d) || d < -1));
  if (bad !== undefined) return { wrong: `reshape: ${bad} in ${show(to)} is not a size` };
  if (to.filter((d) => d === -1).length > 1) return { wrong: `reshape: only one -1 is allowed in ${show(to)}` };
  const [left, right] = cancel(from, to.filter((d) => d !== -1));
  const a = countOf(left), b = countOf(right);
  if (!to.includes(-1)) return { shape: to, ...(sameCount(a, b, [...from, ...to]) ? {} : { wrong: `reshape: ${show(from)} has ${showCount(countOf(from))} elements, but ${show(to)} has ${showCount(countOf(to))}` }) };
  if (b.names.length > 0) return { shape: fill(to, `${showCount(a)}/(${showCount(b)})`) };
  if (b.size === 0 || !Number.isInteger(a.size / b.size)) return { wrong: `reshape: ${show(from)} does not divide evenly into ${show(to)}` };
  const rest = { size: a.size / b.size, names: a.names };
  return { shape: fill(to, rest.names.length === 0 ? rest.size : rest.size === 1 && rest.names.length === 1 ? bare(rest.names[0]) : showCount(rest)) };
};
const bare = (name: string): string => (name.startsWith('(') ? name.slice(1, -1) : name);
const fill = (to: readonly Dim[], d: Dim): readonly Dim[] => to.map((x) => (x === -1 ? d : x));
const sameCount = (a: Count, b: Count, all: readonly Dim[]): boolean =>
  all.some(isCompound) || (a.size === b.size && [...a.names].sort().join() === [...b.names].sort().join());

/** the index of an axis given by number (negative from the end) or by name; undefined if there is none */
export const axisIndex = (shape: readonly Dim[], axis: Dim): number | undefined => {
  if (typeof axis === 'string') return shape.includes(axis) ? shape.indexOf(axis) : undefined;
  const index = axis < 0 ? axis + shape.length : axis;
  return Number.isInteger(axis) && index >= 0 && index < shape.length ? index : undefined;
};
/** one axis or several, as a list */
export const axisList = (axes: Dim | readonly Dim[]): readonly Dim[] => (isList(axes) ? axes : [axes]);
const isList = (axes: Dim | readonly Dim[]): axes is readonly Dim[] => Array.isArray(axes);
export const badAxis = (op: string, shape: readonly Dim[], axis: Dim): string => `${op}: axis ${typeof axis === 'string' ? axis : kindOf(axis)} is out of range for ${show(shape)}`;

export const inserted = (shape: readonly Dim[], place: number, d: Dim): readonly Dim[] => [...shape.slice(0, place), d, ...shape.slice(place)];
export const removed = (shape: readonly Dim[], place: number): readonly Dim[] => shape.filter((_, i) => i !== place);

const words = /[\p{L}_$][\p{L}\p{N}_$']*/gu;
/** a name, or one computed from names, under other names or sizes */
export const renameDim = (name: string, dims: ReadonlyMap<string, Dim>): Dim => {
  const whole = dims.get(name);
  if (whole !== undefined || !isCompound(name)) return whole ?? name;
  const text = name.replace(words, (word) => {
    const to = dims.get(word);
    return to === undefined ? word : factor(to);
  });
  const size = evaluateDim(text, () => ({ wrong: '' }));
  return typeof size === 'number' ? size : text;
};

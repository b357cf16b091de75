import { sameDim, type Dims } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { axesOf, freeAxes, isIdentity, isUnit, others } from './facts.ts';
import { cut, lieOf, type Lie, type Overlap } from './spread.ts';

/** Sums of overlapping products. See Note [Overlaps of a contraction] */

type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;

/** overlaps of a contraction, over axes of its result: where windows lie, and their elements; and of the places those that are asked for */
export interface Overlaid { readonly place: number; readonly element: number; readonly lie: Lie; readonly seen: Seen }
/** start, start + every, …; beyond both ends there is zero. Where windows lie apart, every one */
interface Seen { readonly start: number; readonly every: number; readonly count: number }
type Atom = number | Overlaid;
/** A contraction through overlaps and views that move axes, make several one, and put in or leave out axes of size 1. */
export interface Product { readonly dot: Dot; /** what each axis consists of, the outermost first */ readonly axes: readonly (readonly Atom[])[] }

/** the product that a value is; of values of `known`, that one */
export const productOf = (x: Node, known: ReadonlyMap<Node, Product>): Product | undefined => {
  const found = known.get(x);
  if (found !== undefined || x.type.shape.includes(0)) return found;
  if (x.op === 'dotGeneral') return { dot: x, axes: axesOf(x.type.shape).map((axis) => [axis]) };
  const groups = x.op === 'transpose' ? x.attrs.perm.map((axis) => [axis]) : x.op === 'reshape' ? mergedIn(x.inputs[0].type.shape, x.type.shape) : undefined;
  if (groups === undefined) return undefined;
  const of = productOf(x.inputs[0], known);
  return of && { dot: of.dot, axes: groups.map((group) => group.flatMap((axis) => of.axes[axis])) };
};
/** the axes that each axis of a reshape is made of, if none is cut in parts */
const mergedIn = (from: Dims, to: Dims): readonly (readonly number[])[] | undefined => {
  const wide = axesOf(from).filter((axis) => !isUnit(from[axis]));
  let at = 0;
  const groups = to.map((size) => {
    const start = at;
    if (isUnit(size)) return [];
    if (at < wide.length && sameDim(from[wide[at]], size)) at += 1;
    else for (let n = 1; typeof size === 'number' && n < size && at < wide.length; at += 1) n *= Number(from[wide[at]]);
    return wide.slice(start, at);
  });
  const isWhole = (axes: readonly number[], size: Dims[number]): boolean => (axes.length === 1 ? sameDim(from[axes[0]], size) : axes.reduce((n, axis) => n * Number(from[axis]), 1) === size);
  return at === wide.length && groups.every((axes, i) => isWhole(axes, to[i])) ? groups : undefined;
};

/** the operand's axis that a free axis of the result is */
const freeAxis = (n: Dot, axis: number): { readonly side: Side; readonly axis: number } | undefined => {
  const left = freeAxes(n, 0), at = axis - n.attrs.batch[0].length;
  if (at < 0) return undefined;
  return at < left.length ? { side: 0, axis: left[at] } : { side: 1, axis: freeAxes(n, 1)[at - left.length] };
};
const isOverlaid = (atom: Atom): atom is Overlaid => typeof atom !== 'number';

/** Overlaps of a product, if places and elements come from its two operands, as all others of it do. */
export const overlapped = (n: Overlap, { dot, axes }: Product): Product | undefined => {
  const { axis } = n.attrs, [place, element] = [axes[axis], axes[axis + 1]];
  if (place.length !== 1 || element.length !== 1 || isOverlaid(place[0]) || isOverlaid(element[0])) return undefined;
  const made: Overlaid = { place: place[0], element: element[0], lie: lieOf(n), seen: { start: 0, every: 1, count: n.attrs.length } }, all = [...axes.flat().filter(isOverlaid), made];
  const sides = all.map((o) => [freeAxis(dot, o.place)?.side, freeAxis(dot, o.element)?.side]), [[own, other]] = sides;
  if (own === undefined || other === undefined || own === other || sides.some((s) => s[0] !== own || s[1] !== other)) return undefined;
  return { dot, axes: [...axes.slice(0, axis), [made], ...axes.slice(axis + 2)] };
};
/** A part of a product along the axes that overlap, if there is one and no residue of the places is left out. */
export const partOf = ({ attrs: { starts, strides }, inputs: [x], type }: Node<'slice'>, { dot, axes }: Product): Product | undefined => {
  if (!axes.flat().some(isOverlaid)) return undefined;
  const cut = axes.map((atoms, axis): readonly Atom[] | undefined => {
    const [atom] = atoms;
    if (sameDim(type.shape[axis], x.type.shape[axis])) return atoms;
    if (atoms.length !== 1 || !isOverlaid(atom)) return undefined;
    const { start, every } = atom.seen, seen = { start: start + starts[axis] * every, every: every * strides[axis], count: Number(type.shape[axis]) };
    return seen.every > 1 && atom.lie.stride > 1 ? undefined : [{ ...atom, seen }];
  });
  return cut.includes(undefined) ? undefined : { dot, axes: cut.flatMap((atoms) => (atoms === undefined ? [] : [atoms])) };
};

/** Of the places r, r + stride, … after the first that is seen: the elements of a window that get there, and where from. */
interface Phase { readonly first: number; readonly step: number; readonly taps: number; /** of the first place: the window that its last tap lies in */ readonly from: number; readonly dilation: number }
const phasesOf = ({ lie: { size, stride, dilation }, seen: { start } }: Overlaid): readonly Phase[] => {
  const common = gcd(stride, dilation), step = stride / common, apart = dilation / common;
  return Array.from({ length: stride }, (_, i) => {
    const r = start + i, first = Array.from({ length: Math.min(step, size) }, (__, k) => k).find((k) => (k * dilation - r) % stride === 0);
    if (first === undefined) return { first: 0, step, taps: 0, from: 0, dilation: apart };
    const taps = Math.ceil((size - first) / step);
    return { first, step, taps, from: (r - first * dilation) / stride - apart * (taps - 1), dilation: apart };
  });
};
/** how many places there are of each residue, of some one more than is wanted */
const eachOf = ({ lie: { stride }, seen: { count } }: Overlaid): number => Math.ceil(count / stride);
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** One of the axes that overlap, as the operands have it. */
interface Laid extends Overlaid { /** of what the windows lie in */ readonly axis: number; /** of their elements, in the other operand */ readonly tap: number; readonly phases: readonly Phase[]; readonly each: number; readonly low: number }

/** The product as contractions of windows, one for each residue of the places by the strides, next to each other. */
export const contractionOf = (b: Builder, { dot, axes }: Product, shape: Dims): Node => {
  const atoms = axes.flat(), laid = atoms.filter(isOverlaid).map((o): Laid => {
    const phases = phasesOf(o);
    return { ...o, axis: freeAxis(dot, o.place)?.axis ?? -1, tap: freeAxis(dot, o.element)?.axis ?? -1, phases, each: eachOf(o), low: Math.max(0, ...phases.map((p) => -p.from)) };
  });
  const side = freeAxis(dot, laid[0].place)?.side ?? 0, own = bordered(b, dot.inputs[side], laid), gone = laid.map((o) => o.element);
  const left = (axis: number): number => axis - gone.filter((i) => i < axis).length, shown = atoms.map((atom) => (isOverlaid(atom) ? atom.place : atom));
  // what a product does not show of a contraction's axes is of size 1
  const order = [...others(dot.type.shape, [...shown, ...gone]), ...shown].map(left);
  const sizes = atoms.map((atom) => (isOverlaid(atom) ? eachOf(atom) : dot.type.shape[atom]));
  const part = (chosen: readonly Phase[]): Node => {
    if (chosen.some((p) => p.taps === 0)) return b.constant({ dtype: dot.type.dtype, shape: sizes }, 0);
    const made = windowed(b, dot, side, own, laid, chosen);
    return b.reshape(isIdentity(order) ? made : b.transpose(made, order), sizes);
  };
  const joined = (chosen: readonly Phase[]): Node => {
    if (chosen.length === laid.length) return part(chosen);
    const { element, phases, each, lie: { stride }, seen: { count } } = laid[chosen.length], axis = atoms.findIndex((atom) => isOverlaid(atom) && atom.element === element);
    const parts = phases.map((p) => joined([...chosen, p]));
    if (stride === 1) return parts[0];
    const lined = b.concatenate(parts.map((x) => b.reshape(x, x.type.shape.flatMap((d, i) => (i === axis ? [d, 1] : [d])))), axis + 1);
    const whole = b.reshape(lined, parts[0].type.shape.map((d, i) => (i === axis ? each * stride : d)));
    return each * stride === count ? whole : cut(b, whole, axis, 0, count, 1);
  };
  return b.reshape(joined([]), shape);
};
/** with as much room around it as any of the residues reads */
const bordered = (b: Builder, x: Node, laid: readonly Laid[]): Node => {
  const amounts = (of: (o: Laid) => number): readonly number[] => x.type.shape.map((_, axis) => { const o = laid.find((l) => l.axis === axis); return o === undefined ? 0 : of(o); });
  const high = (o: Laid): number => Math.max(0, ...o.phases.map((p) => p.from + reachOf(o, p) - o.lie.count));
  return b.pad(x, b.constant({ dtype: x.type.dtype, shape: [] }, 0), amounts((o) => o.low), amounts(high));
};
/** from the first element that any place reads to behind the last */
const reachOf = ({ each, seen: { every } }: Laid, { taps, dilation }: Phase): number => (each - 1) * every + dilation * (taps - 1) + 1;
const windowed = (b: Builder, dot: Dot, side: Side, own: Node, laid: readonly Laid[], chosen: readonly Phase[]): Node => {
  const other: Side = side === 0 ? 1 : 0, moved = (axis: number): number => axis + laid.filter((o) => o.axis < axis).length;
  let windows = own, taps = dot.inputs[other];
  for (const { o, phase } of laid.map((l, i) => ({ o: l, phase: chosen[i] })).sort((x, y) => y.o.axis - x.o.axis)) {
    const { axis, tap, low, seen: { every } } = o, { first, step, taps: size, from, dilation } = phase;
    windows = b.window(cut(b, windows, axis, low + from, low + from + reachOf(o, phase), 1), { axis, size, stride: every, dilation });
    taps = b.reverse(cut(b, taps, tap, first, Number(taps.type.shape[tap]), step), [tap]);
  }
  const mine = (which: 'batch' | 'contract'): readonly number[] => dot.attrs[which][side].map(moved), theirs = (which: 'batch' | 'contract'): readonly number[] => dot.attrs[which][other];
  const pair = <A>(a: A, c: A): readonly [A, A] => (side === 0 ? [a, c] : [c, a]);
  return b.dotGeneral(...pair(windows, taps), {
    batch: pair(mine('batch'), theirs('batch')),
    contract: pair([...mine('contract'), ...laid.map((o) => moved(o.axis) + 1)], [...theirs('contract'), ...laid.map((o) => o.tap)]),
  });
};

/*
Note [Overlaps of a contraction]
The gradient of a contraction of windows with a filter, in what the windows were taken from, is overlapAdd of a contraction
with the result's cotangent, whose axes o and k come from the one operand and the other: Σ_{o·s + k·d = i} a[o]·f[k]. That is
itself a contraction, of f turned round with windows of a among zeros (a border that makes a product of infinite f a NaN, as a
padded convolution has it), so that the products need not be stored. With a stride s, most of those zeros would lie between the
elements: instead each residue r of the places i = s·q + r is a contraction of its own, of the elements that get there. With
g = gcd(s, d) these are k = k_r + (s/g)·j, where k_r·d ≡ r (mod s), and they come from o = q + (r − k_r·d)/s − (d/g)·j: windows
whose elements are d/g apart. Where no k_r is, there is zero. All residues read one border.
*/

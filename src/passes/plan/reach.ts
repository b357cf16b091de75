import * as ix from '../../core/affine.ts';
import type { Bounds, Index } from '../../core/affine.ts';
import { maxSize } from '../../core/dim.ts';
import { isFloat, roundTo, type DType } from '../../core/dtype.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { monoidRow, identityIn } from '../../ir/monoids.ts';
import { evaluatorFor, type ScalarName } from '../../ir/scalars.ts';
import { isView, viewAt } from './access.ts';
import { axisName } from './align.ts';
import type { Layout, Levels } from './pieces.ts';
import type { Reach } from './plan.ts';
import { dotOperands } from './seeds.ts';

/**
 * How far along the columns a block of rows needs its wide values: where a mask over places (a causal one) leaves nothing of
 * what comes later. `undefined` where any of it is stored, or counts in a reduction or contraction. See Note [What a mask leaves out].
 */
export const reachOf = (l: Layout, levels: Levels, cols: readonly number[]): Reach | undefined => {
  const row = l.rows.at(-1), { axes } = l.aligned;
  if (row === undefined || typeof axes[row].size !== 'number') return undefined;
  const rows = axes[row].size;
  for (const axis of cols) {
    const { size } = axes[axis];
    if (typeof size !== 'number') continue;
    for (const least of turningPoints(l, row, axis)) {
      const even = wholeVectors * Math.ceil(least / wholeVectors), by = rows + even <= size ? even : least;
      if (by >= 0 && rows + by <= size && isEmptyBeyond(l, levels, region(l, row, axis, least))) return { axis, by: by + 0 };
    }
  }
  return undefined;
};
/** columns in whole vectors, four abreast, need no edge */
const wholeVectors = 16;

/** Where `col − row > by`: what is asked about. */
interface Region { readonly axis: number; readonly guard: ix.Guard; readonly bounds: Bounds; readonly compare?: (difference: Index) => void }
const region = ({ aligned: { axes } }: Layout, row: number, axis: number, by: number): Region => ({
  axis, guard: ix.ge0(ix.shift(ix.sub(ix.axis(axisName(axis)), ix.axis(axisName(row))), -1 - by)),
  bounds: (leaf) => (leaf.kind === 'axis' ? { lo: 0, hi: maxSize(axes[Number(leaf.axis.slice(1))].size) - 1 } : { lo: -Infinity, hi: Infinity }),
});

const isEmptyBeyond = (l: Layout, { over, ends }: Levels, where: Region): boolean => l.anchors.every((n) => {
  const own = l.aligned.align.get(n) ?? [], beyond = (): readonly (number | undefined)[] => operandsOf(l, n).map(([x, at]) => valueBeyond(x, at, where));
  if (ends.has(n) || !own.includes(where.axis)) return true;
  if (n.op === 'reduce') {
    const { state, identity } = monoidRow(n.attrs.monoid), none = identityIn(n.type.dtype, identity[0]);
    return state === 1 && beyond().every((x) => x === none);
  }
  const isSummed = n.op === 'dotGeneral' && (over.includes(n) || own.indexOf(where.axis) >= n.type.shape.length);
  return isSummed ? beyond().includes(0) : !l.roots.has(n);
});
/** what an anchor reads, and where: an elementwise one is taken for what it computes */
const operandsOf = ({ aligned }: Layout, n: Node): readonly (readonly [Node, readonly Index[]])[] => {
  const at = (aligned.align.get(n) ?? []).map((i) => ix.axis(axisName(i)));
  if (n.op === 'dotGeneral') return dotOperands(n, at).map((place, k) => [n.inputs[k], place]);
  return n.op === 'reduce' ? n.inputs.map((x) => [x, at]) : [[n, at]];
};

// ── what a value is there

/** a number, or one that follows from the place; undefined: anything */
type Value = number | Index | undefined;
const indexOf = (v: Value): Index | undefined => (typeof v === 'number' ? (Number.isInteger(v) ? ix.constant(v) : undefined) : v);
const numberOf = (v: Value): number | undefined => (typeof v === 'object' ? ix.constantOf(v) : v);

const valueBeyond = (node: Node, at: readonly Index[], where: Region): number | undefined => {
  const known = new Map<string, Value>();
  const valueOf = (x: Node, place: readonly Index[]): Value => {
    const key = `${x.id}@${place.map(ix.showIndex).join()}`;
    if (!known.has(key)) known.set(key, computed(x, place));
    return known.get(key);
  };
  const computed = (x: Node, place: readonly Index[]): Value => {
    if (x.op === 'constant') return typeof x.attrs.value === 'number' ? x.attrs.value : undefined;
    if (x.op === 'iota') return place[x.attrs.axis];
    if (isView(x)) {
      const { pieces: [piece, ...others], fallback } = viewAt(x, place, where.bounds);
      return others.length > 0 || fallback !== undefined || piece.guard.length > 0 ? undefined : valueOf(piece.x, piece.at);
    }
    return x.op === 'map' && typeof x.attrs.fn === 'string' ? applied(x.attrs.fn, x, x.inputs.map((y) => valueOf(y, place)), where) : undefined;
  };
  return numberOf(valueOf(node, at));
};

const applied = (fn: ScalarName, node: Node<'map'>, args: readonly Value[], where: Region): Value => {
  const numbers = args.map(numberOf), known = numbers.filter((x) => x !== undefined), [a, b] = args.map(indexOf), [first] = numbers;
  if (fn === 'convert') return converted(node.type.dtype, args[0]);
  if (fn === 'select') return first === undefined ? undefined : args[first === 0 ? 2 : 1];
  if (known.length === args.length) return exactIn(node.type.dtype, evaluatorFor(fn, node.inputs[0].type.dtype)(...known));
  const difference = a !== undefined && b !== undefined ? ix.sub(a, b) : undefined, decided = difference && compared(fn, difference, where);
  if (difference !== undefined) where.compare?.(difference);
  if (decided !== undefined) return decided;
  // a place less a place may be below zero, which u32 wraps
  if (a !== undefined && b !== undefined && (fn === 'add' || fn === 'sub')) return node.type.dtype === 'u32' ? undefined : fn === 'add' ? ix.add(a, b) : ix.sub(a, b);
  return settled(fn, node.type.dtype, numbers);
};
/** integers wrap; floats are taken for what they are in full */
const exactIn = (dtype: DType, x: number): number => (isFloat(dtype) ? x : roundTo[dtype](x));
const converted = (dtype: DType, x: Value): Value => {
  const known = numberOf(x);
  if (known !== undefined) return exactIn(dtype, known);
  return dtype === 'u32' || dtype === 'bool' ? undefined : x;
};
/** whether a comparison holds, of what stands on its left less what stands on its right */
const compared = (fn: ScalarName, difference: Index, { guard, bounds }: Region): number | undefined => {
  const { lo, hi } = ix.rangeUnder(difference, guard, bounds);
  const decide = (yes: boolean, no: boolean): number | undefined => (yes ? 1 : no ? 0 : undefined);
  switch (fn) {
    case 'lt': return decide(hi < 0, lo >= 0);
    case 'le': return decide(hi <= 0, lo > 0);
    case 'gt': return decide(lo > 0, hi <= 0);
    case 'ge': return decide(lo >= 0, hi < 0);
    case 'eq': return decide(lo === 0 && hi === 0, hi < 0 || lo > 0);
    case 'ne': return decide(hi < 0 || lo > 0, lo === 0 && hi === 0);
    default: return undefined;
  }
};
/** one operand that decides alone, whatever number the other is; not where integers are divided by zero, or their bits are joined */
const settled = (fn: ScalarName, dtype: DType, [x, y]: readonly (number | undefined)[]): number | undefined => {
  const either = (v: number): boolean => x === v || y === v;
  switch (fn) {
    case 'mul': case 'and': return either(0) ? 0 : undefined;
    case 'or': return dtype === 'bool' && either(1) ? 1 : undefined;
    case 'div': return isFloat(dtype) && x === 0 ? 0 : undefined;
    case 'add': return either(-Infinity) ? -Infinity : undefined;
    case 'sub': return x === -Infinity ? -Infinity : undefined;
    default: return undefined;
  }
};

/** by how much columns may lie beyond rows before a comparison of places is decided; the least first */
const turningPoints = (l: Layout, row: number, axis: number): readonly number[] => {
  const found = new Set<number>(), factorOf = ({ terms }: Index, i: number): number => terms.find((t) => t.of.kind === 'axis' && t.of.axis === axisName(i))?.by ?? 0;
  const compare = (difference: Index): void => {
    const own = factorOf(difference, axis);
    // own·(col − row) + bias turns where col − row = −bias / own
    if (own !== 0 && own === -factorOf(difference, row) && difference.terms.length === 2) for (const by of [-1, 0]) found.add(Math.floor(-difference.bias / own) + by);
  };
  const where: Region = { ...region(l, row, axis, 0), guard: [], compare };
  for (const n of l.anchors) for (const [x, at] of operandsOf(l, n)) valueBeyond(x, at, where);
  return [...found].sort((a, b) => a - b);
};

/*
Note [What a mask leaves out]
Of a causal row softmax leaves exact zeros beyond the row's own place: where(seen, scores, −∞) less any maximum is −∞, and its
exponential 0. A maximum does not see −∞, nor a sum or contraction 0, so that a block of rows stops at its last one's place.
This takes 0 for what it is multiplied by anything: an ∞ or NaN that only masked places read does not reach the result.
The rows of a block read the columns of the block's last row, each under its own mask.
*/

import { isSym } from '../../core/dim.ts';
import { roundTo } from '../../core/dtype.ts';
import { monoidRow } from '../../ir/monoids.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { isView } from './access.ts';
import { inputsOf, keptValues, levelsOf, piecesOf, valueIn, type Layout, type Levels } from './pieces.ts';
import type { Part, Piece, Slot } from './plan.ts';

/** Rows as a stream of columns. `slots`: also the sums that run over the stream; the first `used` of them are slots of parts. */
export interface Streamed {
  readonly parts: readonly Part[];
  readonly axis: number;
  readonly rescaled: ReadonlyMap<Node, Node>;
  readonly centred: ReadonlyMap<Node, Node>;
  readonly slots: readonly Slot[];
  readonly used: number;
  readonly passes: number;
}

/**
 * The parts of a row whose columns come in blocks, so that only a block of what is wide is ever held. What needs a finished
 * reduction over all columns waits for another pass over them, in which wide values are computed again; but not what
 * only scales with it. See Note [Rescaling].
 */
export const streamOf = (l: Layout, levels: Levels, axis: number): Streamed | undefined => {
  const found = passesOf(l, levels, axis);
  if (found === undefined) return undefined;
  // the sums of squares, the squares, and what is squared
  const { pass, ready, rescaled, centred } = found, about = new Set([...centred.keys()].flatMap((n): readonly Node[] => [n, n.inputs[0], n.inputs[0].inputs[0]])), isStreamed = (n: Node): boolean => (l.aligned.align.get(n) ?? []).includes(axis);
  const inRows = l.anchors.filter((n) => !levels.ends.has(n)), passes = 1 + Math.max(-1, ...pass.values());
  const runs = (n: Node): boolean => isStreamed(n) && !valueIn(l, n).includes(axis);
  const isSink = (n: Node): boolean => runs(n) || levels.over.includes(n) || l.roots.has(n);
  const parts: Part[] = [], slots: Slot[] = [], shared: number[] = [];
  for (let p = 0; p <= passes; p++) {
    const before = partOf(l, inRows.filter((n) => !isStreamed(n) && (ready.get(n) ?? 0) === p), new Set(inRows));
    const now = p === passes ? undefined : partOf(l, neededIn(l, inRows.filter((n) => isStreamed(n) && pass.get(n) === p && isSink(n)), axis, about), new Set());
    if (before === undefined || (now === undefined && p < passes)) return undefined;
    if (before.pieces.length > 0) parts.push({ streamed: false, pieces: before.pieces, kept: placed(before, slots, []) });
    // one pass over the columns after the other: their scratch is the same
    if (now !== undefined) parts.push({ streamed: true, pieces: now.pieces, kept: placed(now, slots, shared) });
  }
  const sums = inRows.filter((n) => runs(n) && n.op === 'dotGeneral' && !levels.over.includes(n)).map((n): Slot => ({ dtype: n.type.dtype, cols: levels.cols.get(n) ?? [] }));
  return { parts, axis, rescaled, centred, slots: [...slots, ...sums], used: slots.length, passes };
};

interface Planned { readonly pieces: readonly Piece[]; readonly kept: ReadonlyMap<Node, number>; readonly slots: readonly Slot[] }
/** some anchors as a part of their own; what the others need of them later is kept */
const partOf = (l: Layout, anchors: readonly Node[], later: ReadonlySet<Node>): Planned | undefined => {
  const own = new Set(anchors), reads = new Map([...l.reads].map(([n, r]) => [n, { ...r, inside: r.inside.filter((x) => own.has(x.node)) }]));
  const part: Layout = { ...l, anchors, reads }, levels = levelsOf(part);
  if ('refused' in levels) return undefined;
  const read = new Set([...later].filter((n) => !own.has(n)).flatMap((n) => inputsOf(l, n))), pieces = piecesOf(part, levels);
  return { pieces, ...keptValues(part, levels, pieces, new Set(anchors.filter((n) => read.has(n)))) };
};

/** the part's slots among those of the block: in `shared` ones first, which no part has at the same time */
const placed = (part: Planned, slots: Slot[], shared: number[]): Part['kept'] => {
  const taken = new Set<number>();
  const at = part.slots.map((slot) => {
    const known = shared.find((i) => !taken.has(i) && slots[i].dtype === slot.dtype && slots[i].cols.join() === slot.cols.join()), place = known ?? slots.push(slot) - 1;
    if (known === undefined) shared.push(place);
    taken.add(place);
    return place;
  });
  return new Map([...part.kept].map(([n, slot]) => [n, at[slot]]));
};

/** with the wide values that they are computed from */
const neededIn = (l: Layout, sinks: readonly Node[], axis: number, about: ReadonlySet<Node>): readonly Node[] => {
  const found = new Set<Node>(), pending = [...sinks];
  for (let n = pending.pop(); n !== undefined; n = pending.pop()) {
    if (found.has(n)) continue;
    found.add(n);
    // what is centred knows its mean so far
    pending.push(...inputsOf(l, n).filter((x) => valueIn(l, x).includes(axis) || (x.op === 'map' && about.has(n))));
  }
  return l.anchors.filter((n) => found.has(n));
};

// ── passes over the columns

/** In which pass a value can be computed, and the running reduction that it scales with, if any. */
interface When { readonly pass: number; readonly with?: Node }
interface Passes { readonly pass: ReadonlyMap<Node, number>; readonly ready: ReadonlyMap<Node, number>; readonly rescaled: ReadonlyMap<Node, Node>; readonly centred: ReadonlyMap<Node, Node> }

const passesOf = (l: Layout, levels: Levels, axis: number): Passes | undefined => {
  const when = new Map<Node, When>(), pass = new Map<Node, number>(), ready = new Map<Node, number>(), rescaled = new Map<Node, Node>(), centred = new Map<Node, Node>(), anchors = new Set(l.anchors);
  const at = (x: Node): When => when.get(x) ?? { pass: 0 };
  const finished = (w: When): number => w.pass + (w.with === undefined ? 0 : 1);
  for (const n of nodesBetween(l)) {
    const isStreamed = anchors.has(n) && (l.aligned.align.get(n) ?? []).includes(axis), isSum = isStreamed && !valueIn(l, n).includes(axis);
    const w = shifted(n, when) ?? combined(n, n.inputs.map(at));
    if (levels.ends.has(n)) continue;
    if (!isSum) {
      const own: When = levels.over.includes(n) || l.roots.has(n) ? { pass: finished(w) } : w;
      when.set(n, own);
      if (isStreamed) pass.set(n, own.pass);
      else if (anchors.has(n)) ready.set(n, finished(own));
      continue;
    }
    if (n.op === 'reduce' && (n.inputs.length > 1 || monoidRow(n.attrs.monoid).state > 1)) return undefined;
    const total = aboutMean(n), known = total === undefined ? undefined : pass.get(total);
    if (total !== undefined && known !== undefined && at(total.inputs[0]).with === undefined && at(total.inputs[0]).pass <= known) {
      pass.set(n, known);
      centred.set(n, total);
      when.set(n, { pass: known + 1 });
      continue;
    }
    const scales = w.with !== undefined && (n.op === 'dotGeneral' || (n.op === 'reduce' && n.attrs.monoid === 'add'));
    const own = scales ? w.pass : finished(w);
    pass.set(n, own);
    if (scales) rescaled.set(n, w.with);
    // whoever reads it reads it finished
    when.set(n, { pass: own + 1 });
  }
  return { pass, ready, rescaled, centred };
};

/** anchors and what is inlined between them, inputs before users */
const nodesBetween = (l: Layout): readonly Node[] => {
  const found = new Set<Node>(l.anchors), pending: Node[] = l.anchors.flatMap((n) => n.inputs);
  for (let n = pending.pop(); n !== undefined; n = pending.pop()) {
    if (found.has(n) || l.isOutside(n)) continue;
    found.add(n);
    pending.push(...n.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
};

/** exp(x − max x): what is relative to the largest so far scales with it */
const shifted = (n: Node, when: ReadonlyMap<Node, When>): When | undefined => {
  if (n.op !== 'map' || n.attrs.fn !== 'exp') return undefined;
  const [d] = n.inputs;
  if (d.op !== 'map' || d.attrs.fn !== 'sub') return undefined;
  const [x, spread] = d.inputs, top = throughViews(spread), own = when.get(top), of = when.get(x)?.pass ?? 0;
  if (top.op !== 'reduce' || top.attrs.monoid !== 'max' || top.inputs[0] !== x || own === undefined || when.get(x)?.with !== undefined || of > own.pass - 1) return undefined;
  return { pass: own.pass - 1, with: top };
};
/** of Σ (x − mean x)², with the mean of as many elements as are summed, the sum of x */
const aboutMean = (n: Node): Node<'reduce'> | undefined => {
  if (n.op !== 'reduce' || n.attrs.monoid !== 'add') return undefined;
  const [square] = n.inputs, [d, same] = square.inputs;
  if (square.op !== 'map' || square.attrs.fn !== 'mul' || d !== same || d.op !== 'map' || d.attrs.fn !== 'sub') return undefined;
  const [x, spread] = d.inputs, mean = throughViews(spread), sizes = n.attrs.axes.map((axis) => x.type.shape[axis]);
  if (mean.op !== 'map' || sizes.some(isSym)) return undefined;
  const count = sizes.reduce<number>((all, size) => all * Number(size), 1), rounded = roundTo[n.type.dtype];
  const { fn } = mean.attrs, [a, b] = mean.inputs.map(throughViews), [sum, number] = a.op === 'constant' ? [b, a] : [a, b];
  if (sum.op !== 'reduce' || sum.attrs.monoid !== 'add' || sum.inputs[0] !== x || number?.op !== 'constant' || sum.attrs.axes.join() !== n.attrs.axes.join()) return undefined;
  const { value } = number.attrs, isMean = typeof value === 'number' && ((fn === 'mul' && rounded(value) === rounded(1 / count)) || (fn === 'div' && a === sum && value === count));
  return isMean ? sum : undefined;
};
const throughViews = (x: Node): Node => {
  let at = x;
  while (isView(at)) at = at.inputs[0];
  return at;
};

/** the pass of what is made of these; it scales with a running reduction where it is linear in what does */
const combined = (n: Node, inputs: readonly When[]): When => {
  const last = Math.max(0, ...inputs.map((w) => w.pass)), scaling = inputs.map((w) => (w.pass === last ? w.with : undefined)), [first] = scaling.filter((m) => m !== undefined);
  if (first === undefined) return { pass: last };
  const same = scaling.every((m) => m === undefined || m === first), count = scaling.filter((m) => m !== undefined).length;
  return same && isLinear(n, scaling.map((m) => m !== undefined), count) ? { pass: last, with: first } : { pass: last + 1 };
};
const isLinear = (n: Node, scaling: readonly boolean[], count: number): boolean => {
  if (isView(n)) return n.op !== 'pad' && n.op !== 'concatenate';
  if (n.op === 'dotGeneral' || n.op === 'reduce') return count === 1;
  if (n.op !== 'map') return false;
  switch (n.attrs.fn) {
    case 'mul': return count === 1;
    case 'div': return count === 1 && scaling[0];
    case 'neg': return true;
    case 'add': case 'sub': return count === 2;
    case 'select': return !scaling[0] && n.inputs.slice(1).every((x, i) => scaling[i + 1] || isZero(x));
    default: return false;
  }
};
const isZero = (x: Node): boolean => { const at = throughViews(x); return at.op === 'constant' && at.attrs.value === 0; };

/*
Note [Rescaling]
A sum of exp(xⱼ − m)·wⱼ with m the largest xⱼ can be taken in one pass with m itself: whenever a block of columns makes m grow from
m₀ to m₁, what has been summed is multiplied by exp(m₀ − m₁). Sums of this kind are found by what they are made of: exp(x − max x)
scales with the running maximum, and so does everything that is linear in it. Whatever else needs the maximum waits for its
last value, in another pass. Likewise Σ (xⱼ − m)² with m the mean: when the mean of n₀ numbers moves from m₀ to m₁, what has been
summed grows by n₀·(m₀ − m₁)² (Chan, Golub and LeVeque 1979); the total is kept as if what has come so far were all. Where all that has come so far is −∞, the exponentials are taken relative to 0, and are 0; a row
of nothing else has no number for its sums, as without blocks.
*/

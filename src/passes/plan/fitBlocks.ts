import { maxSize } from '../../core/dim.ts';
import { byteSize } from '../../core/dtype.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { align, type Aligned } from './align.ts';
import { anchorReads, anchorsOf, type AnchorReads, type Candidate, type Fit } from './anchors.ts';
import { homesOf, keptValues, levelsOf, piecesOf, type Layout } from './pieces.ts';
import type { Slot, SpaceAxis } from './plan.ts';
import { isCheap, isSource, seedReads, valueAxes } from './seeds.ts';
import { reachOf } from './reach.ts';
import { streamOf, type Streamed } from './stream.ts';

/** whether values among the seeds are better never stored, and each contraction has one of them */
export const mayTakeTurns = ({ seeds: members }: Candidate, seeds: ReadonlySet<Node>, transient: ReadonlySet<Node>, target: Target): boolean => {
  if (target.shape === 'flat' || !members.some((n) => transient.has(n))) return false;
  return members.every((n) => n.op !== 'dotGeneral' || transient.has(n) || seedReads(n, seeds).some((r) => transient.has(r.node)));
};
/**
 * Contractions that take turns with sweeps over rows: what is wide between them stays in scratch, a block of rows at a time.
 * Only for values that are better never stored (see transients.ts), where there are some.
 */
export const fitBlocks = (candidate: Candidate, seeds: ReadonlySet<Node>, target: Target, transient: ReadonlySet<Node>): Fit => {
  const wide: Candidate = { seeds: candidate.seeds, roots: new Set([...candidate.roots, ...heldIn(candidate, seeds)]) };
  const anchors = anchorsOf(wide), reads = anchorReads(wide, seeds), aligned = align(anchors, reads);
  if ('refused' in aligned) return aligned;
  const inputs = new Set([...reads.values()].flatMap((r) => r.outside.map((x) => x.node)));
  if (inputs.size + candidate.roots.size > target.maxBuffers) return { refused: `more than ${target.maxBuffers} buffers` };
  const inside = anchors.filter((n) => transient.has(n)), [first] = inside;
  const own = first === undefined ? [] : valueIn(first, aligned);
  if (inside.some((n) => !sameSet(valueIn(n, aligned), own))) return { refused: 'wide values that run over different rows' };
  let why = 'no rows to share';
  for (const cols of columnChoices(anchors, reads, aligned, new Set(own))) {
    const isOutside = (n: Node): boolean => isSource(n) || (seeds.has(n) && !candidate.seeds.includes(n));
    const found = layOut({ anchors, reads, aligned, rows: own.filter((i) => !cols.has(i)), roots: candidate.roots, isOutside }, [...cols], target);
    if ('nest' in found) return found;
    why = found.refused;
  }
  return { refused: why };
};

/** the axes of the space that a value has */
const valueIn = (n: Node, { align: of }: Aligned): readonly number[] => { const own = of.get(n) ?? []; return valueAxes(n).map((axis) => own[axis]); };
const sameSet = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((i) => b.includes(i));

/**
 * The elementwise values that are computed once for each element, stored or not: operands of contractions, and what several
 * others read if it is dear or spares keeping the product that it is made of.
 */
const heldIn = ({ seeds: members, roots }: Candidate, seeds: ReadonlySet<Node>): readonly Node[] => {
  const own = new Set(members), held = new Set<Node>(), anchoredBy = new Map<Node, ReadonlySet<Node>>();
  for (const n of [...members].reverse()) {
    const readers = anchoredBy.get(n) ?? new Set<Node>(), below = seedReads(n, seeds).map((r) => r.node).filter((x) => own.has(x));
    const isShared = n.op === 'map' && readers.size > 1 && (!isCheap(n) || below.some((x) => x.op === 'dotGeneral'));
    if (isShared) held.add(n);
    const isAnchor = n.op !== 'map' || roots.has(n) || held.has(n);
    for (const x of below) {
      if (n.op === 'dotGeneral' && x.op === 'map') held.add(x);
      anchoredBy.set(x, new Set([...(anchoredBy.get(x) ?? []), ...(isAnchor ? [n] : readers)]));
    }
  }
  return [...held];
};

/** which of a wide value's axes are its columns: those that are reduced, or contracted, or that the product's right factor brings */
const columnChoices = (anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>, { align: of }: Aligned, wide: ReadonlySet<number>): readonly ReadonlySet<number>[] => {
  const reduced: number[][] = [], contracted: number[][] = [], brought: number[][] = [];
  for (const n of anchors) {
    const own = of.get(n) ?? [], readsInside = (reads.get(n)?.inside ?? []).length > 0;
    if (n.op === 'reduce' && readsInside) reduced.push(n.attrs.axes.map((axis) => own[axis]));
    if (n.op !== 'dotGeneral') continue;
    const rank = n.type.shape.length, right = n.inputs[1].type.shape.length - n.attrs.batch[1].length - n.attrs.contract[1].length;
    if (readsInside) contracted.push(own.slice(rank));
    brought.push(own.slice(rank - right, rank));
  }
  const choices = [...reduced, ...contracted, ...brought].map((axes) => axes.filter((i) => wide.has(i))).filter((axes) => axes.length > 0 && axes.length < wide.size);
  return [...new Map(choices.map((axes) => [[...axes].sort((a, b) => a - b).join(), new Set(axes)])).values()];
};

const layOut = (l: Layout, cols: readonly number[], target: Target): Fit => {
  const { anchors, aligned, rows } = l;
  const batched = new Set(anchors.flatMap((n) => (n.op === 'dotGeneral' ? (aligned.align.get(n) ?? []).slice(0, n.attrs.batch[0].length) : [])));
  const last = rows.filter((i) => !batched.has(i)).at(-1);
  if (last === undefined) return { refused: 'no axis of the rows to take in blocks' };
  const layout: Layout = { ...l, rows: [...rows.filter((i) => i !== last), last] };
  const levels = levelsOf(layout);
  if ('refused' in levels) return levels;
  const across = homesOf(layout, levels);
  if (across === undefined) return { refused: 'a sum over the rows has no memory to grow in' };
  const { axes: space, align: of } = aligned, reach = reachOf(layout, levels, cols);
  const nest = { kind: 'blocks', space, align: of, rows: layout.rows, across, ...(reach && { reach }) } as const;
  const pieces = piecesOf(layout, levels), { kept, slots } = keptValues(layout, levels, pieces);
  const mostOf = reach === undefined ? mostRows : Math.min(mostRows, Math.max(fewRows, Math.floor(maxSize(space[reach.axis].size) / shortBlocks)));
  const block = blockOf(space[last], rowsIn(target, bytesOf(slots, (i) => maxSize(space[i].size))), target, mostOf);
  const longest = cols.reduce((a, b) => (maxSize(space[b].size) > maxSize(space[a].size) ? b : a));
  if (block < fewRows && block < maxSize(space[last].size)) {
    const streamed = streamOf(layout, levels, longest), inStream = streamed === undefined ? undefined : streamBlocks(streamed, aligned, space[last], target);
    if (streamed !== undefined && inStream !== undefined && inStream.rows > block && (streamed.passes === 1 || block < target.tile.m)) {
      const { parts, axis, rescaled, centred, slots: all, used } = streamed;
      return { nest: { ...nest, block: inStream.rows, parts, stream: { axis, block: inStream.columns, rescaled, centred }, slots: all.slice(0, used) } };
    }
  }
  if (block < 1) return { refused: 'a row of what is wide does not fit in scratch' };
  return { nest: { ...nest, block, parts: [{ streamed: false, pieces, kept }], slots } };
};

/** columns at a time: as many as leave room for enough rows */
const streamBlocks = ({ slots, axis }: Streamed, { axes }: Aligned, last: SpaceAxis, target: Target): { readonly rows: number; readonly columns: number } | undefined => {
  const most = maxSize(axes[axis].size);
  let found: { readonly rows: number; readonly columns: number } | undefined;
  for (let columns = mostColumns; columns >= leastColumns; columns /= 2) {
    if (columns >= most) continue;
    const rows = blockOf(last, rowsIn(target, bytesOf(slots, (i) => (i === axis ? columns : maxSize(axes[i].size)))), target);
    if (rows > (found?.rows ?? 0)) found = { rows, columns };
    if (rows >= fewRows) return found;
  }
  return found;
};
/** what is shared with so many columns has been read for all of them, and a block of them is still near */
const mostColumns = 64, leastColumns = 4;

/** scratch for one row */
const bytesOf = (slots: readonly Slot[], size: (axis: number) => number): number =>
  slots.reduce((sum, s) => sum + byteSize[s.dtype] * s.cols.reduce((n, i) => n * size(i), 1), 0);
const rowsIn = ({ scratchBytes }: Target, bytes: number): number => (bytes === 0 ? Infinity : Math.floor(scratchBytes / bytes));
/** with fewer rows than these, what they share would be read too often */
const fewRows = 16;
/** more rows than this gain nothing: what they share has been read for all of them */
const mostRows = 64;
/** where each block stops at its last row's place, so many blocks leave out nearly all that a mask does */
const shortBlocks = 16;
/** how many rows a block has: what fits, in whole tiles, and without a rest where there is such a number of about the size */
const blockOf = ({ size }: SpaceAxis, fitting: number, { tile }: Target, limit = mostRows): number => {
  const most = Math.min(fitting, limit, Math.max(1, maxSize(size)));
  const whole = most >= tile.m ? most - (most % tile.m) : most;
  if (typeof size !== 'number') return whole;
  for (let rows = whole; rows >= whole / 2 && rows > 0; rows--) if (size % rows === 0 && (rows % tile.m === 0 || rows < tile.m)) return rows;
  return whole;
};

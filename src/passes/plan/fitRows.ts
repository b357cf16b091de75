import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { Aligned } from './align.ts';
import type { AnchorReads, Candidate, Fit } from './anchors.ts';
import type { Phase, SpaceAxis } from './plan.ts';
import { iterationShape, valueAxes } from './seeds.ts';

/**
 * Reductions that share their outer loops. The columns are the axes of a first reduction; the rows are the others.
 * Along a row, a reduction is one sweep over the columns later than what it reads; a reduction over the rows
 * themselves accumulates across them, and what reads it comes after the last row.
 */
export const fitRows = (
  anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>, candidate: Candidate, aligned: Aligned, target: Target,
): Fit => {
  let why = 'no axes to share';
  for (const cols of columnChoices(anchors, reads, aligned)) {
    const phases = schedule(anchors, reads, aligned, cols);
    if ('refused' in phases) { why = phases.refused; continue; }
    const flat = target.shape === 'flat' ? flatRefusal(candidate, phases.phases) : undefined;
    if (flat !== undefined) { why = flat; continue; }
    const pick = (want: boolean): readonly SpaceAxis[] => aligned.axes.filter((_, i) => cols.has(i) === want);
    return { nest: { kind: 'rows', rows: pick(false), cols: pick(true), align: aligned.align, phases: phases.phases, held: [] } };
  }
  return { refused: why };
};

const reducedAxes = (n: Node<'reduce'>, { align }: Aligned): ReadonlySet<number> => {
  const own = align.get(n) ?? [];
  return new Set(n.attrs.axes.map((axis) => own[axis]));
};

/** the axes reduced by a reduction that reads no other: each distinct set once */
const columnChoices = (anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>, aligned: Aligned): readonly ReadonlySet<number>[] => {
  const afterReduction = new Set<Node>(), choices = new Map<string, ReadonlySet<number>>();
  for (const n of anchors) {
    const after = (reads.get(n)?.inside ?? []).some((r) => r.node.op === 'reduce' || afterReduction.has(r.node));
    if (after) afterReduction.add(n);
    else if (n.op === 'reduce') {
      const axes = reducedAxes(n, aligned);
      choices.set(aligned.axes.filter((_, i) => axes.has(i)).map((axis) => axis.name).join(), axes);
    }
  }
  return [...choices.values()];
};

type Phases = { readonly phases: ReadonlyMap<Node, Phase> } | { readonly refused: string };
const schedule = (anchors: readonly Node[], reads: ReadonlyMap<Node, AnchorReads>, aligned: Aligned, cols: ReadonlySet<number>): Phases => {
  const phases = new Map<Node, Phase>();
  const rowCount = aligned.axes.length - cols.size;
  for (const n of anchors) {
    const span = new Set(aligned.align.get(n));
    if (span.size !== iterationShape(n).length) return { refused: 'two axes of one value run together' };
    if ((reads.get(n)?.inside ?? []).some((r) => !spans(span, r.node, aligned))) return { refused: 'a value is read outside its loop' };
    const inputs = (reads.get(n)?.inside ?? []).map((r) => r.node);
    const late = inputs.some((x) => { const p = phases.get(x); return p?.at === 'across' || p?.at === 'end'; });
    const sweep = Math.max(0, ...inputs.flatMap((x) => readyAfter(x, phases.get(x))));
    const colsSpanned = [...span].filter((i) => cols.has(i)).length, rowsSpanned = span.size - colsSpanned;
    const extent: Extent = { sweep, late, rowsSpanned, colsSpanned, rowCount, colCount: cols.size };
    const phase = n.op === 'reduce' ? reducePhase(reducedAxes(n, aligned), cols, extent) : mapPhase(extent);
    if (typeof phase === 'string') return { refused: phase };
    phases.set(n, phase);
  }
  return { phases };
};

/** an axis of size 1 may be read at 0 by a value that does not run along it, but its loop is a loop */
const spans = (span: ReadonlySet<number>, x: Node, { align }: Aligned): boolean => {
  const own = align.get(x) ?? [];
  return valueAxes(x).every((axis) => span.has(own[axis]));
};

/** the sweep from which on a value of the row is there; none for what comes after the last row */
const readyAfter = (x: Node, phase: Phase | undefined): readonly number[] => {
  if (phase?.at === 'row') return [phase.sweep];
  return phase?.at === 'sweep' ? [x.op === 'reduce' ? phase.sweep + 1 : phase.sweep] : [];
};

interface Extent {
  readonly sweep: number; readonly late: boolean;
  readonly rowsSpanned: number; readonly colsSpanned: number; readonly rowCount: number; readonly colCount: number;
}

const reducePhase = (reduced: ReadonlySet<number>, cols: ReadonlySet<number>, e: Extent): Phase | string => {
  const reducedCols = [...reduced].filter((i) => cols.has(i)).length, reducedRows = reduced.size - reducedCols;
  if (e.late) return 'a reduction of a reduction over the rows';
  if (e.rowsSpanned !== e.rowCount) return 'a reduction that does not run over all rows';
  if (reducedRows === 0) return reducedCols === e.colCount ? { at: 'sweep', sweep: e.sweep } : 'a reduction over some of the columns';
  if (reducedRows !== e.rowCount) return 'a reduction over some of the rows';
  if (e.colsSpanned !== 0 && e.colsSpanned !== e.colCount) return 'a reduction over the rows with some of the columns';
  if (reducedCols !== 0 && reducedCols !== e.colsSpanned) return 'a reduction over the rows and some of the columns';
  return { at: 'across', sweep: e.sweep, inner: e.colsSpanned > 0 };
};

const mapPhase = (e: Extent): Phase | string => {
  if (e.late) return e.rowsSpanned === 0 && (e.colsSpanned === 0 || e.colsSpanned === e.colCount) ? { at: 'end' } : 'the rows would be swept again';
  if (e.rowsSpanned === e.rowCount && e.colsSpanned === e.colCount) return { at: 'sweep', sweep: e.sweep };
  if (e.rowsSpanned === e.rowCount && e.colsSpanned === 0) return { at: 'row', sweep: e.sweep };
  return e.rowsSpanned + e.colsSpanned === 0 ? { at: 'end' } : 'a value that spans some of the axes';
};

/** one thread computes one row: it may sweep, but stores one value of the row, and nothing crosses rows */
const flatRefusal = ({ roots }: Candidate, phases: ReadonlyMap<Node, Phase>): string | undefined => {
  const [root] = roots;
  const phase = phases.get(root);
  if (phase?.at === 'sweep' && root.op !== 'reduce') return 'every element would sweep its whole row again';
  const across = [...phases.values()].some((p) => p.at === 'across' || p.at === 'end');
  return across ? 'rows cannot be combined without memory shared by threads' : undefined;
};

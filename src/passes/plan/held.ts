import { byteSize } from '../../core/dtype.ts';
import { maxCount } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { axisName } from './align.ts';
import type { Held, Nest, SpaceAxis } from './plan.ts';
import { isCheap, pureAxis, readsOf } from './seeds.ts';

type Rows = Extract<Nest, { kind: 'rows' }>;
interface Swept { readonly nest: Rows; readonly members: ReadonlySet<Node>; readonly seeds: ReadonlySet<Node> }
/** a value at axes of the space, and the sweeps that need it */
interface Use { readonly node: Node; readonly axes: readonly (number | undefined)[]; readonly sweeps: Set<number> }

/**
 * What several sweeps of a row need stays in scratch from the first of them on: what is read from memory, so that memory is
 * read once, and what costs more to compute than to load. Nothing of it where a row does not fit.
 */
export const heldValues = (nest: Rows, members: readonly Node[], seeds: ReadonlySet<Node>, target: Target): readonly Held[] => {
  const swept: Swept = { nest, members: new Set(members), seeds };
  const repeated = usesOf(swept).filter((use) => use.sweeps.size > 1 && isWide(use, swept));
  const columns = maxCount(nest.cols.map((axis) => axis.size));
  for (const kept of [repeated, repeated.filter((use) => swept.members.has(use.node))]) {
    const held = inSlots(kept);
    const slots = new Map(held.map((h) => [h.slot, byteSize[h.node.type.dtype]]));
    if ([...slots.values()].reduce((sum, bytes) => sum + bytes * columns, 0) <= target.scratchBytes) return held;
  }
  return [];
};

/** every column of a row has its own, and other rows have others: what all rows share stays near by itself */
const isWide = ({ node, axes }: Use, { nest, members }: Swept): boolean => {
  const own = new Set(axes.map((i) => (i === undefined ? '' : axisName(i)))), has = ({ name }: SpaceAxis): boolean => own.has(name);
  return nest.cols.every(has) && (members.has(node) || nest.rows.length === 0 || nest.rows.some(has));
};

/** in the order in which they are computed */
const usesOf = (swept: Swept): readonly Use[] => {
  const { nest, members } = swept, uses = new Map<Node, Map<string, Use>>();
  const need = (node: Node, axes: Use['axes'], sweep: number): void => {
    const own = uses.get(node) ?? new Map<string, Use>(), key = axes.join(), known = own.get(key) ?? { node, axes, sweeps: new Set<number>() };
    known.sweeps.add(sweep);
    uses.set(node, own.set(key, known));
  };
  for (const [n, phase] of nest.phases) if (phase.at === 'sweep' || (phase.at === 'across' && phase.inner)) need(n, nest.align.get(n) ?? [], phase.sweep);
  // users first: each is computed in the first sweep that needs it
  for (const node of [...members].reverse()) for (const use of uses.get(node)?.values() ?? []) {
    const sweep = firstOf(use);
    for (const read of readsOf(node, (x) => stops(x, swept))) {
      if (read.guarded || read.node.op === 'reduce' || read.node.op === 'constant') continue;
      const axes = read.at.map((index) => { const own = pureAxis(index); return own === undefined ? undefined : use.axes[own]; });
      if (axes.every((axis, k) => axis !== undefined || read.node.type.shape[k] === 1)) need(read.node, axes, sweep);
    }
  }
  const all = [...uses.values()].flatMap((own) => [...own.values()]).filter(({ node }) => node.op !== 'reduce');
  return all.sort((a, b) => firstOf(a) - firstOf(b) || a.node.id - b.node.id);
};
const firstOf = ({ sweeps }: Use): number => Math.min(...sweeps);
/** what comes from elsewhere, and what of this kernel is dear */
const stops = (x: Node, { members, seeds }: Swept): boolean => seeds.has(x) && (!members.has(x) || x.op === 'reduce' || !isCheap(x));

/** A value may take the place of one that its own sweep reads for the last time. */
const inSlots = (uses: readonly Use[]): readonly Held[] => {
  const slots: { readonly dtype: string; last: number }[] = [];
  return uses.map(({ node, axes, sweeps }) => {
    const sweep = Math.min(...sweeps), last = Math.max(...sweeps), { dtype } = node.type;
    const free = slots.findIndex((s) => s.dtype === dtype && s.last <= sweep), slot = free < 0 ? slots.push({ dtype, last }) - 1 : free;
    slots[slot].last = last;
    return { node, axes, sweep, slot };
  });
};

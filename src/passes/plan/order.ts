import { sameType } from '../../core/dim.ts';
import { invariant } from '../../core/invariant.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { anchorsOf } from './anchors.ts';
import type { Draft } from './merge.ts';
import type { Phase } from './plan.ts';
import { pureAxis, readsOf, valueAxes, type Read } from './seeds.ts';

export interface Ordered {
  readonly drafts: readonly Draft[];
  readonly inPlace: ReadonlyMap<Node, Node<'parameter'>>;
}

/**
 * The order in which groups run, and which results may overwrite a donated parameter. A result takes over a
 * parameter's memory when every other kernel that reads the parameter can run before, and its own kernel reads each
 * element only where it is about to be overwritten.
 */
export const orderGroups = (drafts: readonly Draft[], seeds: ReadonlySet<Node>, results: readonly Node[], donated: ReadonlySet<Node>, mayTake: (result: number, param: number) => boolean = () => true): Ordered => {
  const owner = new Map(drafts.flatMap((d) => [...d.seeds].map((n) => [n, d] as const)));
  const before = new Map(drafts.map((d) => [d, new Set([...d.inputs].flatMap((x) => owner.get(x) ?? []))]));
  const readers = new Map<Node, Draft[]>();
  for (const d of drafts) for (const x of d.inputs) readers.set(x, [...(readers.get(x) ?? []), d]);
  const inPlace = new Map<Node, Node<'parameter'>>(), taken = new Set<Node>();
  const reads = new Map<Draft, Loads>();
  const readsIn = (d: Draft): Loads => {
    const known = reads.get(d) ?? loadsOf(d, seeds);
    reads.set(d, known);
    return known;
  };
  for (const own of [true, false]) for (const result of results) {
    const draft = owner.get(result);
    if (draft === undefined || inPlace.has(result)) continue;
    for (const p of donated) {
      if (p.op !== 'parameter' || taken.has(p) || !sameType(p.type, result.type) || !mayTake(results.indexOf(result), p.attrs.index)) continue;
      const uses = [...readsIn(draft).values()].some((all) => all.some((x) => x.node === p));
      if (uses !== own || (uses && !overwritable(draft, readsIn(draft), result, p))) continue;
      const earlier = (readers.get(p) ?? []).filter((d) => d !== draft);
      if (earlier.some((d) => dependsOn(d, draft, before))) continue;
      for (const d of earlier) before.get(draft)?.add(d);
      inPlace.set(result, p);
      taken.add(p);
      break;
    }
  }
  return { drafts: sort(drafts, before), inPlace };
};

const dependsOn = (from: Draft, on: Draft, before: ReadonlyMap<Draft, ReadonlySet<Draft>>): boolean => {
  const pending = [from], seen = new Set(pending);
  for (let d = pending.pop(); d !== undefined; d = pending.pop()) {
    if (d === on) return true;
    for (const next of before.get(d) ?? []) if (!seen.has(next)) { seen.add(next); pending.push(next); }
  }
  return false;
};

/**
 * What each anchor of a group loads: of the others it takes reductions and contractions as they were computed, but what
 * is elementwise may be computed again where it is read, from memory that its store has overwritten by then.
 */
type Loads = ReadonlyMap<Node, readonly Read[]>;
const loadsOf = (draft: Draft, seeds: ReadonlySet<Node>): Loads => {
  const members = new Set(draft.seeds), anchors = anchorsOf(draft);
  const isComputed = (x: Node): boolean => (seeds.has(x) && !members.has(x)) || x.op === 'reduce' || x.op === 'dotGeneral';
  return new Map(anchors.map((n) => [n, readsOf(n, isComputed)]));
};

/** every read of p in this kernel is at the element that `result` stores, and not in another sweep */
const overwritable = ({ nest }: Draft, reads: Loads, result: Node, p: Node): boolean => {
  if (nest.kind === 'scatter' || nest.kind === 'sort' || nest.kind === 'control' || nest.kind === 'blocks' || nest.kind === 'update') return false;
  const stored = valueAxes(result).map((axis) => nest.align.get(result)?.[axis]);
  for (const [anchor, all] of reads) for (const read of all) {
    if (read.node !== p) continue;
    const own = nest.align.get(anchor) ?? [];
    const inPlaceRead = read.at.every((index, j) => {
      const axis = pureAxis(index);
      return axis === undefined ? p.type.shape[j] === 1 : own[axis] === stored[j];
    });
    if (!inPlaceRead || read.guarded) return false;
    if (nest.kind === 'rows' && !sameMoment(nest.phases.get(anchor), nest.phases.get(result), anchor)) return false;
    if (nest.kind === 'contract' && anchor === nest.dot) return false;
  }
  return true;
};

const sameMoment = (a: Phase | undefined, b: Phase | undefined, anchor: Node): boolean => {
  if (a === undefined || b === undefined || anchor.op === 'reduce' || a.at !== b.at) return false;
  return a.at === 'end' || b.at === 'end' || a.sweep === b.sweep;
};

/** groups after those they need, otherwise as their nodes stand in the graph */
const sort = (drafts: readonly Draft[], before: ReadonlyMap<Draft, ReadonlySet<Draft>>): readonly Draft[] => {
  const rank = (d: Draft): number => d.seeds[d.seeds.length - 1].id;
  const waiting = new Map(drafts.map((d) => [d, before.get(d)?.size ?? 0]));
  const after = new Map<Draft, Draft[]>();
  for (const [d, needs] of before) for (const n of needs) after.set(n, [...(after.get(n) ?? []), d]);
  const ready = drafts.filter((d) => waiting.get(d) === 0).sort((a, b) => rank(b) - rank(a));
  const done: Draft[] = [];
  for (let d = ready.pop(); d !== undefined; d = ready.pop()) {
    done.push(d);
    for (const next of after.get(d) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) { ready.push(next); ready.sort((a, b) => rank(b) - rank(a)); }
    }
  }
  invariant(done.length === drafts.length, 'kernels wait for each other');
  return done;
};

import type { Node } from '../ir/graph/syntax.ts';
import { topological } from '../ir/graph/walk.ts';
import { bodyPrefix, kernelName, type Plan, type Reason } from '../passes/plan/plan.ts';
import { nameOf } from '../passes/plan/print.ts';

/** A merge that made a kernel what it is: what of, by which kind of merge, and the bytes of memory traffic that it saves. */
export interface Merge { readonly what: string; readonly because: string; readonly gain: number }
/** A merge that was not made, with which kernel, and what it would have saved. */
export interface Refusal extends Merge { readonly kernel: string }

/** The merges and refusals of each kernel. A refusal stands with both kernels; one that another merge has overtaken with none. */
const mergesOf = (plan: Plan, kernels: readonly string[]): readonly { readonly merges: readonly Merge[]; readonly notFused: readonly Refusal[] }[] => {
  const nodes = new Map<number, Node>(topological([...plan.results]).map((n) => [n.id, n])), homes = new Map(plan.groups.flatMap((g, i) => g.members.map((n) => [n.id, i] as const)));
  const named = ({ between }: Reason): string => between.map((part) => { const node = nodes.get(idIn(part)); return node === undefined ? part : nameOf(node); }).join(' into ');
  const merges = plan.groups.map(({ why }) => why.filter((w) => w.outcome === 'merged').map((w): Merge => ({ what: named(w), because: w.asked ?? `by ${w.rule}`, gain: w.gain })));
  const refusals: Map<string, Refusal>[] = plan.groups.map(() => new Map());
  const note = (at: number, refusal: Refusal): void => {
    const key = `${refusal.kernel} ${refusal.because}`, known = refusals[at].get(key);
    if (known === undefined || known.gain < refusal.gain) refusals[at].set(key, refusal);
  };
  for (const w of plan.groups.flatMap((g) => g.why)) {
    const [a, b] = w.between.map((part) => homes.get(idIn(part)));
    if (w.outcome === 'merged' || a === undefined || b === undefined || a === b) continue;
    const { because, gain } = w, what = named(w);
    note(a, { what, because, gain, kernel: kernels[b] });
    note(b, { what, because, gain, kernel: kernels[a] });
  }
  return merges.map((own, i) => ({ merges: own, notFused: [...refusals[i].values()].sort((x, y) => y.gain - x.gain) }));
};
/** the same of every kernel by its name, of those in loops too */
export const mergesIn = (plan: Plan, prefix = ''): ReadonlyMap<string, ReturnType<typeof mergesOf>[number]> => {
  const names = plan.groups.map((group) => `${prefix}${kernelName(group)}`), all = mergesOf(plan, names);
  return new Map([...names.map((name, i) => [name, all[i]] as const), ...plan.groups.flatMap((group) => {
    const bodies = group.nest.kind === 'control' ? plan.bodies.get(group.nest.node) ?? [] : [];
    return bodies.flatMap((body, i) => [...mergesIn(body, bodyPrefix(prefix, group, i, bodies.length))]);
  })]);
};
/** a group that was on its way is called by its nest and its last node: `rows:49` */
const idIn = (part: string): number => Number(part.slice(part.indexOf(':') + 1));

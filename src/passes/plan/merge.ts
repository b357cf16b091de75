import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { fit, type Candidate, type Fit } from './fit.ts';
import { createHeap } from './heap.ts';
import type { MergeRule, Nest, Reason } from './plan.ts';
import { bytesOf, isSource, readsOf } from './seeds.ts';

/** A group while groups are still being merged. */
export interface Draft {
  readonly id: number;
  /** inputs before users */
  readonly seeds: readonly Node[];
  readonly roots: ReadonlySet<Node>;
  readonly nest: Nest;
  readonly why: readonly Reason[];
  /** seeds of other groups, and parameters and constants, that it reads */
  readonly inputs: ReadonlySet<Node>;
}

/**
 * One group for each seed, then merges by gain, best first, while a legal one is left. The gain is memory traffic
 * saved; a merge is legal when the result fits one nest and no other group would have to run in its middle.
 */
export const mergeGroups = (seeds: ReadonlySet<Node>, results: readonly Node[], target: Target): readonly Draft[] => {
  const state = start(seeds, results, target);
  const heap = createHeap<Proposal>((a, b) => b.gain - a.gain || a.order - b.order);
  for (const draft of state.live.values()) for (const p of proposals(state, draft, 'consumers')) heap.push(p);
  for (let p = heap.pop(); p !== undefined; p = heap.pop()) {
    const a = state.live.get(p.a), b = state.live.get(p.b);
    if (a === undefined || b === undefined) continue;
    const merged = attempt(state, a, b, p);
    if (merged !== undefined) for (const next of proposals(state, merged, 'both')) heap.push(next);
  }
  return [...state.live.values()];
};

interface Proposal { readonly a: number; readonly b: number; readonly gain: number; readonly order: number }
interface State {
  readonly live: Map<number, Draft>;
  readonly owner: Map<Node, number>;
  /** the seeds that read a value */
  readonly users: ReadonlyMap<Node, readonly Node[]>;
  readonly inputsOf: ReadonlyMap<Node, ReadonlySet<Node>>;
  readonly seeds: ReadonlySet<Node>;
  readonly results: ReadonlySet<Node>;
  readonly target: Target;
  next: number;
}

const start = (seeds: ReadonlySet<Node>, results: readonly Node[], target: Target): State => {
  const inputsOf = new Map<Node, ReadonlySet<Node>>(), users = new Map<Node, Node[]>();
  for (const n of seeds) {
    const inputs = new Set(readsOf(n, (x) => seeds.has(x)).map((r) => r.node));
    inputsOf.set(n, inputs);
    for (const x of inputs) users.set(x, [...(users.get(x) ?? []), n]);
  }
  const state: State = { live: new Map(), owner: new Map(), users, inputsOf, seeds, results: new Set(results), target, next: 0 };
  for (const n of seeds) {
    const nest = fit({ seeds: [n], roots: new Set([n]) }, seeds, { ...target, maxBuffers: Infinity });
    if ('refused' in nest) throw new Error(`internal error: ${n.op} alone does not fit: ${nest.refused}`);
    add(state, [n], nest.nest, []);
  }
  return state;
};

const add = (state: State, seeds: readonly Node[], nest: Nest, why: readonly Reason[]): Draft => {
  const id = state.next++, own = new Set(seeds);
  const inputs = new Set(seeds.flatMap((n) => [...(state.inputsOf.get(n) ?? [])]).filter((x) => !own.has(x)));
  const draft: Draft = { id, seeds, roots: rootsOf(state, own), nest, why, inputs };
  state.live.set(id, draft);
  for (const n of seeds) state.owner.set(n, id);
  return draft;
};

const rootsOf = (state: State, seeds: ReadonlySet<Node>): ReadonlySet<Node> =>
  new Set([...seeds].filter((n) => state.results.has(n) || (state.users.get(n) ?? []).some((user) => !seeds.has(user))));

const ownerOf = (state: State, node: Node): number | undefined => state.owner.get(node);

function* proposals(state: State, draft: Draft, direction: 'consumers' | 'both'): Iterable<Proposal> {
  const others = new Set<number>();
  const note = (node: Node): void => {
    const id = ownerOf(state, node);
    if (id !== undefined && id !== draft.id) others.add(id);
  };
  for (const n of draft.seeds) (state.users.get(n) ?? []).forEach(note);
  for (const x of draft.inputs) {
    if (direction === 'both') note(x);
    const sharers = state.users.get(x) ?? [];
    if (sharers.length <= 64) sharers.forEach(note);
  }
  for (const id of others) {
    const other = state.live.get(id);
    if (other === undefined) continue;
    const gain = gainOf(state, draft, other);
    if (gain > 0) yield { a: Math.min(draft.id, id), b: Math.max(draft.id, id), gain, order: Math.min(draft.seeds[0].id, other.seeds[0].id) };
  }
}

/** bytes that need not be loaded, or stored, when the two run as one */
const gainOf = (state: State, a: Draft, b: Draft): number => {
  let bytes = 0;
  const both = new Set([...a.seeds, ...b.seeds]), stay = rootsOf(state, both);
  const crossing = (from: Draft, to: Draft): void => {
    for (const n of from.roots) {
      if (to.inputs.has(n)) bytes += bytesOf(n);
      if (!stay.has(n)) bytes += bytesOf(n);
    }
  };
  crossing(a, b);
  crossing(b, a);
  for (const x of a.inputs) if (b.inputs.has(x) && !(isSource(x) && x.type.shape.length === 0)) bytes += bytesOf(x);
  return bytes;
};

const attempt = (state: State, a: Draft, b: Draft, { gain }: Proposal): Draft | undefined => {
  const seeds = [...a.seeds, ...b.seeds].sort((x, y) => x.id - y.id);
  const rule = ruleOf(a, b);
  const between = [nameOf(a), nameOf(b)] as const;
  const candidate: Candidate = { seeds, roots: rootsOf(state, new Set(seeds)) };
  const result: Fit = entangled(state, a, b) ? { refused: 'another kernel would have to run in between' } : fit(candidate, state.seeds, state.target);
  if ('refused' in result) {
    refuse(state, a, { rule, between, outcome: 'refused', because: result.refused, gain });
    return undefined;
  }
  state.live.delete(a.id);
  state.live.delete(b.id);
  const reason: Reason = { rule, between, outcome: 'merged', because: `saves ${gain} bytes of memory traffic`, gain };
  return add(state, seeds, result.nest, [...a.why, ...b.why, reason]);
};

const refuse = (state: State, draft: Draft, reason: Reason): void => {
  const kept = draft.why.filter((r) => r.between[1] !== reason.between[1] || r.because !== reason.because);
  state.live.set(draft.id, { ...draft, why: [...kept, reason].slice(-16) });
};

const nameOf = (d: Draft): string => `${d.nest.kind}:${d.seeds[d.seeds.length - 1].id}`;
const ruleOf = (a: Draft, b: Draft): MergeRule => {
  if (![...b.inputs].some((x) => a.roots.has(x)) && ![...a.inputs].some((x) => b.roots.has(x))) return 'siblings';
  if (a.nest.kind === 'contract' || b.nest.kind === 'contract') return 'epilogue';
  return a.nest.kind === 'rows' || b.nest.kind === 'rows' ? 'rows' : 'inline';
};

/** whether a path leaves one group and enters the other through a third */
const entangled = (state: State, a: Draft, b: Draft): boolean => {
  const reaches = (from: Draft, to: Draft): boolean => {
    const limit = to.seeds[to.seeds.length - 1].id;
    const seen = new Set([from.id]);
    const pending = [...successors(state, from)].filter((id) => id !== to.id);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const group = state.live.get(id);
      if (group === undefined || group.seeds[0].id > limit) continue;
      for (const next of successors(state, group)) { if (next === to.id) return true; pending.push(next); }
    }
    return false;
  };
  return reaches(a, b) || reaches(b, a);
};

const successors = (state: State, { seeds, id }: Draft): ReadonlySet<number> => {
  const found = new Set<number>();
  for (const n of seeds) for (const user of state.users.get(n) ?? []) {
    const owner = state.owner.get(user);
    if (owner !== undefined && owner !== id) found.add(owner);
  }
  return found;
};

import type { Node } from '../../ir/graph/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { Candidate, Fit } from './anchors.ts';
import { fit } from './fit.ts';
import { decided, groupOf, type FusionDecision, type FusionRule } from './fusion.ts';
import { createHeap } from './heap.ts';
import type { MergeRule, Nest, Reason } from './plan.ts';
import { bytesOf, isSource, controlOf, seedReads } from './seeds.ts';
import { refusesUpdate, type Updates } from './updates.ts';

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
 * saved; a merge is legal when the result fits one nest and no other group would have to run in its middle. `rules` may
 * forbid merges, and ask for some before all others.
 */
export const mergeGroups = (seeds: ReadonlySet<Node>, results: readonly Node[], target: Target, transient: ReadonlySet<Node>, rules: readonly FusionRule[] = [], updates: Updates = new Map()): readonly Draft[] => {
  const state = start(seeds, results, target, transient, rules, updates);
  const heap = createHeap<Proposal>((a, b) => rank(b) - rank(a) || b.gain - a.gain || a.order - b.order);
  for (const draft of state.live.values()) for (const p of proposals(state, draft, 'consumers')) heap.push(p);
  for (let p = heap.pop(); p !== undefined; p = heap.pop()) {
    const a = state.live.get(p.a), b = state.live.get(p.b);
    if (a === undefined || b === undefined) continue;
    const merged = attempt(state, a, b, p);
    if (merged !== undefined) for (const next of proposals(state, merged, 'both')) heap.push(next);
  }
  return [...state.live.values()];
};

interface Proposal { readonly a: number; readonly b: number; readonly gain: number; readonly order: number; readonly decision: FusionDecision | undefined }
const rank = ({ decision }: Proposal): number => (decision?.merge === true ? 1 : 0);
interface State {
  readonly live: Map<number, Draft>;
  readonly owner: Map<Node, number>;
  /** the seeds that read a value */
  readonly users: ReadonlyMap<Node, readonly Node[]>;
  readonly inputsOf: ReadonlyMap<Node, ReadonlySet<Node>>;
  readonly seeds: ReadonlySet<Node>;
  readonly results: ReadonlySet<Node>;
  readonly transient: ReadonlySet<Node>;
  readonly target: Target;
  readonly rules: readonly FusionRule[];
  readonly updates: Updates;
  /** a topological order of the live groups: the place of each, and who stands at each place. See Note [Groups in order] */
  readonly places: Map<number, number>;
  readonly order: (number | undefined)[];
  next: number;
}

const start = (seeds: ReadonlySet<Node>, results: readonly Node[], target: Target, transient: ReadonlySet<Node>, rules: readonly FusionRule[], updates: Updates): State => {
  const inputsOf = new Map<Node, ReadonlySet<Node>>(), users = new Map<Node, Node[]>();
  for (const n of seeds) {
    const inputs = new Set(seedReads(n, seeds).map((r) => r.node));
    inputsOf.set(n, inputs);
    for (const x of inputs) { const own = users.get(x); if (own === undefined) users.set(x, [n]); else own.push(n); }
  }
  const state: State = { live: new Map(), owner: new Map(), users, inputsOf, seeds, results: new Set(results), transient, target, rules, updates, places: new Map(), order: [], next: 0 };
  for (const own of alone(seeds)) {
    const nest = fit({ seeds: own, roots: new Set(own) }, seeds, { ...target, maxBuffers: Infinity });
    if ('refused' in nest) throw new Error(`internal error: ${own[0].op} alone does not fit: ${nest.refused}`);
    const { id } = add(state, { seeds: own, roots: new Set(own.filter((n) => results.includes(n) || users.has(n))) }, nest.nest, []);
    state.places.set(id, state.order.push(id) - 1);
  }
  return state;
};

/** each seed for itself, but the results of one loop or choice together */
const alone = (seeds: ReadonlySet<Node>): Iterable<readonly Node[]> => {
  const groups = new Map<Node, Node[]>();
  for (const n of seeds) { const key = controlOf(n) ?? n; groups.set(key, [...(groups.get(key) ?? []), n]); }
  return groups.values();
};

const add = (state: State, { seeds, roots }: Candidate, nest: Nest, why: readonly Reason[]): Draft => {
  const id = state.next++, own = new Set(seeds);
  const inputs = new Set<Node>();
  for (const n of seeds) for (const x of state.inputsOf.get(n) ?? []) if (!own.has(x)) inputs.add(x);
  const draft: Draft = { id, seeds, roots, nest, why, inputs };
  state.live.set(id, draft);
  for (const n of seeds) state.owner.set(n, id);
  return draft;
};

/** whether a root of one of the two is one of both together */
const staysRoot = (state: State, n: Node, a: Draft, b: Draft): boolean => state.results.has(n) || (state.users.get(n) ?? []).some((user) => {
  const owner = state.owner.get(user);
  return owner !== a.id && owner !== b.id;
});

const ownerOf = (state: State, node: Node): number | undefined => state.owner.get(node);

const proposals = (state: State, draft: Draft, direction: 'consumers' | 'both'): readonly Proposal[] => {
  const others = new Set<number>(), found: Proposal[] = [];
  if (draft.nest.kind === 'control') return found;
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
    const gain = gainOf(state, draft, other), [a, b] = draft.id < id ? [draft, other] : [other, draft];
    const decision = state.rules.length === 0 ? undefined : decisionOn(state, a, b, gain);
    if (gain > 0 || decision?.merge === true) found.push({ a: a.id, b: b.id, gain, order: Math.min(a.seeds[0].id, b.seeds[0].id), decision });
  }
  return found;
};

/** bytes that need not be loaded, or stored, when the two run as one */
const gainOf = (state: State, a: Draft, b: Draft): number => {
  let bytes = 0;
  const crossing = (from: Draft, to: Draft): void => {
    // a root that the other group does not read is stored for somebody else
    from.roots.forEach((n) => { if (to.inputs.has(n)) bytes += staysRoot(state, n, a, b) ? bytesOf(n) : 2 * bytesOf(n); });
  };
  crossing(a, b);
  crossing(b, a);
  a.inputs.forEach((x) => { if (b.inputs.has(x) && !(isSource(x) && x.type.shape.length === 0)) bytes += bytesOf(x); });
  return bytes;
};

interface Merging { readonly first: Draft; readonly second: Draft; readonly candidate: Candidate; /** groups that go behind the merged one */ readonly behind: ReadonlySet<number>; readonly result: Fit }
/** what the two would be as one, or why they cannot be */
const merging = (state: State, a: Draft, b: Draft): Merging => {
  const seeds = inOrder(a.seeds, b.seeds), candidate: Candidate = { seeds, roots: new Set(seeds.filter((n) => (a.roots.has(n) || b.roots.has(n)) && staysRoot(state, n, a, b))) };
  const [first, second] = placeOf(state, a) < placeOf(state, b) ? [a, b] : [b, a], needing = groupsBetween(state, first, second);
  const because = needing === undefined ? 'another kernel would have to run in between' : refusesUpdate(candidate, state.updates, (n) => state.inputsOf.get(n));
  const result: Fit = because === undefined ? fit(candidate, state.seeds, state.target, state.transient) : { refused: because };
  return { first, second, candidate, behind: needing ?? new Set(), result };
};
const decisionOn = (state: State, a: Draft, b: Draft, bytes: number): FusionDecision | undefined => {
  const { first, second, result } = merging(state, a, b), group = ({ nest, seeds, roots }: Draft) => groupOf(nest, seeds, roots);
  return decided(state.rules, { first: group(first), second: group(second), kind: ruleOf(a, b), bytes, refused: 'refused' in result ? result.refused : undefined });
};

const attempt = (state: State, a: Draft, b: Draft, { gain, decision }: Proposal): Draft | undefined => {
  const { first, second, candidate, behind, result } = merging(state, a, b), between = [nameOf(a), nameOf(b)] as const, rule = ruleOf(a, b);
  if (decision?.merge === false || 'refused' in result) {
    const because = 'refused' in result ? `${result.refused}${decision?.merge === true ? `, though asked for ${decision.because}` : ''}` : decision?.because ?? '';
    refuse(state, a, { rule, between, outcome: 'refused', because, gain });
    return undefined;
  }
  state.live.delete(a.id);
  state.live.delete(b.id);
  const reason: Reason = { rule: result.nest.kind === 'blocks' ? 'stream' : rule, between, outcome: 'merged', because: `${decision === undefined ? '' : `${decision.because}, `}saves ${gain} bytes of memory traffic`, gain, ...(decision && { asked: decision.because }) };
  const merged = add(state, candidate, result.nest, [...a.why, ...b.why, reason]);
  reorder(state, first, second, merged, behind);
  return merged;
};

/** two lists in the order of their numbers as one */
const inOrder = (a: readonly Node[], b: readonly Node[]): readonly Node[] => {
  const all: Node[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) all.push(j === b.length || (i < a.length && a[i].id < b[j].id) ? a[i++] : b[j++]);
  return all;
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

const placeOf = (state: State, { id }: Draft): number => state.places.get(id) ?? -1;

/** the groups that need the first one and stand before the second; none where the second needs one of them */
const groupsBetween = (state: State, first: Draft, second: Draft): ReadonlySet<number> | undefined => {
  const end = placeOf(state, second), seen = new Set<number>(), pending: number[] = [];
  let needed = false;
  const follow = (group: Draft): void => {
    const from = group.id;
    for (const n of group.seeds) state.users.get(n)?.forEach((user) => {
      const to = state.owner.get(user);
      if (to === undefined || to === from) return;
      if (to !== second.id) pending.push(to);
      else if (group !== first) needed = true;
    });
  };
  follow(first);
  for (let id = pending.pop(); id !== undefined && !needed; id = pending.pop()) {
    const group = state.live.get(id);
    if (seen.has(id) || group === undefined || placeOf(state, group) > end) continue;
    seen.add(id);
    follow(group);
  }
  return needed ? undefined : seen;
};
/** what needs the first group goes behind the merged one */
const reorder = (state: State, first: Draft, second: Draft, merged: Draft, behind: ReadonlySet<number>): void => {
  const [from, to] = [placeOf(state, first), placeOf(state, second)];
  const inside = state.order.slice(from + 1, to).filter((id) => id !== undefined);
  const now = [...inside.filter((id) => !behind.has(id)), merged.id, ...inside.filter((id) => behind.has(id))];
  for (let place = from; place <= to; place++) {
    const id = now[place - from];
    state.order[place] = id;
    if (id !== undefined) state.places.set(id, place);
  }
  state.places.delete(first.id);
  state.places.delete(second.id);
};

/*
Note [Groups in order]
Two groups may run as one unless a third has to run between them: one that needs the first, and that the second needs. The
ids of nodes do not tell, because a group of several nodes can be entered late and left early. So the groups are kept in a
topological order, and only what stands between the two in it is searched. After a merge, the groups there that need the
first one go behind the merged group; all others stay before it.
*/

import { invariant } from './invariant.ts';

/** Names of the atoms that indices are made of. */
export type AxisId = string;
export type LocalId = string;
export type SymId = string;

/** An integer in normal form: terms sorted by their printed atom, no zero coefficients, no atom twice. */
export interface Index { readonly bias: number; readonly terms: readonly Term[] }
export interface Term { readonly by: number; readonly of: Atom }
export type Atom =
  /** 0 ≤ axis < extent of the loop that binds it */
  | { readonly kind: 'axis'; readonly axis: AxisId }
  /** the value of a bounded dimension's symbol */
  | { readonly kind: 'size'; readonly sym: SymId }
  /** an i32 read from memory by a `let`, clamped to lo … hi (inclusive) when used as an index */
  | { readonly kind: 'data'; readonly local: LocalId; readonly lo: number; readonly hi: number }
  /** floor division and its remainder; den > 0 */
  | { readonly kind: 'floorDiv' | 'mod'; readonly num: Index; readonly den: number };
/** The atoms that hold no other index. */
export type Leaf = Exclude<Atom, { readonly den: number }>;
export const isLeaf = (atom: Atom): atom is Leaf => atom.kind !== 'floorDiv' && atom.kind !== 'mod';

/** A conjunction; [] is true. */
export type Guard = readonly Conjunct[];
export interface Conjunct { readonly is: 'ge0' | 'eq0'; readonly of: Index }

/** The integers lo … hi, both included; empty where lo > hi. */
export interface Range { readonly lo: number; readonly hi: number }
/** What is known of the leaves; of a data atom, after its clamp (which holds whatever this says). */
export type Bounds = (leaf: Leaf) => Range;
export const unbounded: Bounds = () => ({ lo: -Infinity, hi: Infinity });

// ---- Making indices

export const constant = (bias: number): Index => ({ bias: bias + 0, terms: [] });
export const ofAtom = (of: Atom): Index => ({ bias: 0, terms: [{ by: 1, of }] });
export const axis = (name: AxisId): Index => ofAtom({ kind: 'axis', axis: name });
export const size = (sym: SymId): Index => ofAtom({ kind: 'size', sym });
export const data = (local: LocalId, lo: number, hi: number): Index => ofAtom({ kind: 'data', local, lo, hi });
export const zero: Index = constant(0);

const isSorted = (terms: readonly Term[]): boolean => terms.every(({ by, of }, i) => by !== 0 && (i === 0 || showAtom(terms[i - 1].of) < showAtom(of)));
const normal = (bias: number, terms: readonly Term[]): Index => {
  if (terms.length > 1 && isSorted(terms)) return { bias: bias + 0, terms };
  if (terms.length < 2) return { bias: bias + 0, terms: terms.length === 1 && terms[0].by === 0 ? [] : terms };
  // there are few: each goes where it belongs
  const keys: string[] = [], kept: Term[] = [];
  for (let i = 0; i < terms.length; i++) {
    const { by, of } = terms[i], key = showAtom(of);
    let at = 0;
    while (at < keys.length && keys[at] < key) at++;
    if (keys[at] === key) kept[at] = { by: kept[at].by + by, of };
    else { keys.splice(at, 0, key); kept.splice(at, 0, terms[i]); }
  }
  return { bias: bias + 0, terms: kept.some((t) => t.by === 0) ? kept.filter((t) => t.by !== 0) : kept };
};

export const add = (...indices: readonly Index[]): Index => {
  let bias = 0, terms: readonly Term[] = [];
  for (let i = 0; i < indices.length; i++) {
    const { bias: own, terms: more } = indices[i];
    bias += own;
    // the terms of one index are in normal form already
    if (more.length > 0) terms = terms.length === 0 ? more : terms.concat(more);
  }
  return indices.some((i) => i.terms === terms) ? { bias: bias + 0, terms } : normal(bias, terms);
};
export const scale = (index: Index, by: number): Index =>
  by === 0 ? zero : { bias: index.bias * by + 0, terms: index.terms.map((t) => ({ by: t.by * by, of: t.of })) };
export const sub = (a: Index, b: Index): Index => add(a, scale(b, -1));
export const shift = (index: Index, by: number): Index => ({ bias: index.bias + by, terms: index.terms });

const isConstant = (index: Index): boolean => index.terms.length === 0;
/** The number that the index always is, if it holds no atom. */
export const constantOf = (index: Index): number | undefined => (isConstant(index) ? index.bias : undefined);

// ---- Division. See Note [How a division splits]

const remainder = (n: number, den: number): number => n - den * Math.floor(n / den);
const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

interface Split { readonly by: number; readonly high: Index; readonly low: Index }

/** num = by·high + low with 0 ≤ low < by and by | den, for the largest such by, if there is one above 1. */
const split = (num: Index, den: number, bounds: Bounds): Split | undefined => {
  const candidates = new Set([den, ...num.terms.map((t) => gcd(t.by, den))]);
  for (const by of [...candidates].sort((a, b) => b - a)) {
    if (by === 1) return undefined;
    const rest = num.terms.filter((t) => t.by % by !== 0);
    const low = { bias: remainder(num.bias, by), terms: rest };
    const r = range(low, bounds);
    const floor = Math.floor(r.lo / by);
    if (!Number.isFinite(r.hi - r.lo) || Math.floor(r.hi / by) !== floor) continue;
    const whole = num.terms.filter((t) => t.by % by === 0).map((t) => ({ by: t.by / by, of: t.of }));
    return { by, high: { bias: Math.floor(num.bias / by) + floor, terms: whole }, low: shift(low, -by * floor) };
  }
  return undefined;
};

/** num = den·whole + rest, each coefficient of rest nearer to zero than den, its bias in 0 … den − 1 */
const reduce = (num: Index, den: number): readonly [whole: Index, rest: Index] => {
  const whole = num.terms.map((t) => ({ by: Math.trunc(t.by / den), of: t.of }));
  const rest = num.terms.map((t) => ({ by: t.by % den, of: t.of }));
  return [normal(Math.floor(num.bias / den), whole), normal(remainder(num.bias, den), rest)];
};

/** ⌊num / den⌋, as simple as what is known of the leaves allows; den > 0. */
export const floorDiv = (num: Index, den: number, bounds: Bounds = unbounded): Index => {
  invariant(Number.isInteger(den) && den > 0, `division by ${den}`);
  if (den === 1) return num;
  const [whole, rest] = reduce(num, den);
  const parts = split(rest, den, bounds);
  return add(whole, parts === undefined ? quotient(rest, den, bounds) : floorDiv(parts.high, den / parts.by, bounds));
};

/** the division of what no split takes apart, but for ⌊(⌊x/a⌋ + r) / b⌋ = ⌊(x + a·r) / (a·b)⌋ */
const quotient = (num: Index, den: number, bounds: Bounds): Index => {
  const [{ by, of }] = num.terms;
  const nested = num.terms.length === 1 && by === 1 && of.kind === 'floorDiv';
  return nested ? floorDiv(shift(of.num, of.den * num.bias), of.den * den, bounds) : ofAtom({ kind: 'floorDiv', num, den });
};

/** num − den·⌊num / den⌋, as simple as what is known of the leaves allows; den > 0. */
export const mod = (num: Index, den: number, bounds: Bounds = unbounded): Index => {
  invariant(Number.isInteger(den) && den > 0, `remainder by ${den}`);
  if (den === 1) return zero;
  const [, rest] = reduce(add(constant(num.bias), ...num.terms.map((t) => withoutMod(t, den))), den);
  const parts = split(rest, den, bounds);
  if (parts === undefined) return ofAtom({ kind: 'mod', num: rest, den });
  return add(scale(mod(parts.high, den / parts.by, bounds), parts.by), parts.low);
};

/** c·mod(x, a) leaves the remainder of c·x where den divides c·a */
const withoutMod = ({ by, of }: Term, den: number): Index =>
  scale(of.kind === 'mod' && (by * of.den) % den === 0 ? of.num : ofAtom(of), by);

// ---- Reading indices

/** The least interval that term-by-term arithmetic proves. */
export const range = (index: Index, bounds: Bounds): Range => {
  let lo = index.bias, hi = index.bias;
  for (let i = 0; i < index.terms.length; i++) {
    const { by, of } = index.terms[i], r = atomRange(of, bounds);
    lo += by * (by > 0 ? r.lo : r.hi);
    hi += by * (by > 0 ? r.hi : r.lo);
  }
  return { lo, hi };
};

const atomRange = (atom: Atom, bounds: Bounds): Range => {
  switch (atom.kind) {
    case 'axis': case 'size': return bounds(atom);
    case 'data': {
      const r = bounds(atom);
      return { lo: Math.max(r.lo, atom.lo), hi: Math.min(r.hi, atom.hi) };
    }
    case 'floorDiv': {
      const r = range(atom.num, bounds);
      return { lo: Math.floor(r.lo / atom.den), hi: Math.floor(r.hi / atom.den) };
    }
    case 'mod': {
      const r = range(atom.num, bounds);
      const same = Number.isFinite(r.hi - r.lo) && Math.floor(r.lo / atom.den) === Math.floor(r.hi / atom.den);
      return same ? { lo: remainder(r.lo, atom.den), hi: remainder(r.hi, atom.den) } : { lo: 0, hi: atom.den - 1 };
    }
  }
};

/** The value under the given values of the leaves; data atoms clamp what they are given. */
export const evaluate = (index: Index, env: (leaf: Leaf) => number): number =>
  index.terms.reduce((sum, { by, of }) => sum + by * evaluateAtom(of, env), index.bias);

const evaluateAtom = (atom: Atom, env: (leaf: Leaf) => number): number => {
  switch (atom.kind) {
    case 'axis': case 'size': return env(atom);
    case 'data': return Math.min(Math.max(env(atom), atom.lo), atom.hi);
    case 'floorDiv': return Math.floor(evaluate(atom.num, env) / atom.den);
    case 'mod': return remainder(evaluate(atom.num, env), atom.den);
  }
};

/** Every leaf of the index, those inside divisions too; repeated where it occurs repeatedly. */
export const leaves = (index: Index): readonly Leaf[] =>
  leavesInto(index, []);
const leavesInto = (index: Index, found: Leaf[]): readonly Leaf[] => {
  for (let i = 0; i < index.terms.length; i++) { const { of } = index.terms[i]; if (isLeaf(of)) found.push(of); else leavesInto(of.num, found); }
  return found;
};
export const mentions = (index: Index, name: AxisId): boolean =>
  leaves(index).some((leaf) => leaf.kind === 'axis' && leaf.axis === name);

// ---- Replacing

/** The index with leaves replaced; divisions are simplified again. Undefined keeps the leaf. */
export const substituteLeaves = (index: Index, replace: (leaf: Leaf) => Index | undefined, bounds: Bounds = unbounded): Index => {
  let { bias } = index, terms: Term[] | undefined;
  for (let i = 0; i < index.terms.length; i++) {
    const term = index.terms[i], { by, of } = term, instead = substituteAtom(of, replace, bounds);
    if (instead === undefined) { terms?.push(term); continue; }
    terms ??= index.terms.slice(0, i);
    bias += instead.bias * by;
    for (let j = 0; j < instead.terms.length; j++) terms.push({ by: instead.terms[j].by * by, of: instead.terms[j].of });
  }
  // most indices mention nothing that is replaced
  return terms === undefined ? index : normal(bias, terms);
};

/** undefined where the atom stays */
const substituteAtom = (atom: Atom, replace: (leaf: Leaf) => Index | undefined, bounds: Bounds): Index | undefined => {
  switch (atom.kind) {
    case 'floorDiv': return floorDiv(substituteLeaves(atom.num, replace, bounds), atom.den, bounds);
    case 'mod': return mod(substituteLeaves(atom.num, replace, bounds), atom.den, bounds);
    default: return replace(atom);
  }
};

/** The index with axes replaced; undefined keeps the axis. `bounds` speaks of the leaves after the replacement. */
export const substitute = (index: Index, replace: (axis: AxisId) => Index | undefined, bounds: Bounds = unbounded): Index =>
  substituteLeaves(index, (leaf) => (leaf.kind === 'axis' ? replace(leaf.axis) : undefined), bounds);

/** The index with its divisions simplified, and c·den·⌊x/den⌋ + c·mod(x, den) put together as c·x. */
export const simplify = (index: Index, bounds: Bounds): Index => {
  const simpler = rejoin(substituteLeaves(index, () => undefined, bounds));
  return equalIndex(simpler, index) ? index : simplify(simpler, bounds);
};

const rejoin = (index: Index): Index => {
  for (let i = 0; i < index.terms.length; i++) {
    const rest = index.terms[i];
    if (rest.of.kind !== 'mod') continue;
    const quotientKey = showIndex(floorDiv(rest.of.num, rest.of.den));
    const { num, den } = rest.of;
    const whole = index.terms.find((t) => t.by === rest.by * den && showAtom(t.of) === quotientKey);
    if (whole === undefined) continue;
    const others = index.terms.filter((t) => t !== rest && t !== whole);
    return rejoin(add({ bias: index.bias, terms: others }, scale(num, rest.by)));
  }
  return index;
};

// ---- Guards

/** The guard that never holds. */
export const never: Guard = [{ is: 'ge0', of: constant(-1) }];
export const isNever = (guard: Guard): boolean => guard.some(({ is, of }) => isConstant(of) && (is === 'ge0' ? of.bias < 0 : of.bias !== 0));
export const ge0 = (of: Index): Guard => [{ is: 'ge0', of }];
export const eq0 = (of: Index): Guard => [{ is: 'eq0', of }];
/** lo ≤ index < hi */
export const within = (index: Index, lo: Index, hi: Index): Guard => [...ge0(sub(index, lo)), ...ge0(shift(sub(hi, index), -1))];

/** Drops what always holds and what is said twice; `never` where it cannot hold. */
export const simplifyGuard = (guard: Guard, bounds: Bounds): Guard => {
  const strongest = new Map<string, Conjunct>();
  for (const raw of guard) {
    const conjunct = reduced({ is: raw.is, of: simplify(raw.of, bounds) });
    const truth = conjunct === undefined ? false : holds(conjunct, bounds);
    if (conjunct === undefined || truth === false) return never;
    if (truth === true) continue;
    const key = conjunct.is === 'ge0' ? showIndex({ bias: 0, terms: conjunct.of.terms }) : `= ${showIndex(conjunct.of)}`;
    const known = strongest.get(key);
    if (known === undefined || conjunct.of.bias < known.of.bias) strongest.set(key, conjunct);
  }
  const kept = [...strongest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, conjunct]) => conjunct);
  return kept.length > 1 && contradicts(kept, bounds) ? never : kept;
};
/** whether the conjuncts leave some leaf no value */
const contradicts = (guard: Guard, bounds: Bounds): boolean => {
  const inside = narrow(bounds, guard);
  return guard.some(({ of }) => leaves(of).some((leaf) => { const { lo, hi } = inside(leaf); return lo > hi; }));
};

/** divided by what its coefficients share; undefined where no integer can satisfy it */
const reduced = ({ is, of }: Conjunct): Conjunct | undefined => {
  const shared = of.terms.reduce((g, t) => gcd(g, t.by), 0);
  if (shared === 0) return { is, of };
  if (is === 'eq0' && of.bias % shared !== 0) return undefined;
  const by = is === 'eq0' && of.terms[0].by < 0 ? -shared : shared;
  return { is, of: { bias: Math.floor(of.bias / by) + 0, terms: of.terms.map((t) => ({ by: t.by / by, of: t.of })) } };
};

/** Whether the conjunct holds for all values in bounds (true), for none (false), or for some. */
const holds = ({ is, of }: Conjunct, bounds: Bounds): boolean | undefined => {
  const { lo, hi } = range(of, bounds);
  if (is === 'ge0') return lo >= 0 ? true : hi < 0 ? false : undefined;
  return lo === 0 && hi === 0 ? true : lo > 0 || hi < 0 ? false : undefined;
};

export const evaluateGuard = (guard: Guard, env: (leaf: Leaf) => number): boolean =>
  guard.every(({ is, of }) => (is === 'ge0' ? evaluate(of, env) >= 0 : evaluate(of, env) === 0));

/** What is known where the guard holds: each conjunct bounds each of its leaves by the extremes of its others. */
export const narrow = (bounds: Bounds, guard: Guard): Bounds => {
  const known = new Map<string, Range>();
  const now: Bounds = (leaf) => known.get(showAtom(leaf)) ?? bounds(leaf);
  for (const side of bothSides(guard)) {
    for (const { by, of } of side.terms) {
      if (!isLeaf(of)) continue;
      const r = atomRange(of, now);
      const others = range({ bias: side.bias, terms: side.terms.filter((t) => t.of !== of) }, now).hi;
      if (!Number.isFinite(others)) continue;
      // by·leaf ≥ −others
      known.set(showAtom(of), by > 0
        ? { lo: Math.max(r.lo, Math.ceil(-others / by)), hi: r.hi }
        : { lo: r.lo, hi: Math.min(r.hi, Math.floor(-others / by)) });
    }
  }
  return now;
};

/** The interval of an index where the guard holds: adding multiples of what is not negative only loosens one end. */
export const rangeUnder = (index: Index, guard: Guard, bounds: Bounds): Range => {
  const inside = narrow(bounds, guard), sides = bothSides(guard);
  return { lo: lowest(index, sides, inside), hi: -lowest(scale(index, -1), sides, inside) };
};
/** index ≥ index − k·side wherever side ≥ 0 and k > 0; a good k removes a term, or completes den·⌊x/den⌋ + mod(x, den) */
const lowest = (index: Index, sides: readonly Index[], bounds: Bounds): number => {
  let best = index;
  for (const side of sides) {
    const factors = side.terms.map((t) => (best.terms.find((b) => showAtom(b.of) === showAtom(t.of))?.by ?? 0) / t.by);
    for (const k of factors.filter((f) => f > 0 && Number.isInteger(f))) {
      const without = simplify(sub(best, scale(side, k)), bounds);
      if (range(without, bounds).lo > range(best, bounds).lo) best = without;
    }
  }
  return range(best, bounds).lo;
};
/** the indices that are not negative where the guard holds */
const bothSides = (guard: Guard): readonly Index[] => guard.flatMap(({ is, of }) => (is === 'ge0' ? [of] : [of, scale(of, -1)])).flatMap((side) => [side, ...undivided(side)]);
/** ⌊x/den⌋ ≥ n where x ≥ n·den, and ⌊x/den⌋ ≤ n where x ≤ n·den + den − 1 */
const undivided = ({ bias, terms }: Index): readonly Index[] => {
  const [term] = terms;
  if (terms.length !== 1 || term.of.kind !== 'floorDiv' || Math.abs(term.by) !== 1) return [];
  const { num, den } = term.of;
  return [term.by > 0 ? shift(num, bias * den) : shift(scale(num, -1), bias * den + den - 1)];
};

// ---- Comparing and showing

export const equalIndex = (a: Index, b: Index): boolean =>
  a === b || (a.bias === b.bias && a.terms.length === b.terms.length && a.terms.every((t, i) => t.by === b.terms[i].by && equalAtom(t.of, b.terms[i].of)));
const equalAtom = (a: Atom, b: Atom): boolean => {
  if (a === b) return true;
  switch (a.kind) {
    case 'axis': return b.kind === 'axis' && a.axis === b.axis;
    case 'size': return b.kind === 'size' && a.sym === b.sym;
    case 'data': return b.kind === 'data' && a.local === b.local && a.lo === b.lo && a.hi === b.hi;
    case 'floorDiv': case 'mod': return a.kind === b.kind && a.den === b.den && equalIndex(a.num, b.num);
  }
};

const plain = /^[A-Za-z_$](?:[\w$']|\.(?!\.))*$/;
const words = new Set(['for', 'if', 'else', 'let', 'store', 'fold', 'into', 'with', 'alloc', 'block', 'contract', 'outline', 'init',
  'index', 'guard', 'true', 'false', 'inf', 'nan', 'floorDiv', 'mod', 'data']);
/** A name as the text forms write it: in backquotes where it is not a plain word. */
export const showName = (name: string): string =>
  plain.test(name) && !words.has(name) ? name : `\`${name.replace(/[\\`]/g, (c) => `\\${c}`)}\``;

const shown = new WeakMap<Atom, string>();
/** `i`, `%batch`, `data(ids, 0..9)`, `floorDiv(i, 4)` */
export const showAtom = (atom: Atom): string => {
  // sums are put in order by it, over and over
  const known = shown.get(atom) ?? textOf(atom);
  shown.set(atom, known);
  return known;
};
const textOf = (atom: Atom): string => {
  switch (atom.kind) {
    case 'axis': return showName(atom.axis);
    case 'size': return `%${showName(atom.sym)}`;
    case 'data': return `data(${showName(atom.local)}, ${atom.lo}..${atom.hi})`;
    case 'floorDiv': case 'mod': return `${atom.kind}(${showIndex(atom.num)}, ${atom.den})`;
  }
};

const signOf = (n: number, before: string): string => (before === '' ? (n < 0 ? '-' : '') : n < 0 ? ' - ' : ' + ');
/** `784*i + p - 1` */
export const showIndex = ({ bias, terms }: Index): string => {
  let text = '';
  for (const { by, of } of terms) text += `${signOf(by, text)}${Math.abs(by) === 1 ? '' : `${Math.abs(by)}*`}${showAtom(of)}`;
  return bias !== 0 || terms.length === 0 ? `${text}${signOf(bias, text)}${Math.abs(bias)}` : text;
};

/** `i - 1 >= 0 && j == 0`; `true` where it always holds */
export const showGuard = (guard: Guard): string =>
  guard.length === 0 ? 'true' : guard.map(({ is, of }) => `${showIndex(of)} ${is === 'ge0' ? '>=' : '=='} 0`).join(' && ');

/*
 * Note [How a division splits]
 * Where num = by·high + low, by divides den and 0 ≤ low < by,
 *   ⌊num / den⌋ = ⌊high / (den/by)⌋   and   num mod den = by·(high mod (den/by)) + low.
 * Every such `by` divides den and is the common divisor of den and some coefficient, or den itself, so the candidates
 * are few; the largest one leaves the least. by = den removes the division. `low` may lie in another multiple of by
 * as long as it never crosses one, which moves a constant into `high`.
 */

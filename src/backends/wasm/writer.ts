import { add, leaves, range, scale, showIndex, substitute, type Atom, type AxisId, type Bounds, type Index, type Range, type Term } from '../../core/affine.ts';
import { byteSize, computedAs, type Computed, type DType } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { BufferId, Expr, Place } from '../../ir/loop/syntax.ts';
import { get, i32, isLocalUse, select, set, type Code, type Local, type ValueType } from './code.ts';
import type { MathFunctions } from './maths.ts';
import type { Fn, ModuleWriter } from './module.ts';

/** An open scope while a function is written: its code, its pointers, what ends an iteration, the values it has loaded. */
export interface Scope {
  readonly axis: AxisId | undefined;
  readonly code: Code[];
  readonly known: Map<string, Local>;
  /** pointers that move with the loop, and by how much */
  readonly moving: { readonly pointer: Local; readonly by: number; readonly isAddress: boolean }[];
  readonly loads: Map<string, { readonly buffer: BufferId; readonly value: Local }>;
  /** the loop's own counter, once something reads it */
  counter: Local | undefined;
  /** where the loop starts, if not at 0 */
  readonly from: Local | undefined;
}
/** Four of 32 bits, or two where anything is f64. See Note [Two lanes] */
export type LaneCount = 2 | 4;
/** how many numbers of the dtype lie in a vector of them alone */
export const perVector = (dtype: Computed): LaneCount => (dtype === 'f64' ? 2 : 4);
export type Bound =
  /** `of`: how many copies of an unrolled loop there are */
  | { readonly kind: 'fixed'; readonly value: number; readonly of?: number }
  | { readonly kind: 'lanes'; readonly from: number; readonly width: LaneCount }
  | { readonly kind: 'loop'; readonly depth: number; readonly range: Range };

export type Held =
  /** `stored`: as what the numbers lie in memory */
  | { readonly at: 'param'; readonly dtype: Computed; readonly stored: DType }
  | { readonly at: 'scratch'; readonly dtype: Computed; readonly shape: readonly number[]; readonly offset: number }
  | { readonly at: 'register'; readonly dtype: Computed; readonly shape: readonly number[];
    /** by their position in a row of all elements, those of a vector by its first */
    readonly cells: ReadonlyMap<number, Local>;
    /** how many of the last dimension's elements lie in vectors, `perVector` in each */
    readonly packed: number;
    /** of vectors that an extreme is folded into: which lanes have met a NaN. See Note [Extremes in lanes] */
    readonly lost: Map<Local, Local>;
    /** of vectors whose lanes were all last given one number: that, and in which scope */
    readonly given: Map<Local, { readonly scope: Scope; readonly number: number }> };

/** A `let`: alone, as the same number in each lane, or a number for each lane. */
export interface Value { readonly dtype: Computed; readonly depth: number; readonly range: Range; readonly scalar?: Local; readonly splat?: Local; readonly lanes?: Local }

/** What a function takes from its caller, each under a key; the caller's code for it. */
export interface Root {
  readonly pointer: (base: string, unit: number, terms: readonly Term[]) => Code | undefined;
  readonly atom: (atom: Atom) => Code;
  readonly value: (local: string) => Value | undefined;
  readonly held: (buffer: BufferId) => Held | undefined;
  readonly bounds: Bounds;
  readonly truth: () => Code;
}

export interface Writer {
  readonly module: ModuleWriter;
  readonly maths: MathFunctions;
  readonly fn: Fn;
  readonly root: Root;
  readonly scopes: Scope[];
  readonly memory: Map<BufferId, Held>;
  readonly values: Map<string, Value>;
  readonly axes: Map<AxisId, Bound>;
  /** the one that goes in lanes, if one does */
  laneAxis: AxisId | undefined;
  readonly bounds: Bounds;
  /** parameters whose memory another one may be */
  readonly aliased: boolean;
  /** how many lanes the vectors have that are written, and the one that is written alone while the others wait */
  count: LaneCount;
  lane: number | undefined;
  /** bytes of scratch that are in use, and the most that were */
  readonly scratch: { used: number; most: number };
}

export const openScope = (axis?: AxisId, from?: Local): Scope => ({ axis, code: [], known: new Map(), moving: [], loads: new Map(), counter: undefined, from });

export const createWriter = (own: Pick<Writer, 'module' | 'maths' | 'fn' | 'root' | 'aliased' | 'scratch'>): Writer => {
  const axes = new Map<AxisId, Bound>();
  const bounds: Bounds = (leaf) => {
    const bound = leaf.kind === 'axis' ? axes.get(leaf.axis) : undefined;
    if (bound === undefined) return own.root.bounds(leaf);
    return bound.kind === 'fixed' ? { lo: bound.value, hi: bound.value } : bound.kind === 'lanes' ? { lo: bound.from, hi: bound.from + bound.width - 1 } : bound.range;
  };
  return { ...own, scopes: [openScope()], memory: new Map(), values: new Map(), axes, laneAxis: undefined, bounds, count: 4, lane: undefined };
};

const depth = (w: Writer): number => w.scopes.length - 1;
export const put = (w: Writer, ...code: readonly Code[]): void => { w.scopes[depth(w)].code.push(...code); };
/** the value in a local that keeps it: in the one where it is already, or in a new one */
export const hold = (w: Writer, type: ValueType, value: Code): Local => {
  if (isLocalUse(value) && steady.has(value.of)) return value.of;
  const local = w.fn.local(type);
  put(w, set(local, value));
  steady.add(local);
  return local;
};
/** locals that keep a value until they are left; see Note [Few locals] */
const steady = new WeakSet<Local>();
/** a scope that is open while `body` writes it */
export const within = (w: Writer, scope: Scope, body: () => void): Scope => {
  w.scopes.push(scope);
  body();
  w.scopes.pop();
  return scope;
};

export const heldOf = (w: Writer, buffer: BufferId): Held => {
  const held = w.memory.get(buffer) ?? w.root.held(buffer);
  invariant(held !== undefined, `no buffer ${buffer}`);
  return held;
};
export const valueOf = (w: Writer, local: string): Value => {
  const value = w.values.get(local) ?? w.root.value(local);
  invariant(value !== undefined, `no local ${local}`);
  return value;
};
export const storedAs = (held: Held): DType => (held.at === 'param' ? held.stored : held.dtype);
export const dtypeOf = (w: Writer, e: Expr): Computed => {
  switch (e.kind) {
    case 'const': case 'index': return e.dtype;
    case 'apply': return computedAs(e.dtype);
    case 'guard': return 'bool';
    case 'load': return heldOf(w, e.from.buffer).dtype;
    case 'local': return valueOf(w, e.local).dtype;
  }
};

/** An index where it stands: lanes as a step from the first of them; undefined where lanes do not lie in a row. */
export interface Standing { readonly index: Index; readonly step: number }
/** whether iterations are written as the lanes of vectors */
export const inLanes = (w: Writer): boolean => w.laneAxis !== undefined;
/** what is written while the axis stands for something else */
export const bind = <A>(w: Writer, axis: AxisId, bound: Bound, body: () => A): A => {
  const before = w.axes.get(axis), lanes = w.laneAxis;
  w.axes.set(axis, bound);
  w.laneAxis = bound.kind === 'lanes' ? axis : lanes === axis ? undefined : lanes;
  const result = body();
  w.laneAxis = lanes;
  if (before === undefined) w.axes.delete(axis);
  else w.axes.set(axis, before);
  return result;
};
export const standing = (w: Writer, index: Index): Standing | undefined => {
  const terms: Term[] = [];
  let { bias } = index, step = 0;
  for (let i = 0; i < index.terms.length; i++) {
    const term = index.terms[i], { by, of } = term;
    switch (of.kind) {
      case 'floorDiv': case 'mod': return dividedStanding(w, index);
      case 'size': terms.push(term); break;
      case 'data':
        if (inLanes(w) && valueOf(w, of.local).lanes !== undefined) return undefined;
        terms.push(term);
        break;
      case 'axis': {
        const bound = w.axes.get(of.axis);
        if (bound === undefined || bound.kind === 'loop') terms.push(term);
        else if (bound.kind === 'fixed') bias += by * bound.value;
        else { bias += by * bound.from; step = by; }
      }
    }
  }
  return { index: terms.length === index.terms.length ? index : { bias, terms }, step };
};
/** of an index with divisions, which what is fixed may simplify */
const dividedStanding = (w: Writer, index: Index): Standing | undefined => {
  const fixed = substitute(index, (axis) => { const b = w.axes.get(axis); return b?.kind === 'fixed' ? { bias: b.value, terms: [] } : undefined; }, w.bounds);
  const axis = w.laneAxis;
  if (!fixed.terms.some(({ of }) => of.kind === 'floorDiv' || of.kind === 'mod')) return standing(w, fixed);
  if (axis === undefined) return { index: fixed, step: 0 };
  const divided = fixed.terms.filter(({ of }) => of.kind === 'floorDiv' || of.kind === 'mod');
  if (leaves({ bias: 0, terms: divided }).some((leaf) => (leaf.kind === 'axis' && leaf.axis === axis) || (leaf.kind === 'data' && valueOf(w, leaf.local).lanes !== undefined))) return undefined;
  const others = standing(w, { bias: fixed.bias, terms: fixed.terms.filter((t) => !divided.includes(t)) });
  return others && { index: { bias: others.index.bias, terms: fixed.terms.filter((t) => divided.includes(t) || others.index.terms.includes(t)) }, step: others.step };
};
/** with the lane's own number for the lanes */
export const inLane = <A>(w: Writer, lane: number, body: () => A): A => {
  const axis = w.laneAxis, bound = axis === undefined ? undefined : w.axes.get(axis);
  if (axis === undefined || bound?.kind !== 'lanes') return body();
  w.lane = lane;
  const result = bind(w, axis, { kind: 'fixed', value: bound.from + lane }, body);
  w.lane = undefined;
  return result;
};

// ---- Integers and pointers

const depthOf = (w: Writer, atom: Atom): number => {
  switch (atom.kind) {
    case 'axis': { const b = w.axes.get(atom.axis); return b?.kind === 'loop' ? b.depth : 0; }
    case 'size': return 0;
    case 'data': return w.values.get(atom.local)?.depth ?? 0;
    case 'floorDiv': case 'mod': return deepest(w, atom.num.terms);
  }
};
const deepest = (w: Writer, terms: readonly Term[]): number => {
  let at = 0;
  for (let i = 0; i < terms.length; i++) at = Math.max(at, depthOf(w, terms[i].of));
  return at;
};
/** its code stands in the scope of its deepest atom, for pointers are shared by all of that scope */
const atomCode = (w: Writer, atom: Atom): Code => {
  switch (atom.kind) {
    case 'axis': {
      const b = w.axes.get(atom.axis);
      if (b?.kind !== 'loop') return w.root.atom(atom);
      const scope = w.scopes[b.depth];
      scope.counter ??= w.fn.local('i32');
      return get(scope.counter);
    }
    case 'size': return w.root.atom(atom);
    case 'data': {
      const { scalar, range: { lo, hi } } = valueOf(w, atom.local);
      invariant(scalar !== undefined, `${atom.local} is no single number`);
      const above = lo >= atom.lo ? get(scalar) : select(i32.ltS(get(scalar), i32.const(atom.lo)), i32.const(atom.lo), get(scalar));
      if (hi <= atom.hi) return above;
      const x = holdAt(w, depthOf(w, atom), above);
      return select(i32.gtS(get(x), i32.const(atom.hi)), i32.const(atom.hi), get(x));
    }
    case 'floorDiv': case 'mod': return divisionCode(w, atom);
  }
};
const holdAt = (w: Writer, at: number, value: Code): Local => {
  const local = w.fn.local('i32');
  w.scopes[at].code.push(set(local, value));
  return local;
};
const divisionCode = (w: Writer, atom: Extract<Atom, { den: number }>): Code => {
  const { kind, num, den } = atom, at = depthOf(w, atom);
  const x = integer(w, num), power = Math.log2(den), natural = range(num, w.bounds).lo >= 0;
  if (Number.isInteger(power)) return kind === 'floorDiv' ? i32.shrS(x, i32.const(power)) : i32.and(x, i32.const(den - 1));
  if (natural) return (kind === 'floorDiv' ? i32.divU : i32.remU)(x, i32.const(den));
  const rest = holdAt(w, at, i32.remS(x, i32.const(den)));
  const positive = holdAt(w, at, i32.add(get(rest), i32.and(i32.shrS(get(rest), i32.const(31)), i32.const(den))));
  return kind === 'mod' ? get(positive) : i32.divS(i32.sub(integer(w, num), get(positive)), i32.const(den));
};
const times = (code: Code, by: number): Code => (by === 1 ? code : by > 1 && Number.isInteger(Math.log2(by)) ? i32.shl(code, i32.const(Math.log2(by))) : i32.mul(code, i32.const(by)));

/** base + the sum of the terms, `unit` bytes each; what moves with a loop is a local that the loop advances */
const sum = (w: Writer, base: string | undefined, unit: number, terms: readonly Term[], text = showTerms(terms)): Code | undefined => {
  const at = deepest(w, terms), scope = w.scopes[at];
  if (at === 0) return atRoot(w, base, unit, terms, text);
  const key = `${base ?? ''}|${unit}|${text}`, known = scope.known.get(key);
  if (known !== undefined) return get(known);
  const own = terms.filter((t) => depthOf(w, t.of) === at), outer = terms.filter((t) => depthOf(w, t.of) < at);
  const local = w.fn.local('i32'), moving = own.find(({ of }) => of.kind === 'axis');
  if (own.length === 1 && moving !== undefined) {
    if (base === undefined && moving.by * unit === 1 && outer.length === 0) return atomCode(w, moving.of);
    const start = sum(w, base, unit, outer) ?? i32.const(0), by = moving.by * unit, before = w.scopes[at - 1];
    before.code.push(set(local, scope.from === undefined ? start : i32.add(start, times(get(scope.from), by))));
    scope.moving.push({ pointer: local, by, isAddress: base !== undefined });
  } else {
    const first = moving === undefined ? sum(w, base, unit, outer) : sum(w, base, unit, [...outer, moving]);
    const rest = own.filter((t) => t !== moving).map((t) => times(atomCode(w, t.of), t.by * unit));
    scope.code.push(set(local, [...(first === undefined ? [] : [first]), ...rest].reduce((a, b) => i32.add(a, b))));
  }
  scope.known.set(key, local);
  return get(local);
};
const showTerms = (terms: readonly Term[]): string => showIndex({ bias: 0, terms });
const atRoot = (w: Writer, base: string | undefined, unit: number, terms: readonly Term[], text: string): Code | undefined => {
  const given = base === undefined ? undefined : w.root.pointer(base, unit, terms);
  if (given !== undefined) return given;
  const [scope] = w.scopes, key = `${base ?? ''}|${unit}|${text}`, known = scope.known.get(key);
  if (known !== undefined) return get(known);
  const start = base === undefined ? undefined : w.root.pointer(base, unit, []);
  const all = [...(start === undefined ? [] : [start]), ...terms.map((t) => times(atomCode(w, t.of), t.by * unit))];
  if (all.length <= 1) return all[0];
  const local = w.fn.local('i32');
  scope.code.push(set(local, all.reduce((a, b) => i32.add(a, b))));
  scope.known.set(key, local);
  return get(local);
};
/** an integer; lanes must be fixed */
export const integer = (w: Writer, index: Index): Code => {
  const stands = standing(w, index);
  invariant(stands !== undefined && stands.step === 0, 'an index that differs from lane to lane');
  const { bias, terms } = stands.index, code = sum(w, undefined, 1, terms);
  return code === undefined ? i32.const(bias) : bias === 0 ? code : i32.add(code, i32.const(bias));
};

/** the base that all scratch lies after */
export const scratchBase = '$scratch';
/** base + the sum of the terms, as bytes */
export const pointerTo = (w: Writer, base: string, unit: number, terms: readonly Term[], text?: string): Code => sum(w, base, unit, terms, text) ?? i32.const(0);
/** a number that is never 0, which no compiler knows: what a fence tests */
export const truth = (w: Writer): Code => {
  for (let d = depth(w); d > 0; d--) { const moving = w.scopes[d].moving.find((m) => m.isAddress); if (moving !== undefined) return get(moving.pointer); }
  return w.root.truth();
};
/** Where an element lies: a pointer, a constant number of bytes after it, and how it is called among the loads of a scope. */
export interface Address { readonly base: Code; readonly offset: number; readonly key: string; readonly step: number }
export const addressOf = (w: Writer, { buffer, at }: Place): Address | undefined => {
  const held = heldOf(w, buffer), unit = byteSize[storedAs(held)];
  invariant(held.at !== 'register', `register ${buffer} has no address`);
  const stands = standing(w, flatOf(held, at));
  if (stands === undefined) return undefined;
  const { bias, terms } = stands.index, bytes = bias * unit + (held.at === 'scratch' ? held.offset : 0);
  const text = showTerms(terms), base = pointerTo(w, held.at === 'scratch' ? scratchBase : buffer, unit, terms, text);
  // an instruction's own offset is added without wrapping: to a pointer from before the start of memory it must not be left
  const isInside = bytes >= 0 && terms.every(({ by, of }) => by > 0 && (of.kind !== 'data' || of.lo >= 0));
  return { base: isInside || bytes === 0 ? base : i32.add(base, i32.const(bytes)), offset: isInside ? bytes : 0, key: `${buffer}[${text}, ${bias}]`, step: stands.step };
};
const flatOf = (held: Held, at: readonly Index[]): Index => (held.at === 'param' ? at[0] : flatIndex(held.shape, at));
/** the unrolled axis, in groups of as many copies as a vector has lanes, along which the place moves by one element */
export const runningAxis = (w: Writer, { buffer, at }: Place): { readonly axis: AxisId; readonly value: number } | undefined => {
  const held = heldOf(w, buffer), flat = flatOf(held, at);
  for (const { by, of } of flat.terms) {
    const bound = of.kind === 'axis' ? w.axes.get(of.axis) : undefined;
    if (of.kind === 'axis' && by === 1 && bound?.kind === 'fixed' && bound.of !== undefined && bound.of % perVector(held.dtype) === 0) return { axis: of.axis, value: bound.value };
  }
  return undefined;
};
const flatIndex = (shape: readonly number[], at: readonly Index[]): Index => {
  let each = 1;
  const parts: Index[] = [];
  for (let d = shape.length - 1; d >= 0; d--) { parts.unshift(scale(at[d], each)); each *= shape[d]; }
  return add(...parts);
};

// ---- Loads that are known already

export const knownLoad = (w: Writer, key: string): Local | undefined => {
  for (let d = depth(w); d >= 0; d--) {
    const found = w.scopes[d].loads.get(key);
    if (found !== undefined) return found.value;
  }
  return undefined;
};
export const rememberLoad = (w: Writer, key: string, buffer: BufferId, value: Local): void => { w.scopes[depth(w)].loads.set(key, { buffer, value }); };
/** what was loaded from memory that is written now holds no longer */
export const forgetLoads = (w: Writer, written: ReadonlySet<BufferId>): void => {
  const any = w.aliased && [...written].some((b) => heldOf(w, b).at === 'param');
  for (const { loads } of w.scopes) for (const [key, { buffer }] of loads) if (written.has(buffer) || (any && heldOf(w, buffer).at === 'param')) loads.delete(key);
};

/*
 * Note [Two lanes]
 * A vector holds two f64. In a loop with f64 each value is one vector, and a number of 32 bits stands in it twice, one
 * after the other, as wide as its lane: the instructions of four 32-bit lanes are right for it as they are, and what they
 * compare is a mask of 64 bits, as f64 gives and wants it. Only loads, stores and conversions shuffle. What a number of f64
 * from outside the loop becomes in it is the same in all lanes, be they two or four. Four lanes of f64 in two vectors would
 * need every value in two locals, and twice the registers of a tile.
 *
 * Note [Extremes in lanes]
 * f32x4.max and f64x2.max are eight instructions in a row, each waiting for the one before. A running maximum is kept with
 * pmax, which is one and keeps what it has where it compares with NaN; beside it the lanes that have met a NaN are gathered,
 * and joined when the maximum is read. Of two zeros the first is kept, whatever their signs.
 * Where all cells of a register become one number in the end, they share what they have met.
 *
 * Note [Few locals]
 * V8 gives each local that a loop sets a place in the loop's header, used or not, and by how many there are it decides
 * whether to write a small loop out twice: a micro-kernel with a local for every value it computes was 8 % slower than one
 * without. So a value that is used once stands where it is used, and one that a local keeps already gets no other.
 */

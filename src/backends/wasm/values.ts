import { constantOf, type Guard } from '../../core/affine.ts';
import { isFloat, isHalf, type Computed, type DType } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { BufferId, Expr, Place } from '../../ir/loop/syntax.ts';
import type { ScalarName } from '../../ir/scalars.ts';
import { f32, f32x4, f64, f64x2, get, i32, i32x4, v128, type Code, type Local } from './code.ts';
import { loadHalf, loadHalves, storeHalf } from './halves.ts';
import { lanesCode, scalarCode, shiftLanes, twice, typeOf } from './spell.ts';
import { addressOf, dtypeOf, heldOf, hold, inLane, integer, knownLoad, openScope, perVector, rememberLoad, runningAxis, standing, storedAs, valueOf, within, type Held, type Writer } from './writer.ts';

/*
 * Expressions as code, alone or in lanes. A load that no guard conditions is a statement of its own, so that later
 * ones of the same place find it.
 */
type Register = Extract<Held, { at: 'register' }>;

const constCode = (dtype: Computed, value: number): Code => (dtype === 'f32' ? f32.const(value) : dtype === 'f64' ? f64.const(value) : i32.const(Number(value)));
const splatOf = (dtype: Computed, x: Code): Code => (dtype === 'f32' ? f32x4.splat(x) : dtype === 'f64' ? f64x2.splat(x) : dtype === 'bool' ? i32x4.neg(i32x4.splat(x)) : i32x4.splat(x));
/** a number of a vector that holds as many as fit */
export const numberOf = (dtype: Computed, v: Code, at: number): Code => (dtype === 'f32' ? f32x4.lane(v, at) : dtype === 'f64' ? f64x2.lane(v, at) : dtype === 'bool' ? i32.and(i32x4.lane(v, at), i32.const(1)) : i32x4.lane(v, at));
export const replaced = (dtype: Computed, v: Code, at: number, x: Code): Code =>
  (dtype === 'f32' ? f32x4.replace(v, at, x) : dtype === 'f64' ? f64x2.replace(v, at, x) : i32x4.replace(v, at, dtype === 'bool' ? i32.sub(i32.const(0), x) : x));
/** a lane of a vector as it is computed: where there are two, numbers of 32 bits stand twice in each */
export const laneOf = (w: Writer, dtype: Computed, v: Code, lane: number): Code => numberOf(dtype, v, dtype !== 'f64' && w.count === 2 ? 2 * lane : lane);
const numbersOf = (w: Writer, dtype: Computed, lane: number): readonly number[] => (dtype !== 'f64' && w.count === 2 ? [2 * lane, 2 * lane + 1] : [lane]);
const allLanes = (w: Writer): readonly number[] => (w.count === 2 ? [0, 1] : [0, 1, 2, 3]);
/** a word of 32 bits for each of the four in a vector */
const wordsOf = (w: Writer, each: readonly number[]): Code => i32x4.const(w.count === 2 ? each.flatMap((x) => [x, x]) : each);
/** numbers that are each computed alone */
const gathered = (w: Writer, dtype: Computed, each: () => Code): Code => {
  const v = hold(w, 'v128', splatOf(dtype, inLane(w, 0, each)));
  for (const lane of allLanes(w).slice(1)) {
    const x = hold(w, typeOf(dtype), inLane(w, lane, each));
    for (const at of numbersOf(w, dtype, lane)) w.scopes[w.scopes.length - 1].code.push(replaced(dtype, get(v), at, get(x)), { use: 0x21, of: v });
  }
  return get(v);
};

/** functions in whose code each operand stands once, so that it can stand there itself; see Note [Few locals] in writer.ts */
const takesOnce: ReadonlySet<ScalarName> = new Set<ScalarName>([
  'add', 'sub', 'mul', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'xor', 'not', 'select', 'max', 'min', 'neg', 'floor', 'ceil', 'round', 'sqrt', 'rsqrt', 'isFinite',
  'exp', 'expm1', 'log', 'log1p', 'tanh', 'logistic', 'erf', 'stopGradient', 'reducePrecision',
]);

// ---- Alone

export const scalar = (w: Writer, e: Expr): Code => {
  switch (e.kind) {
    case 'const': return constCode(e.dtype, e.value);
    case 'index': { const n = integer(w, e.index); return e.dtype === 'f32' ? f32.fromI32(n) : e.dtype === 'f64' ? f64.fromI32(n) : n; }
    case 'guard': return guardCode(w, e.guard);
    case 'local': {
      const { scalar: alone, splat, lanes: each, dtype } = valueOf(w, e.local), vector = each ?? splat;
      if (alone !== undefined) return get(alone);
      invariant(vector !== undefined && (each === undefined || w.lane !== undefined), `${e.local} differs from lane to lane`);
      return laneOf(w, dtype, get(vector), w.lane ?? 0);
    }
    case 'load': {
      const known = knownGuard(w, e.guard);
      if (known !== undefined) return known ? loadScalar(w, e.from) : scalar(w, e.other);
      const dtype = dtypeOf(w, e), test = guardCode(w, e.guard), local = w.fn.local(typeOf(dtype));
      const arm = (value: () => Code): readonly Code[] => within(w, openScope(), () => { const code = value(); w.scopes[w.scopes.length - 1].code.push(code, { use: 0x21, of: local }); }).code;
      const yes = arm(() => loadScalar(w, e.from)), no = arm(() => scalar(w, e.other));
      w.scopes[w.scopes.length - 1].code.push([test, 0x04, 0x40, yes, 0x05, no, 0x0b]);
      return get(local);
    }
    case 'apply': {
      invariant(typeof e.fn === 'string', 'a function of the user was not expanded');
      const inside = takesOnce.has(e.fn), operand = e.args[e.fn === 'select' ? 1 : 0];
      const args = e.args.map((x) => (inside ? scalar(w, x) : get(hold(w, typeOf(dtypeOf(w, x)), scalar(w, x)))));
      return scalarCode(w, e.fn, dtypeOf(w, operand), e.dtype, args);
    }
  }
};
export const guardCode = (w: Writer, guard: Guard): Code =>
  guard.map(({ is, of }) => (is === 'ge0' ? i32.geS(integer(w, of), i32.const(0)) : i32.eqz(integer(w, of)))).reduce<Code | undefined>((a, b) => (a === undefined ? b : i32.and(a, b)), undefined) ?? i32.const(1);

/** whether it holds, where that does not depend on anything that runs */
const knownGuard = (w: Writer, guard: Guard): boolean | undefined => {
  if (guard.length === 0) return true;
  const all = guard.map(({ is, of }) => { const stands = standing(w, of), n = stands?.step === 0 ? constantOf(stands.index) : undefined; return n === undefined ? undefined : is === 'ge0' ? n >= 0 : n === 0; });
  return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
};
/** in which lanes it holds, where that does not depend on anything that runs */
export const knownLanes = (w: Writer, guard: Guard): readonly boolean[] | undefined => {
  if (guard.length === 0) return w.count === 2 ? bothLanes : everyLane;
  const all = allLanes(w).map((lane) => inLane(w, lane, () => knownGuard(w, guard)));
  return all.every((known) => known !== undefined) ? all : undefined;
};
const everyLane: readonly boolean[] = [true, true, true, true], bothLanes: readonly boolean[] = [true, true];

/** an element's position in a row of all; undefined where there is none */
const positionIn = (shape: readonly number[], at: readonly number[]): number | undefined => {
  let position = 0;
  for (let d = 0; d < shape.length; d++) {
    if (at[d] < 0 || at[d] >= shape[d]) return undefined;
    position = position * shape[d] + at[d];
  }
  return position;
};
/** a register's cell: alone, or a lane of a vector */
export const cellOf = (w: Writer, held: Register, { at }: Place): { readonly cell: Local; readonly lane: number | undefined } => {
  const fixed = at.map((index) => {
    const stands = standing(w, index);
    invariant(stands !== undefined && stands.step === 0 && stands.index.terms.length === 0, 'a register is indexed by what is known only at run time');
    return stands.index.bias;
  });
  const last = fixed.at(-1) ?? 0, packed = last < held.packed, lane = last % perVector(held.dtype), position = positionIn(held.shape, fixed);
  const cell = position === undefined ? undefined : held.cells.get(packed ? position - lane : position);
  invariant(cell !== undefined, `no cell ${fixed.join()}`);
  return { cell, lane: packed ? lane : undefined };
};
/** as many cells in a row as there are lanes as one vector, if they are one */
export const vectorCell = (w: Writer, held: Register, { at }: Place): Local | undefined => {
  const stands = at.map((index) => standing(w, index)), last = stands.at(-1);
  if (w.count !== perVector(held.dtype) || last === undefined || last.step !== 1 || last.index.bias % w.count !== 0 || last.index.bias >= held.packed || stands.slice(0, -1).some((s) => s?.step !== 0)) return undefined;
  const position = positionIn(held.shape, stands.map((s) => s?.index.bias ?? 0));
  return position === undefined ? undefined : held.cells.get(position);
};

/** a vector with the NaN that it has met; see Note [Extremes in lanes] in writer.ts */
export const whole = (held: Register, cell: Local): Code => { const lost = held.lost.get(cell); return lost === undefined ? get(cell) : v128.or(get(cell), get(lost)); };

const loadScalar = (w: Writer, place: Place): Code => {
  const held = heldOf(w, place.buffer);
  if (held.at === 'register') { const { cell, lane } = cellOf(w, held, place); return lane === undefined ? get(cell) : numberOf(held.dtype, whole(held, cell), lane); }
  const address = addressOf(w, place);
  invariant(address !== undefined && address.step === 0, 'a place that differs from lane to lane');
  return remembered(w, `1 ${address.key}`, place.buffer, () => hold(w, typeOf(held.dtype), loadCode(w, storedAs(held), address.base, address.offset)));
};
const loadCode = (w: Writer, stored: DType, base: Code, offset: number): Code => {
  switch (stored) {
    case 'f16': case 'bf16': return loadHalf(w.fn, stored, base, offset);
    case 'f32': return f32.load(base, offset);
    case 'f64': return f64.load(base, offset);
    case 'bool': return i32.load8(base, offset);
    case 'i32': case 'u32': return i32.load(base, offset);
  }
};
export const storeCode = (w: Writer, stored: DType, base: Code, offset: number, value: Code): Code => {
  switch (stored) {
    case 'f16': case 'bf16': return storeHalf(w.fn, stored, base, offset, value);
    case 'f32': return f32.store(base, value, offset);
    case 'f64': return f64.store(base, value, offset);
    case 'bool': return i32.store8(base, value, offset);
    case 'i32': case 'u32': return i32.store(base, value, offset);
  }
};
const remembered = (w: Writer, key: string, buffer: BufferId, load: () => Local): Code => {
  const known = knownLoad(w, key);
  if (known !== undefined) return get(known);
  const value = load();
  rememberLoad(w, key, buffer, value);
  return get(value);
};

// ---- In lanes

export const lanes = (w: Writer, e: Expr): Code => {
  switch (e.kind) {
    case 'const': return e.dtype === 'f32' ? f32x4.all(e.value) : e.dtype === 'f64' ? f64x2.all(e.value) : i32x4.all(e.dtype === 'bool' ? -e.value : e.value);
    case 'index': {
      const stands = standing(w, e.index);
      if (stands === undefined) return gathered(w, e.dtype, () => scalar(w, e));
      const first = i32x4.splat(integer(w, stands.index)), all = stands.step === 0 ? first : i32x4.add(first, wordsOf(w, allLanes(w).map((l) => l * stands.step)));
      return e.dtype === 'f32' ? f32x4.fromI32(all) : e.dtype === 'f64' ? lanesCode(w, 'convert', 'i32', 'f64', [all]) : all;
    }
    case 'guard': {
      const known = knownLanes(w, e.guard);
      return known === undefined ? gathered(w, 'bool', () => guardCode(w, e.guard)) : wordsOf(w, known.map((holds) => (holds ? -1 : 0)));
    }
    case 'local': {
      const { lanes: each, splat, scalar: alone, dtype } = valueOf(w, e.local), vector = each ?? splat;
      if (vector !== undefined) return get(vector);
      invariant(alone !== undefined, `${e.local} has no value`);
      return splatOf(dtype, get(alone));
    }
    case 'load': return e.guard.length === 0 ? loadLanes(w, e.from) : guardedLanes(w, e);
    case 'apply': {
      invariant(typeof e.fn === 'string', 'a function of the user was not expanded');
      const { fn } = e, operand = dtypeOf(w, e.args[fn === 'select' ? 1 : 0]);
      // max(x, c): pmax takes one instruction, keeps NaN, and adding 0 makes −0 the 0 that it is to be
      const [, limit] = e.args;
      if ((fn === 'max' || fn === 'min') && isFloat(operand) && limit.kind === 'const' && !Number.isNaN(limit.value)) {
        const floats = operand === 'f64' ? f64x2 : f32x4, chosen = (fn === 'max' ? floats.pmax : floats.pmin)(lanes(w, e.args[0]), floats.all(limit.value));
        return limit.value === 0 ? floats.add(chosen, floats.all(0)) : chosen;
      }
      if (fn === 'select' && isFloat(operand) && e.args[2].kind === 'const' && Object.is(e.args[2].value, 0)) {
        const mask = hold(w, 'v128', lanes(w, e.args[0]));
        return v128.and(lanes(w, e.args[1]), get(mask));
      }
      if ((fn === 'shiftLeft' || fn === 'shiftRightLogical' || fn === 'shiftRightArithmetic') && limit.kind === 'const') return shiftLanes(fn, lanes(w, e.args[0]), limit.value);
      const inside = takesOnce.has(fn), args = e.args.map((x) => (inside ? lanes(w, x) : get(hold(w, 'v128', lanes(w, x)))));
      return lanesCode(w, fn, operand, e.dtype, args);
    }
  }
};
const loadLanes = (w: Writer, place: Place): Code => {
  const held = heldOf(w, place.buffer), { dtype } = held, stored = storedAs(held);
  if (held.at === 'register') {
    const vector = vectorCell(w, held, place);
    if (vector !== undefined) return whole(held, vector);
    const varies = place.at.some((index) => standing(w, index)?.step !== 0);
    return varies ? gathered(w, dtype, () => loadScalar(w, place)) : splatOf(dtype, loadScalar(w, place));
  }
  const address = addressOf(w, place);
  if (address === undefined || (address.step !== 0 && address.step !== 1)) return transposed(w, place) ?? gathered(w, dtype, () => loadScalar(w, place));
  const { base, offset, key, step } = address;
  if (step === 1) return remembered(w, `${w.count} ${key}`, place.buffer, () => hold(w, 'v128', neighbours(w, stored, base, offset)));
  return remembered(w, `* ${key}`, place.buffer, () => hold(w, 'v128', dtype === 'bool' || isHalf(stored) ? splatOf(dtype, loadCode(w, stored, base, offset)) : (dtype === 'f64' ? v128.load64Splat : v128.load32Splat)(base, offset)));
};
/** numbers next to each other, one a lane */
const neighbours = (w: Writer, stored: DType, base: Code, offset: number): Code => {
  const isNarrow = w.count === 2 && stored !== 'f64';
  const words = isHalf(stored) ? loadHalves(w.fn, stored, base, offset) : stored === 'bool' ? i32x4.neg(i32x4.fromBytes(v128.load32Zero(base, offset))) : (isNarrow ? v128.load64Zero : v128.load)(base, offset);
  return isNarrow ? twice(w, words) : words;
};
/** As many copies of an unrolled loop as there are lanes, that each take a column of the same rows: the rows are loaded and turned, once for all. */
const transposed = (w: Writer, place: Place, valid: readonly boolean[] = allLanes(w).map(() => true)): Code | undefined => {
  const running = runningAxis(w, place), held = heldOf(w, place.buffer);
  if (running === undefined || held.dtype === 'bool' || w.count !== perVector(held.dtype)) return undefined;
  const { axis, value } = running, first = value - (value % w.count), before = w.axes.get(axis);
  const at = <A>(copy: number, body: () => A): A => {
    w.axes.set(axis, { kind: 'fixed', value: copy });
    const result = body();
    if (before !== undefined) w.axes.set(axis, before);
    return result;
  };
  const keyOf = (copy: number): string | undefined => at(copy, () => allLanes(w).map((lane) => inLane(w, lane, () => addressOf(w, place)?.key)).join());
  const form = `t${valid.map(Number).join('')}`, known = knownLoad(w, `${form} ${keyOf(value)}`);
  if (known !== undefined) return get(known);
  const rows = allLanes(w).map((lane) => at(first, () => inLane(w, lane, () => { const a = valid[lane] ? addressOf(w, place) : undefined; return hold(w, 'v128', a === undefined ? f32x4.all(0) : neighbours(w, storedAs(held), a.base, a.offset)); })));
  const turn = (a: Local, b: Local, words: readonly number[]): Local => hold(w, 'v128', v128.shuffle(get(a), get(b), words));
  const halves = (a: Local, b: Local): readonly Local[] => [turn(a, b, [0, 1, 4, 5]), turn(a, b, [2, 3, 6, 7])];
  const ofFour = ([a, b, c, d]: readonly Local[]): readonly Local[] => {
    const low = [turn(a, b, [0, 4, 1, 5]), turn(c, d, [0, 4, 1, 5])], high = [turn(a, b, [2, 6, 3, 7]), turn(c, d, [2, 6, 3, 7])];
    return [...halves(low[0], low[1]), ...halves(high[0], high[1])];
  };
  const columns = w.count === 2 ? halves(rows[0], rows[1]) : ofFour(rows);
  columns.forEach((column, i) => rememberLoad(w, `${form} ${keyOf(first + i)}`, place.buffer, column));
  return get(columns[value - first]);
};
/** all lanes at once where the guard holds at both ends, which it then does between them; else lane by lane */
const guardedLanes = (w: Writer, e: Extract<Expr, { kind: 'load' }>): Code => {
  const dtype = dtypeOf(w, e), known = knownLanes(w, e.guard);
  if (known !== undefined) return partLanes(w, e, known);
  const straight = e.guard.every(({ is, of }) => is === 'ge0' && standing(w, of) !== undefined), same = e.guard.every(({ of }) => standing(w, of)?.step === 0);
  if (!straight && !same) return gathered(w, dtype, () => scalar(w, e));
  const local = w.fn.local('v128'), arm = (value: () => Code): readonly Code[] => within(w, openScope(), () => { const code = value(); w.scopes[w.scopes.length - 1].code.push(code, { use: 0x21, of: local }); }).code;
  const test = same ? inLane(w, 0, () => guardCode(w, e.guard)) : i32.and(inLane(w, 0, () => guardCode(w, e.guard)), inLane(w, w.count - 1, () => guardCode(w, e.guard)));
  const yes = arm(() => loadLanes(w, e.from)), no = arm(() => (same ? lanes(w, e.other) : gathered(w, dtype, () => scalar(w, e))));
  w.scopes[w.scopes.length - 1].code.push([test, 0x04, 0x40, yes, 0x05, no, 0x0b]);
  return get(local);
};
/** Lanes of which some exist: memory is read a little beyond them, which every buffer allows, and what was read there is dropped. */
const partLanes = (w: Writer, e: Extract<Expr, { kind: 'load' }>, exists: readonly boolean[]): Code => {
  if (exists.every((lane) => lane)) return loadLanes(w, e.from);
  if (!exists.includes(true)) return lanes(w, e.other);
  const held = heldOf(w, e.from.buffer), zero = e.other.kind === 'const' && Object.is(e.other.value, 0);
  const mask = wordsOf(w, exists.map((lane) => (lane ? -1 : 0))), one = (): Code => gathered(w, held.dtype, () => scalar(w, e));
  if (held.at === 'register' || !zero) return one();
  const address = addressOf(w, e.from);
  if (address?.step === 1) return v128.and(loadLanes(w, e.from), mask);
  return address?.step === 0 ? one() : transposed(w, e.from, exists) ?? one();
};
/** the sum, or another merge, of all lanes */
export const acrossLanes = (w: Writer, dtype: Computed, v: Code, merge: (a: Code, b: Code) => Code): Code => {
  const all = hold(w, 'v128', v);
  return allLanes(w).slice(1).reduce<Code>((sum, lane) => merge(sum, laneOf(w, dtype, get(all), lane)), laneOf(w, dtype, get(all), 0));
};

import { atan2Body } from './angles.ts';
import { branchIf, call, choose, f64, get, i32, i64, loop, set, when, type Code, type Local, type ValueType } from './code.ts';
import type { Fn, ModuleWriter } from './module.ts';
import { powBody } from './power64.ts';
import { areaTangent, cosine, exponential, log2High, log2Low, polynomial, sine } from './series.ts';
import { highBody, quartered, wordBody, type TurnFunctions } from './turns.ts';

/*
 * The same functions of one f64, each a function of the module; rare lanes of f32 take them too. Off by at most so many
 * units in the last place: remainders 0, sin and cos 1, atan2 2, exp and log 3, tanh and logistic 4, expm1 and log1p 6, erf 16.
 * Reductions as Cody and Waite 1980; series where |r| is small enough for them to be exact to the last bits.
 */
export type Name64 = 'exp' | 'expm1' | 'log' | 'log1p' | 'sin' | 'cos' | 'tanh' | 'logistic' | 'erf';
export interface Maths64 { readonly of: (name: Name64, x: Code) => Code; readonly pow: (x: Code, y: Code) => Code; readonly atan2: (y: Code, x: Code) => Code; readonly rem: (x: Code, y: Code) => Code; /** to 32 bits, as ECMAScript's ToInt32 has it */ readonly whole: (x: Code) => Code }

const k = f64.const;
const held = (fn: Fn, value: Code): { readonly local: Local; readonly code: Code } => { const local = fn.local('f64'); return { local, code: set(local, value) }; };

/** x = n log 2 + r */
const reduced = (fn: Fn, x: Local): { readonly n: Local; readonly r: Local; readonly code: Code } => {
  const n = fn.local('f64'), r = fn.local('f64');
  return { n, r, code: [set(n, f64.nearest(f64.mul(get(x), k(Math.LOG2E)))), set(r, f64.sub(f64.sub(get(x), f64.mul(get(n), k(log2High))), f64.mul(get(n), k(log2Low))))] };
};
const power = (n: Code): Code => f64.ofBits(i64.shl(i64.add(i64.fromF64(n), i64.const(1023n)), i64.const(52n)));

const exp = (fn: Fn, x: Local): Code => {
  const { n, r, code } = reduced(fn, x), half = fn.local('f64');
  const inside: Code = [code, set(half, f64.floor(f64.mul(get(n), k(0.5)))),
    f64.mul(f64.mul(f64.add(k(1), f64.mul(get(r), polynomial(r, exponential(14)))), power(get(half))), power(f64.sub(get(n), get(half))))];
  return choose('f64', f64.gt(get(x), k(709.8)), k(Infinity), choose('f64', f64.lt(get(x), k(-745.2)), k(0), choose('f64', f64.ne(get(x), get(x)), get(x), inside)));
};
const expm1 = (fn: Fn, x: Local): Code => {
  const { n, r, code } = reduced(fn, x), inside: Code = [code, f64.add(f64.mul(power(get(n)), f64.mul(get(r), polynomial(r, exponential(14)))), f64.sub(power(get(n)), k(1)))];
  return choose('f64', f64.gt(get(x), k(709)), f64.sub(exp(fn, x), k(1)), choose('f64', f64.lt(get(x), k(-40)), k(-1), choose('f64', i32.or(f64.ne(get(x), get(x)), f64.eq(get(x), k(0))), get(x), inside)));
};
/** 2·atanh((m − 1)/(m + 1)), m in [√½, √2); denormals are scaled first */
const log = (fn: Fn, x: Local): Code => {
  const bits = fn.local('i64'), s = fn.local('f64'), z = fn.local('f64'), e = fn.local('f64'), m = fn.local('f64'), y = fn.local('f64'), small = f64.lt(get(x), k(2 ** -1022));
  const inside: Code = [
    set(y, choose('f64', small, f64.mul(get(x), k(2 ** 54)), get(x))),
    set(bits, i64.sub(i64.bitsOfF64(get(y)), i64.const(0x3fe6a09e667f3bcdn))), set(e, f64.sub(f64.fromI32(i32.wrap(i64.shrS(get(bits), i64.const(52n)))), choose('f64', small, k(54), k(0)))),
    set(m, f64.ofBits(i64.add(i64.and(get(bits), i64.const(0x000fffffffffffffn)), i64.const(0x3fe6a09e667f3bcdn)))),
    set(s, f64.div(f64.sub(get(m), k(1)), f64.add(get(m), k(1)))), set(z, f64.mul(get(s), get(s))),
    f64.add(f64.mul(get(e), k(log2High)), f64.add(f64.mul(f64.mul(k(2), get(s)), polynomial(z, areaTangent(11))), f64.mul(get(e), k(log2Low))))];
  return choose('f64', f64.eq(get(x), k(0)), k(-Infinity), choose('f64', i32.or(f64.lt(get(x), k(0)), f64.ne(get(x), get(x))), k(NaN), choose('f64', f64.eq(get(x), k(Infinity)), get(x), inside)));
};
/** log(1 + x), with what the sum lost */
const log1p = (fn: Fn, x: Local): Code => {
  const { local: u, code } = held(fn, f64.add(k(1), get(x))), rest = f64.div(f64.sub(get(x), f64.sub(get(u), k(1))), get(u));
  const special = i32.or(f64.eq(get(u), k(0)), f64.eq(get(u), k(Infinity)));
  return [code, choose('f64', f64.eq(get(x), k(0)), get(x), choose('f64', special, log(fn, u), f64.add(log(fn, u), rest)))];
};
/** the sine of |x| and `quarter` quarters of a turn: the series of what is left, and what its tail adds by the derivative */
const turned = (functions: TurnFunctions, fn: Fn): Code => {
  const x = fn.param('f64'), quarter = fn.param('i32'), a = fn.local('f64'), z = fn.local('f64'), h = fn.local('f64'), y = fn.local('f64'), { quarters, head, tail, code } = quartered(functions, fn, a);
  const sin = f64.add(get(head), f64.add(f64.mul(f64.mul(get(head), get(z)), polynomial(z, sine(8))), f64.mul(get(tail), f64.sub(k(1), f64.mul(k(0.5), get(z))))));
  const lost = f64.sub(f64.sub(k(1), get(h)), f64.mul(k(0.5), get(z)));
  const cos: Code = [set(h, f64.sub(k(1), f64.mul(k(0.5), get(z)))), f64.add(get(h), f64.add(lost, f64.sub(f64.mul(f64.mul(get(z), get(z)), polynomial(z, cosine(8))), f64.mul(get(head), get(tail)))))];
  const inside: Code = [
    code, set(z, f64.mul(get(head), get(head))), set(quarters, i32.add(get(quarters), get(quarter))),
    set(y, choose('f64', i32.and(get(quarters), i32.const(1)), cos, sin)),
    choose('f64', i32.and(get(quarters), i32.const(2)), f64.neg(get(y)), get(y))];
  return [set(a, f64.abs(get(x))), choose('f64', f64.lt(get(a), k(Infinity)), inside, k(NaN))];
};
const tanh = (fn: Fn, x: Local): Code => {
  const { local: a, code } = held(fn, f64.mul(k(2), f64.min(f64.abs(get(x)), k(22)))), { local: t, code: next } = held(fn, expm1(fn, a));
  return choose('f64', f64.eq(get(x), k(0)), get(x), [code, next, f64.copysign(f64.div(get(t), f64.add(get(t), k(2))), get(x))]);
};
const logistic = (fn: Fn, x: Local): Code => { const { local: a, code } = held(fn, f64.neg(get(x))); return [code, f64.div(k(1), f64.add(k(1), exp(fn, a)))]; };

/** Chebyshev interpolants of erf(x)/x in x² on [0, 1] and of e^{x²}·erfc(x) in 1/(1 + x/2) on [1, 6], within 1e-16 */
const erfNear = [-3.80659122412214e-13, 9.21125018742823e-12, -2.035231956483527e-10, 4.115751500265885e-9, -7.51156925108609e-8, 1.2233827638093572e-6, -1.75371694412802e-5, 2.1751715603563488e-4, -2.2854855611440855e-3, 0.019852496688984218, -0.1405360890227171, 0.9654687386698673];
const erfFar = [1.8620989806815163e-11, -7.290508535165398e-11, -2.634243021000669e-10, 2.622350032514279e-9, -5.926361315281833e-10, -7.005170205475373e-8, 1.6350102372087984e-7, 1.979561158209264e-6, -7.340518284999869e-6, -8.079220411804128e-5, 1.9713917776008889e-4, 0.0055888162818258785, 0.038560570425181566, 0.16189356804102537, 0.2214295402299318];
const erf = (fn: Fn, x: Local): Code => {
  const a = fn.local('f64'), s = fn.local('f64'), square = fn.local('f64');
  const near: Code = [set(s, f64.sub(f64.mul(k(2), f64.mul(get(x), get(x))), k(1))), f64.mul(get(x), polynomial(s, erfNear))];
  const far: Code = [set(s, f64.sub(f64.div(k(4.8), f64.add(k(1), f64.mul(k(0.5), get(a)))), k(2.2))), set(square, f64.neg(f64.mul(get(a), get(a)))), f64.copysign(f64.sub(k(1), f64.mul(exp(fn, square), polynomial(s, erfFar))), get(x))];
  return [set(a, f64.abs(get(x))), choose('f64', f64.lt(get(a), k(1)), near, choose('f64', f64.ne(get(x), get(x)), get(x), choose('f64', f64.ge(get(a), k(6)), f64.copysign(k(1), get(x)), far)))];
};
/** those that need no other function of the module */
const bodies: { readonly [N in Exclude<Name64, 'sin' | 'cos'>]: (fn: Fn, x: Local) => Code } = { exp, expm1, log, log1p, tanh, logistic, erf };

/** exact: of what is left, the largest y·2ⁿ that fits is taken, which rounds nothing */
const remBody = (fn: Fn, x: Local, y: Local): Code => {
  const r = fn.local('f64'), b = fn.local('f64'), t = fn.local('f64'), none = i32.or(i32.or(f64.ne(get(x), get(x)), f64.ne(get(y), get(y))), i32.or(f64.eq(get(r), k(Infinity)), f64.eq(get(b), k(0))));
  const fits = f64.le(get(t), f64.mul(get(r), k(0.5))), more = f64.ge(get(r), get(b));
  const taken: Code = loop(set(t, get(b)), when(fits, loop(set(t, f64.add(get(t), get(t))), branchIf(0, fits))), set(r, f64.sub(get(r), get(t))), branchIf(0, more));
  return [set(r, f64.abs(get(x))), set(b, f64.abs(get(y))), choose('f64', none, k(NaN), [when(more, taken), f64.copysign(get(r), get(x))])];
};
const wholeBody = (x: Local, rem: (x: Code, y: Code) => Code): Code => choose('i32', f64.lt(f64.abs(get(x)), k(2 ** 63)), i32.wrap(i64.fromF64(get(x))), i32.wrap(i64.fromF64(rem(get(x), k(2 ** 32)))));

export const createMaths64 = (module: ModuleWriter): Maths64 => {
  const made = new Map<string, number>();
  const once = (name: string, make: (fn: Fn) => Code, gives: ValueType = 'f64'): number => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const fn = module.fn(`${name}.f64`, [gives]);
    made.set(name, fn.index);
    fn.finish(make(fn));
    return fn.index;
  };
  const rem: Maths64['rem'] = (x, y) => call(once('rem', (fn) => { const a = fn.param('f64'), b = fn.param('f64'); return remBody(fn, a, b); }), x, y);
  const turns: TurnFunctions = { word: (at) => call(once('twoOverPi', wordBody, 'i64'), at), high: (x, y) => call(once('high', highBody, 'i64'), x, y) };
  const turn = (x: Code, quarter: number): Code => call(once('turn', (fn) => turned(turns, fn)), x, i32.const(quarter));
  const bodyOf = (name: Name64) => (fn: Fn): Code => {
    const x = fn.param('f64');
    switch (name) {
      case 'sin': return f64.mul(turn(get(x), 0), f64.copysign(k(1), get(x)));
      case 'cos': return turn(get(x), 1);
      default: return bodies[name](fn, x);
    }
  };
  const of: Maths64['of'] = (name, x) => call(once(name, bodyOf(name)), x);
  return {
    of, rem, whole: (x) => call(once('whole', (fn) => wholeBody(fn.param('f64'), rem), 'i32'), x),
    atan2: (y, x) => call(once('atan2', (fn) => { const a = fn.param('f64'), b = fn.param('f64'); return atan2Body(fn, a, b); }), y, x),
    pow: (x, y) => call(once('pow', (fn) => { const a = fn.param('f64'), b = fn.param('f64'); return powBody(fn, a, b, (x) => of('exp', x)); }), x, y),
  };
};

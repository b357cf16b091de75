import { isFloat, type Computed } from '../../core/dtype.ts';
import { InternalError } from '../../core/invariant.ts';
import type { MonoidName } from '../../ir/monoids.ts';
import { f32, f32x4, f64, f64x2, get, i32, i32x4, select, v128, type Code, type Local } from './code.ts';
import { scalarCode, typeOf } from './spell.ts';
import { hold, type Writer } from './writer.ts';

/** merge(state, value) of the monoids whose state is one number */
export const mergeScalar = (w: Writer, monoid: MonoidName, dtype: Computed, state: Code, value: Code): Code => {
  switch (monoid) {
    case 'add': case 'mul': case 'max': case 'min': case 'and': case 'or': return scalarCode(w, monoid, dtype, dtype, [state, value]);
    case 'argMax': case 'argMin': case 'maxExpSum': case 'welford': throw new InternalError(`${monoid} has more than one number`);
  }
};
export const mergeLanes = (monoid: MonoidName, dtype: Computed, state: Code, value: Code): Code | undefined => {
  const floats = dtype === 'f64' ? f64x2 : f32x4, ops = isFloat(dtype) ? floats : i32x4;
  switch (monoid) {
    case 'add': return ops.add(state, value);
    case 'mul': return ops.mul(state, value);
    case 'max': return isFloat(dtype) ? floats.max(state, value) : dtype === 'i32' ? i32x4.maxS(state, value) : dtype === 'u32' ? i32x4.maxU(state, value) : v128.or(state, value);
    case 'min': return isFloat(dtype) ? floats.min(state, value) : dtype === 'i32' ? i32x4.minS(state, value) : dtype === 'u32' ? i32x4.minU(state, value) : v128.and(state, value);
    case 'and': return v128.and(state, value);
    case 'or': return v128.or(state, value);
    case 'argMax': case 'argMin': case 'maxExpSum': case 'welford': return undefined;
  }
};

/** a number of a running state: how it is read and written */
export interface Cell { readonly read: () => Code; readonly write: (value: Code) => void }

/** Merges an element (with its position), or a state where as many values come as it holds, into a state of several numbers. */
export const foldState = (w: Writer, monoid: MonoidName, dtype: Computed, state: readonly Cell[], values: readonly Local[], merged: boolean): void => {
  switch (monoid) {
    case 'argMax': case 'argMin': return foldArg(w, monoid, dtype, state, values, merged);
    case 'maxExpSum': return foldMaxExpSum(w, dtype, state, values, merged);
    case 'welford': return foldWelford(w, dtype, state, values, merged);
    case 'add': case 'mul': case 'max': case 'min': case 'and': case 'or': throw new InternalError(`${monoid} is a plain fold`);
  }
};

/** the first extreme wins, and the first NaN over every number; a negative position is no candidate */
const foldArg = (w: Writer, monoid: 'argMax' | 'argMin', dtype: Computed, [best, at]: readonly Cell[], [v, p]: readonly Local[], merged: boolean): void => {
  const top = hold(w, typeOf(dtype), best.read()), place = hold(w, 'i32', at.read());
  const compare = (fn: 'gt' | 'lt' | 'eq', a: Local, b: Local): Code => scalarCode(w, fn, dtype, 'bool', [get(a), get(b)]);
  const better = compare(monoid === 'argMax' ? 'gt' : 'lt', v, top), earlier = i32.ltS(get(p), get(place)), same = i32.and(compare('eq', v, top), earlier);
  const isNaN = (x: Local): Code => (dtype === 'f64' ? f64.ne(get(x), get(x)) : f32.ne(get(x), get(x)));
  const special = isFloat(dtype) ? i32.and(isNaN(v), i32.or(i32.eqz(isNaN(top)), earlier)) : i32.const(0);
  const wins = i32.or(i32.ltS(get(place), i32.const(0)), i32.or(better, i32.or(special, same)));
  const chosen = hold(w, 'i32', merged ? i32.and(i32.geS(get(p), i32.const(0)), wins) : wins);
  best.write(select(get(chosen), get(v), get(top)));
  at.write(select(get(chosen), get(p), get(place)));
};

/** the lanes in which a value and its position replace those before: as `foldArg`, where a negative position is no candidate */
export const firstExtremes = (monoid: 'argMax' | 'argMin', dtype: Computed, [best, at]: readonly Local[], [v, p]: readonly Local[]): Code => {
  const ops = dtype === 'f32' ? f32x4 : i32x4, none = i32x4.all(0), [high, low] = monoid === 'argMax' ? [v, best] : [best, v];
  const better = dtype === 'f32' ? f32x4.gt(get(high), get(low)) : dtype === 'i32' ? i32x4.gtS(get(high), get(low)) : i32x4.gtU(get(high), get(low));
  const earlier = i32x4.ltS(get(p), get(at)), same = v128.and(ops.eq(get(v), get(best)), earlier);
  const isNumber = (x: Local): Code => f32x4.eq(get(x), get(x));
  const special = dtype === 'f32' ? v128.andnot(v128.or(isNumber(best), earlier), isNumber(v)) : none;
  return v128.and(i32x4.geS(get(p), none), v128.or(i32x4.ltS(get(at), none), v128.or(better, v128.or(same, special))));
};

/** the same where the position is later than that of any value before, of which there are some */
export const laterExtremes = (monoid: 'argMax' | 'argMin', dtype: Computed, [best]: readonly Local[], [v]: readonly Local[]): Code => {
  const [high, low] = monoid === 'argMax' ? [v, best] : [best, v];
  if (dtype !== 'f32') return (dtype === 'i32' ? i32x4.gtS : i32x4.gtU)(get(high), get(low));
  // a NaN is not at most anything, and nothing comes before the first NaN
  return v128.andnot(f32x4.eq(get(best), get(best)), f32x4.le(get(high), get(low)));
};

const foldMaxExpSum = (w: Writer, dtype: Computed, [max, total]: readonly Cell[], values: readonly Local[], merged: boolean): void => {
  const type = typeOf(dtype), one = dtype === 'f64' ? f64.const(1) : f32.const(1), zero = dtype === 'f64' ? f64.const(0) : f32.const(0), ops = dtype === 'f64' ? f64 : f32;
  const [v] = values, before = hold(w, type, max.read()), sum = hold(w, type, total.read()), more = merged ? values[1] : hold(w, type, one);
  const top = hold(w, type, ops.max(get(before), get(v)));
  const relative = (x: Local): Code => select(ops.eq(get(x), get(top)), one, scalarCode(w, 'exp', dtype, dtype, [ops.sub(get(x), get(top))]));
  const scaled = (x: Local, s: Local): Code => select(ops.eq(get(s), zero), zero, ops.mul(get(s), relative(x)));
  total.write(ops.add(scaled(before, sum), scaled(v, more)));
  max.write(get(top));
};

/** Chan, Golub and LeVeque 1979 */
const foldWelford = (w: Writer, dtype: Computed, [n, mean, m2]: readonly Cell[], values: readonly Local[], merged: boolean): void => {
  const type = typeOf(dtype), ops = dtype === 'f64' ? f64 : f32, count = hold(w, type, n.read()), middle = hold(w, type, mean.read()), squares = hold(w, type, m2.read());
  const k = merged ? values[0] : hold(w, type, ops.const(1)), other = merged ? values[1] : values[0], more = merged ? values[2] : hold(w, type, ops.const(0));
  const all = hold(w, type, ops.add(get(count), get(k))), delta = hold(w, type, ops.sub(get(other), get(middle)));
  const some = hold(w, 'i32', ops.ne(get(k), ops.const(0)));
  const share = hold(w, type, ops.div(ops.mul(get(delta), get(k)), get(all)));
  m2.write(select(get(some), ops.add(get(squares), ops.add(get(more), ops.mul(ops.mul(get(share), get(delta)), get(count)))), get(squares)));
  mean.write(select(get(some), ops.add(get(middle), get(share)), get(middle)));
  n.write(get(all));
};

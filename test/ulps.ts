import type { Float } from '../src/core/dtype.ts';

const bits = new DataView(new ArrayBuffer(8));
/** the number's place among all of its dtype */
const order = (dtype: Float, x: number): bigint => {
  if (dtype === 'f32') { bits.setFloat32(0, x); const n = BigInt(bits.getInt32(0)); return n < 0n ? -(2n ** 31n) - n : n; }
  bits.setFloat64(0, x);
  const n = bits.getBigInt64(0);
  return n < 0n ? -(2n ** 63n) - n : n;
};
/** how many units in the last place a number is off */
export const ulps = (dtype: Float, actual: number, wanted: number): number => {
  if (Number.isNaN(wanted) || Number.isNaN(actual)) return Number.isNaN(wanted) && Number.isNaN(actual) ? 0 : Infinity;
  const apart = order(dtype, actual) - order(dtype, dtype === 'f32' ? Math.fround(wanted) : wanted);
  return Number(apart < 0n ? -apart : apart);
};

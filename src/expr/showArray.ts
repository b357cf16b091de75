import type { DType, TypedArray } from '../core/dtype.ts';
import { diagnosticsOf } from '../core/render.ts';
import { show } from './dims.ts';
import type { Dim } from './types/shape.ts';

/** how many numbers of an array are shown */
const most = 32;
/** digits that a dtype holds; of the others all */
const digits: Partial<Readonly<Record<DType, number>>> = { f32: 7, f16: 4, bf16: 3 };
const showNumber = (x: number, dtype: DType): string => {
  if (dtype === 'bool') return String(x !== 0);
  const held = digits[dtype];
  return Object.is(x, -0) ? '-0' : String(held === undefined ? x : Number(x.toPrecision(held)));
};

/** rows in brackets, of the first numbers; what is left out is a count */
const rows = (data: TypedArray, shape: readonly number[], dtype: DType): string => {
  const first = Array.from(data.subarray(0, most), (x) => showNumber(x, dtype));
  if (data.length > most) return `[${first.join(', ')}, … ${data.length - most} more]`;
  const level = (axis: number, from: number, to: number): string => {
    if (axis === shape.length) return first[from];
    const step = (to - from) / Math.max(1, shape[axis]);
    return `[${Array.from({ length: shape[axis] }, (_, i) => level(axis + 1, from + i * step, from + (i + 1) * step)).join(', ')}]`;
  };
  return level(0, 0, data.length);
};

/** An array on a console: dtype, shape and its first numbers, or why they cannot be had. */
export const showArray = ({ shape, dtype }: { readonly shape: readonly Dim[]; readonly dtype: DType }, read: () => TypedArray): string => {
  try {
    return `${dtype}${show(shape)} ${rows(read(), shape.map(Number), dtype)}`;
  } catch (error) {
    const [said] = diagnosticsOf(error) ?? [];
    if (said === undefined) throw error;
    return `${dtype}${show(shape)} (${said.message})`;
  }
};

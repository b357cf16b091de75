import { describe, expect, it } from 'vitest';
import * as t from 'fluxion';
import { saidOf, unchecked } from '../messages.ts';

const { fft, ifft, rfft, qr, eig, eigh, svd, conv2d, convolution, matmul, solve, cholesky, transpose, triangularSolve, foriLoop } = t;
const absent = { fft, ifft, rfft, qr, eig, eigh, svd }, present = { conv2d, convolution, matmul, solve, cholesky, transpose, triangularSolve, foriLoop };
const over = (body: (x: t.Tensor<[4, 4], 'f32'>) => unknown): string => saidOf(t.fn([t.f32([4, 4])], body));

describe('what is not available says so, and what does instead', () => {
  it.each(Object.entries(absent))('%s', (name, f) => {
    const used = over((x) => t.sum(t.add(f(unchecked(x)), 1)));
    expect(used).toMatch(new RegExp(`^error FX1027: ${name} is not available: \\w.*\n  hint: \\w.*\n  in unavailable\\.test\\.ts: `));
    // once, though more is built on it
    expect(used.match(/FX/g)).toHaveLength(1);
  });
  it('names only what there is in its hints', () => {
    const hints = Object.values(absent).map((f) => /hint: (.*)/.exec(over((x) => f(unchecked(x))))?.[1] ?? '').join(' ');
    for (const [name, f] of Object.entries(present)) expect([hints.includes(name), typeof f]).toEqual([true, 'function']);
  });
  const dtypes: { readonly [op: string]: (dtype: never, x: t.Tensor<[4, 4], 'f32'>) => unknown } = {
    convert: (d, x) => t.convert(x, d), zeros: (d) => t.zeros([2], d), ones: (d) => t.ones([2], d), full: (d) => t.full([2], 1, d), constant: (d) => t.constant(1, d),
    oneHot: (d, x) => t.oneHot(t.convert(x, 'i32'), 3, d), arrayOf: (d) => t.arrayOf(d, [1, 2], [2]),
  };
  it.each(Object.entries(dtypes))('a dtype handed to %s', (op, make) => {
    for (const complex of ['complex64', 'c64', 'complex128']) expect(over((x) => make(unchecked(complex), x))).toMatch(new RegExp(`FX1027: ${op}: the dtype '${complex}' is not available[\\s\\S]*hint: keep the real and the imaginary part as two tensors`));
    expect(over((x) => make(unchecked('f8'), x))).toContain('hint: the dtypes are f32, f64, f16, bf16, i32, u32, bool');
  });
});

import { describe, expect, it } from 'vitest';
import { compile, elu, f32, fn, grad, logSigmoid, mish, orThrow, selu, silu, softplus, softsign, sum, type F32, type Unary } from 'fluxion';
import { close, floats, run } from './run.ts';

/** smooth at 0, though written with corners there: slope and, where there is one, curvature at 0 */
const smooth: readonly (readonly [string, Unary, slope: number, curvature: number | undefined])[] = [
  ['softplus', softplus, 0.5, 0.25], ['logSigmoid', logSigmoid, 0.5, -0.25], ['silu', silu, 0.5, 0.5], ['mish', mish, 0.6, undefined],
  ['elu', elu, 1, undefined], ['selu', selu, 1.0507009873554805 * 1.6732632423543772, undefined], ['softsign', softsign, 1, undefined],
];

describe('slopes at 0 of activations written with corners', () => {
  const slope = (f: Unary) => (x: F32<[2]>): F32<[2]> => grad((v: F32<[2]>) => sum(f(v)))(x);
  it.each(smooth)('%s', (_, f, wanted, curvature) => {
    const first = fn([f32([2])], slope(f)), second = fn([f32([2])], (x) => grad((v: F32<[2]>) => sum(slope(f)(v)))(x)), at = floats(0, -0);
    expect(close(run(first, [at])[0].data, [wanted, wanted])).toBe(true);
    expect(close(orThrow(compile(first))(at).data, [wanted, wanted])).toBe(true);
    if (curvature !== undefined) expect(close(run(second, [at])[0].data, [curvature, curvature])).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { f32, i32, key, matmul, mul, normal, sigmoid, relu, add, treeLeaves, type F32, type Tensor } from 'fluxion';
import * as nn from 'fluxion/nn';

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
/** exactly this type */
const is = <E>() => <A>(x: A, ..._ok: Eq<A, E> extends true ? [] : [expected: E, got: A]): A => x;
const shape = (x: Tensor<unknown>): unknown => x.shape;

describe('types of networks', () => {
  const m = nn.sequential(nn.input([784]), nn.dense(128, 'relu'), relu, nn.dense(10, 'softmax'));
  it('say every shape, as the run does', () => {
    expect(shape(is<F32<['batch', 10]>>()(m.output))).toEqual(['batch', 10]);
    expect(shape(is<F32<[784, 128]>>()(m.params[0].kernel))).toEqual([784, 128]);
    expect(shape(is<F32<[128]>>()(m.params[0].bias))).toEqual([128]);
    expect(is<{}>()(m.params[1])).toEqual({});
    expect(shape(is<F32<[128, 10]>>()(m.params[2].kernel))).toEqual([128, 10]);
    expect(shape(is<F32<['batch', 10]>>()(nn.apply(m, nn.init(m, key(0)), f32(['batch', 784]))))).toEqual(['batch', 10]);
    expect(shape(is<F32<[5, 10]>>()(nn.apply(m, nn.init(m, key(0)), f32([5, 784]))))).toEqual([5, 10]);
    expect(treeLeaves(m).map((l) => l.path.join('.'))).toEqual(['input', 'output', 'params.0.kernel', 'params.0.bias', 'params.2.kernel', 'params.2.bias']);
  });
  it('follow flatten, residual, chain, layer and block', () => {
    const glu = <const I extends number, const O extends number>(i: I, o: O) =>
      nn.layer('glu', f32(['b', i]), (k) => ({ gate: normal(k, [i, o]) }), (p, x) => sigmoid(matmul(x, p.gate)));
    const pair = nn.block('pair', f32(['n', 8]), { a: nn.dense(4), b: nn.dense(4) }, (l, x) => add(l.a(x), l.b(x)));
    const net = nn.sequential(nn.input([2, 2, 2]), nn.flatten(), nn.residual(nn.chain(nn.dense(8, 'relu'), nn.dense(8))), pair, glu(4, 3), nn.dense(2, { bias: false }));
    expect(shape(is<F32<['batch', 2]>>()(net.output))).toEqual(['batch', 2]);
    expect(shape(is<F32<[8, 8]>>()(net.params[1][1].kernel))).toEqual([8, 8]);
    expect(shape(is<F32<[4, 3]>>()(net.params[3].gate))).toEqual([4, 3]);
    expect(Object.keys(net.params[4])).toEqual(['kernel']);
    // @ts-expect-error there is no bias
    expect(net.params[4].bias).toBeUndefined();
    expect(shape(is<F32<[4]>>()(net.params[2].a.bias as F32<[4]>))).toEqual([4]);
  });
  it('refuse layers that do not fit, at the layer', () => {
    // @ts-expect-error layer 1: dense: expects a last axis of size 5, but the input is [batch, 4]
    nn.sequential(nn.input([3]), nn.dense(4), nn.dense(2, { inputs: 5 }));
    // @ts-expect-error another width than the model's
    nn.apply(m, nn.init(m, key(0)), f32(['batch', 783]));
    // @ts-expect-error another model's weights
    nn.apply(m, nn.init(nn.sequential(nn.input([784]), nn.dense(10)), key(0)), f32(['batch', 784]));
    // @ts-expect-error a misspelt activation
    nn.dense(3, 'rleu');
    // @ts-expect-error training needs a key
    nn.applyTrain(m, nn.init(m, key(0)), f32(['batch', 784]));
    expect(true).toBe(true);
  });
  it('of losses name labels and examples', () => {
    expect(shape(is<F32<['batch']>>()(nn.sparseCategoricalCrossentropy(m.output, i32(['batch']))))).toEqual(['batch']);
    expect(shape(is<F32<['n']>>()(nn.meanSquaredError(f32(['n', 3]), f32(['n', 3]))))).toEqual(['n']);
    // @ts-expect-error f32 where class numbers are wanted
    nn.sparseCategoricalCrossentropy(m.output, f32(['batch']));
    const own = nn.loss('f32', (p: F32<['batch', 1]>, t: F32<['batch', 1]>) => mul(p, t));
    expect(shape(is<F32<['batch', 1]>>()(own(f32(['batch', 1]), f32(['batch', 1]))))).toEqual(['batch', 1]);
    expect(is<'f32'>()(own.labels)).toBe('f32');
  });
});

import { describe, expect, it } from 'vitest';
import { add, array, convert, cos, exp, f32, f64, fn, grad, hessian, hvp, i32, iota, jacfwd, jacobian, jacrev, matmul, mul, reshape, sin, softmax, sum, tanh, vmap, type F32, type Tensor } from 'fluxion';
import { js } from '../../src/backends/js/js.ts';
import { showShape } from '../../src/core/dim.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { compile, orThrow } from '../../src/index.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { expandTransforms } from '../../src/passes/graph/expandTransforms.ts';
import { page, saidOf, unchecked } from '../messages.ts';
import { close, floats, run } from './run.ts';

const both = [['forward', jacfwd], ['reverse', jacrev]] as const;
describe.each(both)('the Jacobian, %s', (_, jacobianOf) => {
  it('of an elementwise function is diagonal', () => {
    const [j] = run(fn([f32([3])], (x) => jacobianOf((v: F32<[3]>) => mul(v, v))(x)), [floats(1, 2, 3)]);
    expect(j).toMatchObject({ shape: [3, 3], data: floats(2, 0, 0, 0, 4, 0, 0, 0, 6) });
  });
  it('of a product is the matrix: of a tensor of any rank by one of any rank', () => {
    // yᵢⱼ = Σₖ xᵢₖ wₖⱼ: ∂yᵢⱼ/∂xₐₖ = [i = a] wₖⱼ
    const [j] = run(fn([f32([2, 3]), f32([3, 2])], (x, w) => jacobianOf((v: F32<[2, 3]>, u: F32<[3, 2]>) => matmul(v, u))(x, w)), [floats(9, 9, 9, 9, 9, 9), floats(1, 2, 3, 4, 5, 6)]);
    const wanted = [0, 1].flatMap((i) => [0, 1].flatMap((c) => [0, 1].flatMap((a) => [0, 1, 2].map((k) => (i === a ? 2 * k + c + 1 : 0)))));
    expect(j).toMatchObject({ shape: [2, 2, 2, 3], data: Float32Array.from(wanted) });
  });
  it('of softmax is diag p − p pᵀ', () => {
    const x = [0.5, -1, 2], e = x.map(Math.exp), p = e.map((v) => v / e.reduce((a, b) => a + b));
    const [j] = run(fn([f64([3])], (v) => jacobianOf((u: Tensor<[3], 'f64'>) => softmax(u))(v)), [Float64Array.from(x)]);
    expect(close(j.data, p.flatMap((a, i) => p.map((b, k) => (i === k ? a : 0) - a * b)), 1e-14)).toBe(true);
  });
  it('of a scalar is the gradient, and by a scalar the slope', () => {
    const f = fn([f32([3]), f32()], (x, s) => [jacobianOf((v: F32<[3]>) => sum(mul(v, v)))(x), jacobianOf((v: F32<[]>) => mul(v, array([1, 2])))(s), jacobianOf((v: F32<[]>) => mul(v, v))(s)]);
    expect(run(f, [floats(1, 2, 3), floats(5)]).map((r) => [r.shape, Array.from(r.data)])).toEqual([[[3], [2, 4, 6]], [[2], [1, 2]], [[], [10]]]);
  });
  it('for each example, and of what takes its sizes later', () => {
    const each = fn([f32([2, 2])], (x) => vmap((v: F32<[2]>) => jacobianOf((u: F32<[2]>) => mul(u, sum(u)))(v), 2)(x));
    // ∂(uᵢ Σu)/∂uⱼ = [i = j] Σu + uᵢ
    expect(run(each, [floats(1, 2, 3, 4)])[0]).toMatchObject({ shape: [2, 2, 2], data: floats(4, 1, 2, 5, 10, 3, 4, 11) });
    const later = fn([f32(['n'])], (x) => jacobianOf((v: F32<['n']>) => sin(v))(x));
    expect(later.result.shape).toEqual(['n', 'n']);
    expect(close(run(later, [floats(0, 1)], { dims: { n: 2 } })[0].data, [1, 0, 0, Math.cos(1)])).toBe(true);
  });
});

describe('jacobian', () => {
  const passes = (f: unknown): readonly string[] => orThrow(lower(f)).module.graphs.size === 0 ? [] : [...orThrow(lower(f)).module.graphs.values()].flatMap((g) => nodesOf(g).flatMap((n) => (n.op === 'transform' && n.attrs.kind !== 'vmap' ? [n.attrs.kind] : [])));
  const narrow = (x: F32<[4]>) => reshape(sum(mul(x, x)), [1]), wide = (x: F32<[1]>) => mul(array([1, 2, 3, 4]), sum(x));
  it('goes the way that needs fewer passes, or the one it is told', () => {
    expect(passes(fn([f32([4])], (x) => jacobian(narrow)(x)))).toEqual(['vjp']);
    expect(passes(fn([f32([1])], (x) => jacobian(unchecked(wide))(unchecked(x))))).toEqual(['jvp']);
    expect(passes(fn([f32([4])], (x) => jacobian(narrow, 'forward')(x)))).toEqual(['jvp']);
  });
  it('computes the function once, for all directions', () => {
    const { module } = orThrow(lower(fn([f32([3])], (x) => jacfwd((v: F32<[3]>) => exp(sin(v)))(x))));
    const main = expandTransforms.run(module, () => undefined), ops = [...main.graphs.values()].flatMap((g) => nodesOf(g).flatMap((n) => (n.op === 'map' && (n.attrs.fn === 'exp' || n.attrs.fn === 'sin') ? [`${n.attrs.fn} ${showShape(n.type.shape)}`] : [])));
    expect(ops.sort()).toEqual(['exp [3]', 'sin [3]']);
  });
});

describe('second derivatives', () => {
  it('of a cube: 6x on the diagonal; of a product, beside it', () => {
    const f = fn([f32([2])], (x) => [hessian((v: F32<[2]>) => sum(mul(mul(v, v), v)))(x), hessian((v: F32<[2]>, w: F32<[2]>) => mul(sum(mul(v, w)), sum(v)))(x, array([10, 1]) as never)]);
    // (10a + b)(a + b) = 10a² + 11ab + b²
    expect(run(f, [floats(1, 2)]).map((r) => [r.shape, Array.from(r.data)])).toEqual([[[2, 2], [6, 0, 0, 12]], [[2, 2], [20, 11, 11, 2]]]);
  });
  const loss = (x: F32<[3]>) => sum(mul(exp(x), mul(x, sin(sum(x)))));
  it('are symmetric, and those of the gradient in reverse mode', () => {
    const [h, r] = run(fn([f32([3])], (x) => [hessian(loss)(x), jacrev(grad(loss))(x)]), [floats(0.5, -1, 2)]).map((v) => Array.from(v.data));
    expect(close(r, h, 1e-5)).toBe(true);
    expect(close([1, 2, 5].map((i) => h[i]), [3, 6, 7].map((i) => h[i]), 1e-5)).toBe(true);
  });
  it('times a vector without the Hessian, also of trees', () => {
    const [h, hv] = run(fn([f32([3]), f32([3])], (x, v) => [hessian(loss)(x), hvp(loss)(x, v)]), [floats(0.5, -1, 2), floats(1, -2, 3)]).map((r) => Array.from(r.data));
    expect(close(hv, [0, 1, 2].map((i) => h[3 * i] - 2 * h[3 * i + 1] + 3 * h[3 * i + 2]), 1e-5)).toBe(true);
    // a·b², whose Hessian is [[0, 2b], [2b, 2a]]
    const tree = fn([{ a: f32(), b: f32() }, { a: f32(), b: f32() }, f32()], (p, v, c) => hvp((q: { a: F32; b: F32 }, k: F32) => mul(k, mul(q.a, mul(q.b, q.b))))(p, v, c));
    expect(run(tree, [floats(2), floats(3), floats(5), floats(7), floats(10)]).map((r) => r.data[0])).toEqual([420, 580]);
  });
  it.each([js(), wasm()].map((backend) => [backend.name, backend] as const))('run on %s', (_, backend) => {
    using exe = orThrow(compile(fn([f32([3])], (x) => hessian((v: F32<[3]>) => sum(mul(tanh(v), cos(add(v, sum(v))))))(x)), { backend }));
    const x = [0.3, -0.7, 1.1], [wanted] = run(fn([f64([3])], (v) => hessian((u: Tensor<[3], 'f64'>) => sum(mul(tanh(u), cos(add(u, sum(u))))))(v)), [Float64Array.from(x)]);
    expect(close(exe(Float32Array.from(x)).data, Array.from(wanted.data), 1e-5)).toBe(true);
  });
});

it('mistakes are told where they are made: jacobians.txt', async () => {
  const of = (body: (x: F32<[3]>) => unknown): string => saidOf(fn([f32([3])], body));
  await expect(page({
    'an integer argument': of(() => jacobian(unchecked((v: Tensor<[3], 'i32'>) => convert(v, 'f32')))(unchecked(iota(3)))),
    'an integer result': of((x) => jacfwd(unchecked((v: F32<[3]>) => convert(v, 'i32')))(unchecked(x))),
    'several results': of((x) => jacrev(unchecked((v: F32<[3]>) => [v, v]))(unchecked(x))),
    'a Hessian of something that is not a scalar': of((x) => hessian(unchecked((v: F32<[3]>) => v))(unchecked(x))),
    'a product with a Hessian of an integer': saidOf(fn([i32([3])], (n) => hvp((v: Tensor<[3], 'i32'>) => sum(convert(v, 'f32')))(n, n))),
    'a direction of another shape': of((x) => hvp((v: F32<[3]>) => sum(v))(x, unchecked(sum(x)))),
  })).toMatchFileSnapshot('../golden/messages/jacobians.txt');
});

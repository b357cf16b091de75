/** Exact types of functions and transformations: checked by tsc, never run. */
import {
  add, f32, fn, grad, hessian, hvp as hvpOf, i32, jacfwd, jacobian, jacrev, jvp, key, logSoftmax, matmul, mean, mul, neg, normal, oneHot, poly, reshape, softmax, split, sub, sum, transpose,
  treeDot, treeMap, valueAndGrad, valueAndGradAux, vjp, vmap, zeros, type Arrays, type F32, type Host, type Key, type NDArray, type Tensor,
} from 'fluxion';
import { is } from './exact.ts';

const layer = <I extends number, O extends number>(k: Key, i: I, o: O) => ({ w: mul(normal(k, [i, o]), Math.sqrt(2 / i)), b: zeros([o]) });
const init = (k: Key) => { const [a, b] = split(k); return { hidden: layer(a, 784, 128), out: layer(b, 128, 10) }; };
type Params = ReturnType<typeof init>;
is<F32<[784, 128]>>()(init(key(0)).hidden.w);

const logits = (p: Params, x: F32<['batch', 784]>) => add(matmul(add(matmul(x, p.hidden.w), p.hidden.b), p.out.w), p.out.b);
const loss = (p: Params, x: F32<['batch', 784]>, y: Tensor<['batch'], 'i32'>) => neg(mean(sum(mul(logSoftmax(logits(p, x)), oneHot(y, 10)), -1)));
const step = fn([init(key(0)), f32(['batch', 784]), i32(['batch'])], (p, x, y) => {
  const [value, g] = valueAndGrad(loss)(p, x, y);
  return { params: treeMap((w, d) => sub(w, mul(d, 0.1)), p, g), loss: value };
}, { name: 'step', args: ['params', 'x', 'y'] });
is<{ params: Params; loss: F32<[]> }>()(step.result);
is<Params>()(grad(loss)(init(key(0)), f32(['batch', 784]), i32(['batch'])));
is<Params>()(valueAndGradAux((p: Params) => [mean(p.out.b), { kept: p.out.w }] as const)(init(key(0)))[1]);
is<F32<[]>>()(valueAndGrad(grad((x: F32<[]>) => mul(x, x)))(f32())[0]);

// @ts-expect-error the loss is not a scalar
grad((p: Params, x: F32<['batch', 784]>) => logits(p, x));

const wx = fn([f32([784, 10]), f32(['n', 784])], (w, x) => mean(matmul(x, w)));
is<F32<[784, 10]>>()(grad(wx)(f32([784, 10]), f32(['n', 784])));
is<F32<['n', 10]>>()(fn([f32(['n', 784]), f32([784, 10])], (x, w) => matmul(x, w)).result);

// both modes
const square = (x: F32<[3]>) => mul(x, x);
is<readonly [F32<[3]>, F32<[3]>]>()(jvp(square)([f32([3])], [f32([3])]));
const [y, pull] = vjp(square)(f32([3]));
is<F32<[3]>>()(y);
is<[x: F32<[3]>]>()(pull(y));
// Hessian-vector products: forward over reverse, reverse over reverse
const one = (p: { w: F32<[784, 10]> }, x: F32<[784]>, t: Tensor<[], 'i32'>) => neg(sum(mul(logSoftmax(matmul(reshape(x, [1, 784]), p.w)), oneHot(t, 10))));
type P = { w: F32<[784, 10]> };
const hvp = (p: P, v: P, x: F32<[784]>, t: Tensor<[], 'i32'>) => jvp((q: P) => grad(one)(q, x, t))([p], [v])[1];
const hvp2 = (p: P, v: P, x: F32<[784]>, t: Tensor<[], 'i32'>) => grad((q: P) => treeDot(grad(one)(q, x, t), v))(p);
is<F32<[784, 10]>>()(fn([{ w: f32([784, 10]) }, { w: f32([784, 10]) }, f32([784]), i32()], hvp).result.w);
is<F32<[784, 10]>>()(fn([{ w: f32([784, 10]) }, { w: f32([784, 10]) }, f32([784]), i32()], hvp2).result.w);

// named dimensions as variables
const attention = fn([f32(['B', 'Q', 64]), f32(['B', 'K', 64]), f32(['B', 'K', 'E'])], (q, k, v) => matmul(softmax(matmul(q, transpose(k))), v));
is<F32<['batch', 128, 32]>>()(poly(attention)(f32(['batch', 128, 64]), f32(['batch', 256, 64]), f32(['batch', 256, 32])));
// @ts-expect-error K is 256, then 255
poly(attention)(f32(['batch', 128, 64]), f32(['batch', 256, 64]), f32(['batch', 255, 32]));
// @ts-expect-error dtype
poly(wx)(f32([784, 10]), i32(['n', 784]));

// many examples at once
const perExample = vmap(grad(one), 'batch', [null, 0, 0]);
is<{ w: F32<['batch', 784, 10]> }>()(perExample({ w: f32([784, 10]) }, f32(['batch', 784]), i32(['batch'])));
is<F32<['batch', 784, 10]>>()(fn([{ w: f32([784, 10]) }, f32(['batch', 784]), i32(['batch'])], perExample).result.w);
const inner = (u: F32<[8]>, v: F32<[8]>) => sum(mul(u, v));
is<F32<[4, 3]>>()(vmap(vmap(inner, 3, [null, 0]), 4, [0, null])(f32([4, 8]), f32([3, 8])));
is<F32<[5]>>()(vmap(inner, 5, [1, 0])(f32([8, 5]), f32([5, 8])));
is<F32<[8, 5]>>()(vmap((u: F32<[8]>) => softmax(u), 5, [0], 1)(f32([5, 8])));
is<F32<['e', 3]>>()(vmap((k: Key) => normal(k, [3]), 'e')(key(0)));
// @ts-expect-error four examples, then three
vmap(inner, 4)(f32([4, 8]), f32([3, 8]));
// @ts-expect-error there is no axis 2
vmap(inner, 4, [2, 0])(f32([4, 8]), f32([4, 8]));
// @ts-expect-error the second is shared
vmap(inner, 4, [0, null])(f32([4, 8]), f32([4, 8]));

// Jacobians and Hessians
is<F32<[10, 784]>>()(jacobian((v: F32<[784]>, w: F32<[784, 10]>) => reshape(matmul(reshape(v, [1, 784]), w), [10]))(f32([784]), f32([784, 10])));
is<F32<[3, 3]>>()(jacfwd(square)(f32([3])));
is<F32<[3]>>()(jacrev((v: F32<[3]>) => sum(v))(f32([3])));
is<F32<[2, 3, 2, 3]>>()(hessian((v: F32<[2, 3]>) => sum(mul(v, v)))(f32([2, 3])));
is<P>()(hvpOf(one)({ w: f32([784, 10]) }, { w: f32([784, 10]) }, f32([784]), i32()));
// @ts-expect-error not a scalar
hessian(square);

// what goes in and comes out of a run
is<{ readonly w: NDArray<[3], 'f32'>; readonly k: Key }>()({} as Arrays<{ w: F32<[3]>; k: Key }>);
const host: Host<readonly [F32<['n', 3]>, Tensor<[], 'i32'>]> = [new Float32Array(6), 1];
const nested: Host<readonly [F32<['n', 3]>]> = [[[1, 2, 3]]];
// @ts-expect-error i32 where f32 is declared
const other: Host<readonly [F32<['n', 3]>]> = [new Int32Array(6)];
void [host, nested, other];

import { describe, expect, it } from 'vitest';
import { compile, f32, f64, fn, mul, orThrow, square, sub, sum, treeLeaves, treeMap, valueAndGrad, array, compute, sign, type Arrays, type F32, type Tensor } from 'fluxion';
import { adam, adamw, chain, clipByGlobalNorm, clipByValue, optimizer, rmsprop, sgd, stepDecay, type Optimizer, type Slots } from 'fluxion/optim';
import { run } from '../expr/run.ts';
import { stepped } from './steps.ts';

/** the same updates for one number, in plain arithmetic: the change of w at each step, from the gradient at it */
type Plain = () => (w: number, g: number, t: number) => number;
const plainSgd = (rate: number, momentum = 0, nesterov = false): Plain => () => {
  let velocity = 0;
  return (_, g) => {
    velocity = momentum * velocity - rate * g;
    return nesterov ? momentum * velocity - rate * g : velocity;
  };
};
const plainAdam = (rate: number, b1: number, b2: number, eps: number, decay = 0): Plain => () => {
  let m = 0, v = 0;
  return (w, g, t) => {
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    return -(rate * Math.sqrt(1 - b2 ** t) / (1 - b1 ** t)) * m / (Math.sqrt(v) + eps) - rate * decay * w;
  };
};
const plainRmsprop = (rate: number, rho: number, momentum: number, eps: number, centered: boolean): Plain => () => {
  let v = 0, mean = 0, velocity = 0;
  return (_, g) => {
    v = rho * v + (1 - rho) * g * g;
    mean = rho * mean + (1 - rho) * g;
    velocity = momentum * velocity + rate * g / Math.sqrt((centered ? v - mean * mean : v) + eps);
    return -velocity;
  };
};

const start = [1, -2, 0.5], grads = [[0.3, -4, 0], [-0.2, 1e-3, 0], [7, 0, 2e-4], [0.3, -4, 1], [-1, 2, -3], [1e3, 0.5, 1e-9]];
const plainly = (plain: Plain): readonly (readonly number[])[] => {
  const each = start.map((w) => ({ w, change: plain() }));
  return grads.map((g, t) => each.map((p, i) => (p.w += p.change(p.w, g[i], t + 1))));
};
/** the largest difference, of each number relative to its size */
const apart = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(...a.flatMap((row, t) => row.map((x, i) => Math.abs(x - b[t][i]) / Math.max(1, Math.abs(b[t][i])))));

const cases: readonly (readonly [string, Optimizer, Plain])[] = [
  ['sgd', sgd({ learningRate: 0.1 }), plainSgd(0.1)],
  ['sgd as it is', sgd(), plainSgd(0.01)],
  ['momentum', sgd({ learningRate: 0.1, momentum: 0.9 }), plainSgd(0.1, 0.9)],
  ['Nesterov', sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true }), plainSgd(0.1, 0.8, true)],
  ['adam as it is', adam(), plainAdam(1e-3, 0.9, 0.999, 1e-7)],
  ['adam', adam({ learningRate: 0.02, b1: 0.8, b2: 0.99, eps: 1e-3 }), plainAdam(0.02, 0.8, 0.99, 1e-3)],
  ['adam without memory', adam({ b1: 0, b2: 0 }), plainAdam(1e-3, 0, 0, 1e-7)],
  ['adamw as it is', adamw(), plainAdam(1e-3, 0.9, 0.999, 1e-7, 0.004)],
  ['adamw', adamw({ learningRate: 0.02, weightDecay: 0.1 }), plainAdam(0.02, 0.9, 0.999, 1e-7, 0.1)],
  ['rmsprop as it is', rmsprop(), plainRmsprop(1e-3, 0.9, 0, 1e-7, false)],
  ['rmsprop with momentum', rmsprop({ learningRate: 0.01, rho: 0.8, momentum: 0.9, eps: 1e-4 }), plainRmsprop(0.01, 0.8, 0.9, 1e-4, false)],
  ['rmsprop, centered', rmsprop({ learningRate: 0.01, eps: 1e-3, centered: true }), plainRmsprop(0.01, 0.9, 0, 1e-3, true)],
  ['rmsprop, centered, with momentum', rmsprop({ learningRate: 0.01, momentum: 0.5, eps: 1e-3, centered: true }), plainRmsprop(0.01, 0.9, 0.5, 1e-3, true)],
];

describe('optimisers', () => {
  it.each(cases)('%s is its definition, in double precision', (_, o, plain) => expect(apart(stepped(o, start, grads), plainly(plain))).toBeLessThan(1e-12));
  it.each(cases)('%s is its definition, in single precision', (_, o, plain) => expect(apart(stepped(o, start, grads, 'f32'), plainly(plain))).toBeLessThan(2e-6));

  it('adam: the first two steps by hand', () => {
    // t = 1, g = 1: m = 0.1, v = 0.001, α = 0.001·√0.001/0.1; w = 1 − 0.001·√0.001 / (√0.001 + 1e-7)
    // t = 2, g = 2: m = 0.29, v = 0.004999, α = 0.001·√0.001999/0.19
    const [[first], [second]] = stepped(adam(), [1, 0, 0], [[1, 0, 0], [2, 0, 0]]);
    expect(first).toBeCloseTo(0.99900000316226, 13);
    expect(second).toBeCloseTo(0.99900000316226 - 0.001 * (0.0447101778122 / 0.19) * 0.29 / (0.0707036067 + 1e-7), 11);
  });
  it('with one large rate, the first steps that Keras’ own tests state', () => {
    const first = (o: Optimizer): readonly number[] => stepped(o, [1, 2, 3], [[1, 6, 7]])[0].map((x) => Math.round(x * 1e4) / 1e4);
    expect(first(adam({ learningRate: 0.5 }))).toEqual([0.5, 1.5, 2.5]);
    expect(first(adamw({ learningRate: 0.5, weightDecay: 0.004 }))).toEqual([0.498, 1.496, 2.494]);
    expect(first(rmsprop({ learningRate: 0.5 }))).toEqual([-0.5811, 0.4189, 1.4189]);
    expect(first(sgd({ learningRate: 0.5 }))).toEqual([0.5, -1, -0.5]);
  });
  it('the correction of f32 keeps its digits at the first step', () => {
    // the gradient is far below ε̂, so that the whole of √(1 − β₂) shows
    const [[w]] = stepped(adam({ eps: 1 }), [0, 0, 0], [[1e-3, 0, 0]], 'f32'), exact = -1e-3 * Math.sqrt(1e-3) / 0.1 * 1e-4 / (Math.sqrt(1e-9) + 1);
    expect(Math.abs(w / exact - 1)).toBeLessThan(5e-7);
  });
  it('rmsprop, centered, stays a number where the gradient stays as it is', () => {
    const same = Array.from({ length: 60 }, () => [1234.567, 1, -99]);
    expect(stepped(rmsprop({ rho: 0.5, centered: true }), [0, 0, 0], same, 'f32').flat().every(Number.isFinite)).toBe(true);
  });
  it('take a rate for each step', () => {
    const [a, b, c] = stepped(sgd({ learningRate: stepDecay({ init: 1, factor: 0.5, every: 1 }) }), [0, 0, 0], [[1, 1, 1], [1, 1, 1], [1, 1, 1]]).map(([w]) => w);
    expect([a, b, c]).toEqual([-1, -1.5, -1.75]);
    const plain = plainAdam(1, 0.9, 0.999, 1e-7)(), rates = [1, 0.5, 0.25], gs = [0.3, -2, 1];
    let w = 0;
    const wanted = gs.map((g, i) => (w += rates[i] * plain(w, g, i + 1)));
    const got = stepped(adam({ learningRate: stepDecay({ init: 1, factor: 0.5, every: 1 }) }), [0, 0, 0], gs.map((g) => [g, 0, 0]));
    expect(apart(got.map(([x]) => [x]), wanted.map((x) => [x]))).toBeLessThan(1e-12);
    const decayed = stepped(adamw({ learningRate: stepDecay({ init: 1, factor: 0.5, every: 1 }), weightDecay: 0.1 }), [1, 0, 0], [[0, 0, 0], [0, 0, 0]]).map(([x]) => x);
    expect(apart([decayed], [[0.9, 0.9 * 0.95]])).toBeLessThan(1e-12);
  });
});

describe('clipping', () => {
  it('by value', () => expect(stepped(chain(clipByValue(0.5), sgd({ learningRate: 1 })), [0, 0, 0], [[2, -0.25, -7]])).toEqual([[-0.5, 0.25, 0.5]]));
  it('by the norm of all gradients together', () => {
    const tree = { a: f64([2]), b: [f32([1]), f64()] as const }, o = clipByGlobalNorm(6.5), step = fn([tree, tree], (p, g) => o.update(g, o.init(p), p));
    const zero = [Float64Array.of(0, 0), Float32Array.of(0), Float64Array.of(0)];
    // |(3, 4, 12, 0)| = 13: all are halved
    const [a, b, c] = run(step, [...zero, Float64Array.of(3, 4), Float32Array.of(12), Float64Array.of(0)]);
    expect([[...a.data], [...b.data], [...c.data]]).toEqual([[-1.5, -2], [-6], [0]]);
    const small = [Float64Array.of(0.1, 0.2), Float32Array.of(0.3), Float64Array.of(-0.4)];
    expect(run(step, [...zero, ...small]).slice(0, 3).map((r) => [...r.data].map((x) => -x))).toEqual(small.map((x) => [...x]));
  });
  it('of nothing is nothing', () => {
    const [[w]] = [stepped(clipByGlobalNorm(1), [1, 2, 3], [[0, 0, 0]])];
    expect(w).toEqual([1, 2, 3]);
    expect(compute(clipByGlobalNorm(1).update({}, clipByGlobalNorm(1).init({}), {}))).toMatchObject({ _tag: 'Right' });
  });
});

describe('chains', () => {
  it('go from left to right', () => {
    const rate = sgd({ learningRate: 0.1 }), clip = clipByValue(0.5);
    expect(apart(stepped(chain(clip, rate), [0, 0, 0], [[9, -9, 0.1]]), [[-0.05, 0.05, -0.01]])).toBeLessThan(1e-15);
    expect(apart(stepped(chain(rate, clip), [0, 0, 0], [[9, -9, 0.1]]), [[-0.5, 0.5, -0.01]])).toBeLessThan(1e-15);
  });
  it('of one are that one, and of none is the gradient itself', () => {
    expect(stepped(chain(adam()), start, grads)).toEqual(stepped(adam(), start, grads));
    expect(stepped(chain(), [1, 1, 1], [[1, 2, 3]])).toEqual([[0, -1, -2]]);
  });
  it('keep their parts’ slots apart, under names that stay', () => {
    const o = chain(sgd({ learningRate: 1, momentum: 0.5 }), clipByGlobalNorm(1e9), chain(adam({ learningRate: 0.1 }))), p = { w: f32([2]), inner: [f32()] as const };
    expect(o.name).toBe('chain(sgd, clipByGlobalNorm, chain(adam))');
    expect(treeLeaves(o.init(p)).map((l) => l.path.join('.'))).toEqual(['step', 'trees.0.w', 'trees.0.inner.0', 'trees.1.w', 'trees.1.inner.0', 'trees.2.w', 'trees.2.inner.0']);
    const push = plainSgd(1, 0.5), both: Plain = () => {
      const first = push(), second = plainAdam(0.1, 0.9, 0.999, 1e-7)();
      return (w, g, t) => second(w, -first(w, g, t), t);
    };
    expect(apart(stepped(o, start, grads), plainly(both))).toBeLessThan(1e-12);
  });
  it('take an optimiser of one’s own', () => {
    const signSgd = optimizer('signSgd', { carries: 0, propose: (g) => ({ delta: treeMap((x) => mul(sign(x), 0.5), g), trees: [] }) });
    expect(stepped(chain(clipByValue(1), signSgd), [0, 0, 0], [[9, -9, 0]])).toEqual([[-0.5, 0.5, 0]]);
  });
});

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
/** exactly this type */
const is = <E>() => <A>(x: A, ..._ok: Eq<A, E> extends true ? [] : [expected: E, got: A]): A => x;
interface Params { readonly w: F32<[2, 3]>; readonly rest: readonly [Tensor<[4], 'f64'>] }

describe('types of optimisers', () => {
  const params: Params = { w: f32([2, 3]), rest: [f64([4])] };
  it('keep those of the parameters', () => {
    const slots = is<Slots<Params>>()(adam().init(params)), [next, after] = adam().update(params, slots, params);
    is<Params>()(next);
    is<Slots<Params>>()(after);
    expect([next.w.shape, next.rest[0].dtype, after.trees.length]).toEqual([[2, 3], 'f64', 2]);
    // @ts-expect-error slots of other parameters
    adam().update(params, adam().init({ w: f32([2, 3]) }), params);
    // @ts-expect-error other parameters than the gradients'
    adam().update(params, slots, { w: f32([2, 3]) });
    // @ts-expect-error a misspelt setting
    adam({ beta1: 0.9 });
  });
});

describe('training with each optimiser', () => {
  const target = [3, -1, 0.5], steep = [1, 10, 0.1];
  /** Σ s·(w − c)², minimal at c */
  const loss = (p: { readonly w: F32<[3]> }): F32 => sum(mul(array(steep, [3]), square(sub(p.w, array(target, [3])))));
  const descended = (o: Optimizer, steps: number): readonly number[] => {
    const params = { w: f32([3]) };
    using step = orThrow(compile(fn([{ params, slots: o.init(params) }], ({ params: p, slots }) => {
      const [value, g] = valueAndGrad(loss)(p), [next, after] = o.update(g, slots, p);
      return { state: { params: next, slots: after }, value };
    }), { donate: [0] }));
    type State = { readonly params: { readonly w: F32<[3]> }; readonly slots: Slots<{ readonly w: F32<[3]> }> };
    const zero = { w: array([0, 0, 0], [3]) };
    let state: Arrays<State> = orThrow(compute({ params: zero, slots: o.init(zero) }));
    for (let i = 0; i < steps; i++) ({ state } = step(state));
    expect(state.slots.step.item()).toBe(steps);
    return [...state.params.w.data];
  };
  it.each([
    ['sgd', sgd({ learningRate: 0.05 }), 2000], ['momentum', sgd({ learningRate: 0.02, momentum: 0.9 }), 600], ['Nesterov', sgd({ learningRate: 0.02, momentum: 0.9, nesterov: true }), 600],
    ['adam', adam({ learningRate: 0.05 }), 2000], ['adamw without decay', adamw({ learningRate: 0.05, weightDecay: 0 }), 2000],
    ['rmsprop', rmsprop({ learningRate: stepDecay({ init: 0.1, factor: 0.5, every: 100 }) }), 1500],
    ['a chain', chain(clipByGlobalNorm(1), adam({ learningRate: 0.05 })), 2000],
  ] as const)('%s finds the lowest point', (_, o, steps) => {
    const found = descended(o, steps);
    expect(Math.max(...found.map((w, i) => Math.abs(w - target[i])))).toBeLessThan(2e-3);
  });
  it('adamw with decay stops short of it, where the pull of decay and the slope balance in sign', () => {
    const [far] = descended(adamw({ learningRate: 0.05, weightDecay: 0.3 }), 3000);
    expect(far).toBeGreaterThan(1);
    expect(far).toBeLessThan(2.99);
  });
});

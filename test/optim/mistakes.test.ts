import { describe, expect, it } from 'vitest';
import { f32, f64, fn, i32, key, treeMap, zeros, type F32 } from 'fluxion';
import { adam, adamw, chain, clipByGlobalNorm, clipByValue, constant, cosineDecay, optimizer, piecewise, rmsprop, sgd, stepDecay, warmUp, type Optimizer } from 'fluxion/optim';
import { page, saidOf, unchecked } from '../messages.ts';

interface Params { readonly w: F32<[2, 3]>; readonly b: F32<[3]> }
const params = (): Params => ({ w: f32([2, 3]), b: f32([3]) });
/** what a step with the optimiser says */
const step = (o: Optimizer): string => saidOf(fn([params(), o.init(params()), params()], (p, slots, g) => o.update(g, slots, p)));
/** what a step says, of a tree handed in for the parameters, the gradients or the slots */
const stepOf = (o: Optimizer, given: { readonly params?: unknown; readonly grads?: unknown; readonly slots?: unknown }): string => {
  const p = given.params ?? params();
  return saidOf(fn([p, given.slots ?? o.init(p), given.grads ?? p], (q, s, g) => o.update(g, unchecked(s), q)));
};

const messages = {
  'a negative rate': () => step(sgd({ learningRate: -1 })),
  'settings that are not numbers, each of them': () => step(adam({ learningRate: NaN, b1: 1, b2: -0.1, eps: Infinity })),
  'not even a number': () => step(sgd({ momentum: unchecked('much') })),
  'decay and mean squares': () => step(chain(adamw({ weightDecay: -1 }), rmsprop({ rho: 1, momentum: 1.5, eps: -1 }))),
  'Nesterov without momentum': () => step(sgd({ nesterov: true })),
  'limits': () => step(chain(clipByValue(0), clipByGlobalNorm(Infinity), sgd())),
  'a schedule': () => step(sgd({ learningRate: cosineDecay({ init: NaN, steps: 10, warmup: 10 }) })),
  'other schedules': () => [constant(-1), stepDecay({ init: 1, factor: 0.5, every: 0 }), piecewise({ boundaries: [3], rates: [1] }), piecewise({ boundaries: [3, 2], rates: [1, 2, 3] }), warmUp(constant(1), 1.5)].map((s) => step(sgd({ learningRate: s }))).join('\n'),
  'parameters that are no floats': () => stepOf(adam(), { params: { count: i32([2]), seed: key(0), w: f32([2]) } }),
  'gradients of other shapes and names': () => stepOf(sgd(), { grads: { w: f32([3, 2]), bias: f32([3]) } }),
  'gradients that would broadcast': () => stepOf(sgd(), { params: { w: f32([1]) }, grads: { w: f32([5]) } }),
  'gradients of another dtype': () => stepOf(sgd(), { params: { w: f32([2]) }, grads: { w: f64([2]) } }),
  'slots of another optimiser': () => stepOf(adam(), { slots: sgd({ momentum: 0.9 }).init(params()) }),
  'slots of other parameters': () => stepOf(sgd({ momentum: 0.9 }), { slots: sgd({ momentum: 0.9 }).init({ w: f32([2, 3]), b: f32([4]) }) }),
  'an optimiser of one’s own that gives other shapes': () => step(optimizer('odd', { carries: 0, propose: (g) => ({ delta: treeMap(() => zeros([7]), g), trees: [] }) })),
} as const satisfies Record<string, () => string>;

describe('mistakes with optimisers', () => {
  it('are told at lowering, each once, with where it was written', async () => {
    await expect(page(Object.fromEntries(Object.entries(messages).map(([title, text]) => [title, text()])))).toMatchFileSnapshot('../golden/messages/optim.txt');
  });
  it('are not told a second time where the parameters are spoiled already', () => {
    const twice = adam({ b1: 2 });
    const f = fn([params(), twice.init(params()), params()], (p, slots, g) => {
      const [first, after] = twice.update(g, slots, p);
      return twice.update(g, after, first);
    });
    expect(saidOf(f).match(/FX\d+/g)).toEqual(['FX6301']);
  });
  it('do not stand in the way of a right one', () => {
    expect(step(adam())).toBe('nothing is wrong');
    expect(step(chain())).toBe('nothing is wrong');
    expect(saidOf(fn([{ w: f32(['n', 'units']) }], (p) => adam().update(p, adam().init(p), p)), { dims: { n: 2, units: 3 } })).toBe('nothing is wrong');
  });
});

import { describe, expect, it } from 'vitest';
import { compile, fn, i32, orThrow } from 'fluxion';
import { constant, cosineDecay, piecewise, stepDecay, warmUp, type Schedule } from 'fluxion/optim';
import { run } from '../expr/run.ts';

/** the rates at these steps */
const rates = (schedule: Schedule, steps: readonly number[]): readonly number[] => {
  const at = fn([i32()], schedule);
  return steps.map((s) => run(at, [Int32Array.of(s)])[0].data[0]);
};
/** f32 rounds a rate by at most 2⁻²⁴ of it at each of its few operations */
const near = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got.length).toBe(wanted.length);
  got.forEach((x, i) => expect(Math.abs(x - wanted[i]), `point ${i}: ${x}, not ${wanted[i]}`).toBeLessThanOrEqual(4 * 2 ** -24 * Math.max(0.25, wanted[i])));
};

describe('schedules', () => {
  it('constant', () => near(rates(constant(0.1), [0, 1, 1e6]), [0.1, 0.1, 0.1]));
  it('step decay: halved after every three steps', () => near(rates(stepDecay({ init: 0.8, factor: 0.5, every: 3 }), [0, 2, 3, 5, 6, 30]), [0.8, 0.8, 0.4, 0.4, 0.2, 0.8 / 1024]));
  it('step decay to nothing and of any factor', () => {
    near(rates(stepDecay({ init: 1, factor: 0, every: 2 }), [0, 1, 2]), [1, 1, 0]);
    near(rates(stepDecay({ init: 2, factor: 0.9, every: 10 }), [29]), [2 * 0.81]);
  });
  it('piecewise: the boundary is the first step of the next rate', () =>
    near(rates(piecewise({ boundaries: [10, 20], rates: [1, 0.5, 0.1] }), [0, 9, 10, 19, 20, 99]), [1, 1, 0.5, 0.5, 0.1, 0.1]));
  it('piecewise without boundaries is constant', () => near(rates(piecewise({ boundaries: [], rates: [0.3] }), [0, 7]), [0.3, 0.3]));
  it('cosine: at 0, a third, a half, the end, and after it', () =>
    near(rates(cosineDecay({ init: 1, steps: 12 }), [0, 4, 6, 8, 12, 100]), [1, 0.75, 0.5, 0.25, 0, 0]));
  it('cosine down to a rate above 0', () => near(rates(cosineDecay({ init: 1, end: 0.2, steps: 12 }), [0, 4, 6, 12, 13]), [1, 0.8, 0.6, 0.2, 0.2]));
  it('cosine after a warm-up in a straight line, both within `steps`', () =>
    near(rates(cosineDecay({ init: 1, steps: 16, warmup: 4 }), [0, 1, 2, 3, 4, 8, 10, 12, 16, 20]), [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0]));
  it('any schedule after a warm-up', () =>
    near(rates(warmUp(stepDecay({ init: 0.8, factor: 0.5, every: 2 }), 4), [0, 2, 3, 4, 5, 6, 8]), [0, 0.4, 0.6, 0.8, 0.8, 0.4, 0.2]));
  it('of one’s own, through the whole pipeline', () => {
    const own: Schedule = warmUp(cosineDecay({ init: 1e-3, steps: 100 }), 10);
    using at = orThrow(compile(fn([i32()], own)));
    expect(at(60).item()).toBeCloseTo(1e-3 / 2, 9);
    expect(at(110).item()).toBe(0);
  });
});

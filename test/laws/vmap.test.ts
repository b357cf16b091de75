import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { typedArray, type TypedArray } from '../../src/core/dtype.ts';
import { render } from '../../src/core/render.ts';
import { boundedResults, type Bounded } from '../../src/ir/graph/bounds.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { checkModule } from '../../src/testing/derivativeCheck.ts';
import { derivativeOf, floatPlaces, mainOf } from '../../src/testing/derivatives.ts';
import { another, mappedOf, together, type Axes } from '../../src/testing/examples.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { derived, type Given } from './derived.ts';
import { expanded, fewSkipped, judge, tally, type Tally } from './meaning.ts';
import { runModule } from './run.ts';
import { runs } from './runs.ts';
import { differentiable } from './smooth.ts';

/** how many examples, and along which axes their inputs lie: at least one is mapped over */
interface Layout { readonly size: number; readonly axes: readonly number[] }
const layouts: fc.Arbitrary<Layout> = fc.record({ size: fc.integer({ min: 1, max: 3 }), axes: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 9, maxLength: 9 }) });
const axesOf = (module: Module, { axes }: Layout): Axes => {
  const chosen = mainOf(module).params.map((p, i) => { const axis = axes[i % axes.length]; return axis < 0 ? null : axis % (p.type.shape.length + 1); });
  return chosen.every((axis) => axis === null) ? [0, ...chosen.slice(1)] : chosen;
};
interface Examples extends Given { readonly axes: Axes; readonly each: readonly (readonly TypedArray[])[] }
const examplesOf = ({ module, args }: Given, layout: Layout): Examples => {
  const axes = axesOf(module, layout), { params } = mainOf(module);
  const each = Array.from({ length: layout.size }, (_, k) => args.map((a, i) => (axes[i] === null ? a : another(params[i], a, k))));
  return { module: mappedOf(module, axes, layout.size), args: together(module, axes, each), each, axes };
};
/** double precision, where that is what counts */
const wide = ({ module, args }: Given): Given => ({ module, args: args.map((a, i) => (floatPlaces(mainOf(module).params).includes(i) ? typedArray('f64', a) : a)) });
const meant = ({ module, args }: Given): readonly Bounded[] => boundedResults(expanded(module), args, { epsilon: 2 ** -53, ulps: 8 });

/** the same but for rounding */
const expectSame = (got: Bounded, wanted: Bounded, what: string, t: Tally): void => {
  expect(got.value.length, what).toBe(wanted.value.length);
  for (const [i, w] of wanted.value.entries()) {
    const bound = got.error[i] + wanted.error[i];
    t.judged++;
    if (!Number.isFinite(bound)) { t.skipped++; continue; }
    if (!Object.is(got.value[i], w)) expect(Math.abs(got.value[i] - w), `${what}, element ${i}: ${got.value[i]}, but ${w} one by one`).toBeLessThanOrEqual(bound);
  }
};
const stacked = (parts: readonly Bounded[]): Bounded =>
  ({ value: Float64Array.from(parts.flatMap((p) => [...p.value])), error: Float64Array.from(parts.flatMap((p) => [...p.error])) });
const added = (parts: readonly Bounded[]): Bounded => {
  const total = (of: (p: Bounded) => ArrayLike<number>): Float64Array => Float64Array.from(of(parts[0]), (_, i) => parts.reduce((n, p) => n + of(p)[i], 0));
  const size = total((p) => p.value.map(Math.abs));
  return { value: total((p) => p.value), error: total((p) => p.error).map((e, i) => e + 2 ** -50 * size[i]) };
};
/** the whole, and the parts one after another */
const expectStacked = (one: Module, all: Examples, t: Tally): void => {
  const parts = all.each.map((args) => meant({ module: one, args }));
  for (const [r, whole] of meant(all).entries()) expectSame(whole, stacked(parts.map((p) => p[r])), `result ${r}`, t);
};

describe('vmap equals map and stack', () => {
  it('over any axis of generated programs', () => {
    const t = tally();
    fc.assert(fc.property(programs({ ops: everyOp, steps: 8 }), layouts, (program, layout) => expectStacked(program.module, examplesOf(wide(program), layout), t)), runs(300, 61));
    fewSkipped(t);
  });
  it('of a vmap', () => {
    const t = tally();
    fc.assert(fc.property(programs({ ops: everyOp, steps: 6 }), layouts, layouts, (program, inner, outer) => {
      const mapped = examplesOf(wide(program), inner);
      expectStacked(mapped.module, examplesOf(mapped, outer), t);
    }), runs(150, 62));
    fewSkipped(t);
  });
  it.each([[['vjp']], [['jvp']], [['vjp', 'jvp']], [['jvp', 'vjp']]] as const)('of %s', (kinds) => {
    const t = tally();
    fc.assert(fc.property(differentiable({ steps: 6 }), layouts, (program, layout) => {
      const one = wide(derived(program, kinds));
      expectStacked(one.module, examplesOf(one, layout), t);
    }), runs(100, 63));
    fewSkipped(t);
  });
});

describe('derivatives of a vmap', () => {
  it('forward: the tangents of the examples, stacked', () => {
    const t = tally();
    fc.assert(fc.property(differentiable({ steps: 6 }), layouts, (program, layout) => {
      const f = wide(program), mapped = examplesOf(f, layout), wrt = floatPlaces(mainOf(f.module).params);
      // a direction for each example, as an argument like the one that it belongs to
      const along = examplesOf(wide(derived(f, ['jvp'])), { ...layout, axes: [...mapped.axes, ...wrt.map((i) => mapped.axes[i])].map((axis) => axis ?? -1) });
      const whole = meant({ module: derivativeOf(mapped.module, 'jvp', wrt), args: along.args }), parts = along.each.map((args) => meant({ module: derivativeOf(f.module, 'jvp', wrt), args }));
      for (const [r, dy] of whole.entries()) expectSame(dy, stacked(parts.map((p) => p[r])), `tangent ${r}`, t);
    }), runs(100, 64));
    fewSkipped(t);
  });
  it('reverse: the gradients of the examples, each its own, and of what they share the sum', () => {
    const t = tally();
    fc.assert(fc.property(differentiable({ steps: 6 }), layouts, (program, { size, axes }) => {
      // in front, where stacking puts them
      const layout = { size, axes: axes.map((axis) => Math.min(axis, 0)) }, f = wide(program), mapped = examplesOf(f, layout), wrt = floatPlaces(mainOf(f.module).params);
      const seeds = floatPlaces(mainOf(f.module).results).map(() => 0), back = examplesOf(wide(derived(f, ['vjp'])), { size, axes: [...mapped.axes, ...seeds].map((axis) => axis ?? -1) });
      const whole = meant({ module: derivativeOf(mapped.module, 'vjp', wrt), args: back.args }), parts = back.each.map((args) => meant({ module: derivativeOf(f.module, 'vjp', wrt), args }));
      for (const [k, dx] of whole.entries()) expectSame(dx, (mapped.axes[wrt[k]] === null ? added : stacked)(parts.map((p) => p[k])), `cotangent ${k}`, t);
    }), runs(150, 65));
    fewSkipped(t);
  });
  it('equal central differences, and so do their own derivatives', () => {
    let compared = 0;
    fc.assert(fc.property(differentiable({ steps: 5 }), layouts, (program, layout) => {
      const { module, args } = examplesOf(program, layout), found = checkModule(module, args, { order: 2, elements: 3 });
      if (!('compared' in found)) throw new Error(found.map((d) => render([d])).join('\n'));
      compared += found.compared;
    }), runs(60, 66));
    expect(compared).toBeGreaterThan(300);
  });
});

type Step = 'vjp' | 'jvp' | 'vmap';
const orders: readonly (readonly Step[])[] = [['vmap'], ['vmap', 'vmap'], ['vjp', 'vmap'], ['vmap', 'vjp'], ['vmap', 'jvp'], ['vjp', 'vmap', 'jvp'], ['vmap', 'vjp', 'vmap'], ['vjp', 'jvp', 'vmap']];
const made = (steps: readonly Step[], layout: Layout, program: Given): Given => {
  const wrt = floatPlaces(mainOf(program.module).params);
  return steps.reduce<Given>((of, step) => (step === 'vmap' ? examplesOf(of, layout) : derived(of, [step], wrt)), program);
};
describe('generated vmaps run through every stage and equal the meaning within its bounds', () => {
  it.each(orders.flatMap((steps) => [js, wasm].map((backend) => [backend.name, steps.join(', then '), backend, steps] as const)))('%s: %s', (_, __, backend, steps) => {
    const t = tally(), own = backend(), source = steps.every((step) => step === 'vmap') ? programs({ ops: everyOp, steps: 8 }) : differentiable({ steps: 6 });
    fc.assert(fc.property(source, layouts, (program, layout) => {
      const { module, args } = made(steps, layout, program);
      judge(module, args, runModule(own, module, args), 16, t);
    }), runs(40, 67));
    fewSkipped(t);
    expect(t.refused).toBe(0);
  });
  it.each([[['vmap']], [['vjp', 'vmap']], [['vmap', 'vjp']], [['vmap', 'vjp', 'jvp']]] as const)('gpujs in its mode cpu: %s', (steps) => {
    const t = tally(), own = gpujs({ mode: 'cpu' });
    fc.assert(fc.property(differentiable({ steps: 6, dtypes: ['f32'] }), layouts, (program, layout) => {
      const { module, args } = made(steps, layout, program);
      judge(module, args, runModule(own, module, args), 64, t);
    }), runs(40, 68));
    fewSkipped(t, { least: 200 });
    expect(t.refused / runs(40, 68).numRuns, 'programs refused').toBeLessThan(0.25);
  });
});

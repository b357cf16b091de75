import { describe, expect, it } from 'vitest';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import { topological, transcribe } from '../../../src/ir/graph/walk.ts';
import { canonicalise } from '../../../src/passes/graph/canonical.ts';
import { inlineComposites } from '../../../src/passes/graph/clean.ts';
import { expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { defaultPipeline } from '../../../src/passes/graph/pipeline.ts';
import { stabilise } from '../../../src/passes/graph/stabilise.ts';
import { apply, asComposite, crossEntropies, gradientOf, logSoftmaxes, lossModule, pick, softmaxes, type Write } from './spellings.ts';

/** whether two modules are one graph: written into one builder, they are the same nodes */
const expectSame = (a: Module, b: Module): void => {
  const builder = createBuilder();
  const results = (m: Module): readonly Node[] => { transcribe(m, builder, () => undefined); return builder.graph(m.main).results; };
  const [first, second] = [results(a), results(b)];
  expect(second.map((n) => n.id)).toEqual(first.map((n) => n.id));
};
const rows = 3, columns = 4;
const loss = (softmax: Write, entropy: (typeof crossEntropies)[keyof typeof crossEntropies]): Module =>
  lossModule((b, z, labels) => entropy(b, softmax(b, z), labels), rows, columns);
const reference = loss(softmaxes.composite, crossEntropies['log, then pick']);

describe('softmax cross-entropy is one graph however it is spelled', () => {
  const spelled = Object.entries(softmaxes).flatMap(([s, softmax]) => Object.entries(crossEntropies).map(([e, entropy]) => [`${s}, ${e}`, loss(softmax, entropy)] as const));
  it.each(spelled)('%s: after stabilise and canonicalise', (_, module) => {
    const settle = [stabilise, canonicalise, inlineComposites];
    // only `loss` is compared: the derivative is still a transform of it
    const own = (m: Module): Module => ({ ...apply(m, settle), main: 'loss' });
    expectSame(own(reference), own(module));
  });
  it.each(spelled)('%s: after the whole pipeline, gradient included', (_, module) => {
    expectSame(apply(reference, defaultPipeline), apply(module, defaultPipeline));
  });
  it.each(spelled)('%s: with every composite dissolved before differentiation', (_, module) => {
    expectSame(apply(reference, defaultPipeline), apply(module, [inlineComposites, ...defaultPipeline]));
  });
  it.each(Object.entries(logSoftmaxes))('log-softmax as %s', (_, write) => {
    expectSame(apply(reference, defaultPipeline), apply(lossModule((b, z, labels) => pick(b, write(b, z), labels), rows, columns), defaultPipeline));
  });
  // a broadcast from [1] is one from [], so that the rules did not see their own result and went round for ever
  it.each(Object.entries({ ...softmaxes, ...logSoftmaxes }))('%s of a single row', (name, write) => {
    const module = lossModule((b, z, labels) => pick(b, name in logSoftmaxes ? write(b, z) : b.map('log', [write(b, z)]), labels), 1, columns);
    const [value, gradient] = interpret(apply(module, defaultPipeline), [new Float32Array([1000, -1000, 3, 0]), new Int32Array([1])]);
    expect([value[0], ...gradient]).toEqual([2000, 1, -1, 0, 0]);
  });
  it.each(Object.entries(softmaxes))('%s: the logarithm of what is picked, out of range or not', (_, softmax) => {
    const module = loss(softmax, (b, p, labels) => b.map('log', [pick(b, p, labels)]));
    expectSame(apply(loss(softmaxes.composite, (b, p, labels) => b.map('log', [pick(b, p, labels)])), defaultPipeline), apply(module, defaultPipeline));
    const z = new Float32Array(rows * columns).map((_x, i) => Math.sin(i));
    const [inside] = interpret(apply(module, defaultPipeline), [z, new Int32Array([0, 3, 1])]);
    const [meant] = interpret(apply(reference, [expandTransforms]), [z, new Int32Array([0, 3, 1])], { precision: 'f64' });
    expect(inside[0]).toBeCloseTo(meant[0], 5);
    const [outside] = interpret(apply(module, defaultPipeline), [z, new Int32Array([0, 4, 1])]);
    expect(outside[0]).toBe(Infinity);
  });
  it('leaves composites whole that no logarithm meets, and those with derivatives of their own', () => {
    const names = (m: Module): readonly string[] => [...m.graphs.values()].flatMap((g) => topological(g.results).flatMap((n) => (n.op === 'composite' ? [n.attrs.name] : [])));
    expect(names(apply(gradientOf(softmaxes.composite, 4), [stabilise]))).toEqual(['softmax']);
    const own: Write = (b, x) => {
      const made = softmaxes.composite(b, x);
      if (made.op !== 'composite') return made;
      const params = ['x', 'y', 'ct'].map((name, i) => b.parameter('own', i, name, x.type));
      b.addGraph({ name: 'own', params, results: [params[2]] });
      return b.node('composite', { ...made.attrs, vjp: 'own' }, made.inputs);
    };
    const module = gradientOf((b, x) => b.map('log', [own(b, x)]), 4);
    expect(names(apply(module, [stabilise]))).toEqual(['softmax']);
    const [, gradient] = interpret(apply(module, [stabilise, expandTransforms]), [new Float32Array(4)]);
    expect([...gradient]).toEqual([4, 4, 4, 4]);
  });
  it('sees through a loss that is a composite of probabilities', () => {
    const negativeLog = asComposite('negativeLog', (b, p) => b.map('neg', [b.map('log', [p])]));
    const write = (softmax: Write) => lossModule((b, z, labels) => b.map('neg', [pick(b, negativeLog(b, softmax(b, z)), labels)]), rows, columns);
    const [value, gradient] = interpret(apply(write(softmaxes.composite), [stabilise, expandTransforms]), [extreme.z, extreme.labels]);
    expect([value[0], ...gradient].every(Number.isFinite)).toBe(true);
    expectSame(apply(write(softmaxes.composite), defaultPipeline), apply(write(softmaxes.bare), defaultPipeline));
  });
});

const extreme = {
  z: new Float32Array([1000, -1000, 0, 999, -1000, -1000, -1000, 1000, 0.5, 0.25, -0.5, 1]), labels: new Int32Array([1, 3, 2]),
};
/** log-sum-exp in double precision: the mean loss and its gradient */
const logSumExp = (): { readonly loss: number; readonly gradient: readonly number[] } => {
  const row = (i: number): readonly number[] => Array.from(extreme.z.slice(i * columns, (i + 1) * columns));
  let total = 0;
  const gradient = [...extreme.labels].flatMap((label, i) => {
    const z = row(i), top = Math.max(...z), sum = z.reduce((s, x) => s + Math.exp(x - top), 0);
    total += top + Math.log(sum) - z[label];
    return z.map((x, j) => (Math.exp(x - top) / sum - (j === label ? 1 : 0)) / rows);
  });
  return { loss: total / rows, gradient };
};
describe('at |x| = 1000, in f32', () => {
  const wanted = logSumExp();
  it.each(Object.entries(softmaxes).flatMap(([s, softmax]) => Object.entries(crossEntropies).map(([e, entropy]) => [`${s}, ${e}`, loss(softmax, entropy)] as const)))('%s is log-sum-exp, and so is its gradient', (_, module) => {
    const [value, gradient] = interpret(apply(module, defaultPipeline), [extreme.z, extreme.labels]);
    expect(Math.abs(value[0] / wanted.loss - 1)).toBeLessThan(2e-7);
    gradient.forEach((g, i) => expect(Math.abs(g - wanted.gradient[i])).toBeLessThan(1e-7));
  });

  const at = new Float32Array([-1000, -100, -20, -1, -0.25, 0, 0.25, 1, 20, 100, 1000]);
  const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const sigma = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
  const one = (b: Parameters<Write>[0], x: Node): Node => b.like(x, 1);
  const sigmoid: Write = (b, x) => b.map('div', [one(b, x), b.map('add', [one(b, x), b.map('exp', [b.map('neg', [x])])])]);
  const cases: readonly (readonly [string, Write, (x: number) => number, (x: number) => number])[] = [
    ['log(logistic x)', (b, x) => b.map('log', [b.map('logistic', [x])]), (x) => -softplus(-x), (x) => sigma(-x)],
    ['log(1/(1 + exp(-x)))', (b, x) => b.map('log', [sigmoid(b, x)]), (x) => -softplus(-x), (x) => sigma(-x)],
    ['log(1 - logistic x)', (b, x) => b.map('log', [b.map('sub', [one(b, x), b.map('logistic', [x])])]), (x) => -softplus(x), (x) => -sigma(x)],
    ['log1p(-logistic x)', (b, x) => b.map('log1p', [b.map('neg', [b.map('logistic', [x])])]), (x) => -softplus(x), (x) => -sigma(x)],
    ['log(1 + exp x)', (b, x) => b.map('log', [b.map('add', [one(b, x), b.map('exp', [x])])]), softplus, sigma],
    ['log1p(exp x)', (b, x) => b.map('log1p', [b.map('exp', [x])]), softplus, sigma],
    ['log(exp x + exp 0)', (b, x) => b.map('log', [b.map('add', [b.map('exp', [x]), b.map('exp', [b.like(x, 0)])])]), softplus, sigma],
  ];
  it.each(cases)('%s and its slope', (_, write, value, slope) => {
    const [y, dy] = interpret(apply(gradientOf(write, at.length), defaultPipeline), [at]);
    at.forEach((x, i) => {
      expect(Math.abs(y[i] - value(x)), `value at ${x}`).toBeLessThanOrEqual(3e-7 * Math.abs(value(x)) + 1e-38);
      expect(Math.abs(dy[i] - slope(x)), `slope at ${x}`).toBeLessThanOrEqual(3e-7 * Math.abs(slope(x)) + 1e-38);
    });
  });
  it('log-sum-exp written plainly', () => {
    const module = gradientOf((b, x) => b.map('log', [b.reduce('add', b.map('exp', [x]), [0])]), at.length);
    const [y, dy] = interpret(apply(module, defaultPipeline), [at]);
    expect(y[0]).toBe(1000);
    expect([...dy]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
  it('log-sum-exp of nothing but -Infinity is -Infinity, and of Infinity Infinity', () => {
    const module = gradientOf((b, x) => b.map('log', [b.reduce('add', b.map('exp', [x]), [0])]), 2);
    expect(interpret(apply(module, defaultPipeline), [new Float32Array([-Infinity, -Infinity])])[0][0]).toBe(-Infinity);
    expect(interpret(apply(module, defaultPipeline), [new Float32Array([Infinity, 1])])[0][0]).toBe(Infinity);
  });
  it('the logarithm of two exponentials that are both 0', () => {
    const module = gradientOf((b, x) => b.map('log', [b.map('add', [b.map('exp', [x]), b.map('exp', [b.map('mul', [x, b.like(x, 2)])])])]), 1);
    expect(interpret(apply(module, defaultPipeline), [new Float32Array([-Infinity])])[0][0]).toBe(-Infinity);
    expect(interpret(apply(module, defaultPipeline), [new Float32Array([1000])])[0][0]).toBe(2000);
  });
  it('binary cross-entropy from probabilities', () => {
    const write: Write = (b, x) => {
      const p = b.map('logistic', [x]), t = b.like(x, 0.25);
      return b.map('neg', [b.map('add', [b.map('mul', [t, b.map('log', [p])]), b.map('mul', [b.map('sub', [one(b, x), t]), b.map('log', [b.map('sub', [one(b, x), p])])])])]);
    };
    const [y, dy] = interpret(apply(gradientOf(write, at.length), defaultPipeline), [at]);
    at.forEach((x, i) => {
      expect(Math.abs(y[i] - (0.25 * softplus(-x) + 0.75 * softplus(x)))).toBeLessThanOrEqual(3e-7 * Math.max(1, Math.abs(x)));
      expect(Math.abs(dy[i] - (sigma(x) - 0.25))).toBeLessThan(3e-7);
    });
  });
});

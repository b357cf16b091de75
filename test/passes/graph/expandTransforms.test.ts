import { describe, expect, it } from 'vitest';
import { sym, type TensorType } from '../../../src/core/dim.ts';
import { typedArray, type TypedArray } from '../../../src/core/dtype.ts';
import type { Origin } from '../../../src/core/origin.ts';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Attrs, Derivative, Module, Node } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';
import { transformRefusals, expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { checkTwice, f64, i32, spread } from './derivatives/laws.ts';

type Body = (b: Builder, ...xs: readonly Node[]) => readonly Node[];
const define = (b: Builder, name: string, types: readonly TensorType[], body: Body): string => {
  const params = types.map((type, i) => b.parameter(name, i, `x${i}`, type));
  b.addGraph({ name, params, results: body(b, ...params) });
  return name;
};
const transform = (b: Builder, kind: Derivative['kind'], graph: string, wrt: readonly number[], inputs: readonly Node[]): readonly Node[] =>
  b.resultsOf(b.node('transform', { kind, graph, wrt }, inputs));
/** the gradient of a graph with one scalar result, for all its parameters */
const grad = (b: Builder, graph: string, inputs: readonly Node[]): readonly Node[] => {
  const [y] = b.graph(graph).results;
  return transform(b, 'vjp', graph, inputs.map((_, i) => i), [...inputs, b.like(y, 1)]).slice(1);
};
const expanded = (module: Module): Module => expandTransforms.run(module, () => undefined);
const numbers = (module: Module, ...values: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  interpret(expanded(module), values.map((v): TypedArray => typedArray('f64', v))).map((r) => Array.from(r));
const nodesOf = (module: Module): readonly Node[] => [...module.graphs.values()].flatMap((graph) => [...topological(graph.results)]);
const sin = (b: Builder, x: Node): Node => b.map('sin', [x]);
const mul = (b: Builder, ...xs: readonly Node[]): Node => b.map('mul', xs);

describe('expandTransforms', () => {
  it('leaves no transform, and no graph that only transforms named', () => {
    const b = createBuilder();
    define(b, 'f', [f64()], (_, x) => [sin(b, x)]);
    define(b, 'main', [f64()], (_, x) => grad(b, 'f', [x]));
    const module = expanded(b.finish('main'));
    expect(nodesOf(module).map((node) => node.op)).not.toContain('transform');
    expect([...module.graphs.keys()]).toEqual(['main']);
  });
  it('tells what it expanded', () => {
    const b = createBuilder(), fired: string[] = [];
    define(b, 'f', [f64()], (_, x) => [sin(b, x)]);
    define(b, 'main', [f64()], (_, x) => [...grad(b, 'f', [x]), ...transform(b, 'jvp', 'f', [0], [x, x])]);
    expandTransforms.run(b.finish('main'), (rule) => fired.push(rule));
    expect(fired.sort()).toEqual(['expand jvp', 'expand vjp']);
  });
  it('gives the results before the derivatives, integers among the former', () => {
    const b = createBuilder();
    define(b, 'f', [f64(3), f64()], (_, x, y) => [b.reduce('argMax', x, [0]), b.reduce('add', x, [0]), mul(b, y, y)]);
    define(b, 'main', [f64(3), f64(), f64()], (_, x, y, ct) => transform(b, 'vjp', 'f', [1, 0], [x, y, ct, b.like(ct, 5)]));
    // Σx has slope 1, y² has slope 2y
    expect(numbers(b.finish('main'), [1, 4, 2], [3], [7])).toEqual([[1], [7], [9], [30], [7, 7, 7]]);
  });
  it('gives zeros where nothing depends', () => {
    const b = createBuilder();
    define(b, 'f', [f64(2), f64()], (_, _x, y) => [y]);
    define(b, 'main', [f64(2), f64()], (_, x, y) => [...grad(b, 'f', [x, y]), ...transform(b, 'jvp', 'f', [0], [x, y, x])]);
    expect(numbers(b.finish('main'), [1, 2], [3])).toEqual([[0, 0], [1], [3], [0]]);
  });
  it('adds the tangents of an argument named twice', () => {
    const b = createBuilder();
    define(b, 'f', [f64()], (_, x) => [mul(b, x, x)]);
    define(b, 'main', [f64()], (_, x) => transform(b, 'jvp', 'f', [0, 0], [x, b.like(x, 1), b.like(x, 2)]));
    expect(numbers(b.finish('main'), [5])).toEqual([[25], [30]]);
  });
  it('keeps apart what coincides once written over its arguments', () => {
    const b = createBuilder();
    define(b, 'f', [f64(), f64()], (_, x, y) => [mul(b, b.map('exp', [x]), y)]);
    define(b, 'main', [f64()], (_, x) => [...grad(b, 'f', [x, b.map('exp', [x])]), ...grad(b, 'f', [x, x])]);
    // f = eˣ·y: ∂x = eˣ·y, ∂y = eˣ, at x = 0: (1, 1) for y = eˣ, and (0, 1) for y = x
    expect(numbers(b.finish('main'), [0])).toEqual([[1], [1], [0], [1]]);
  });
  it('stops at stopGradient, in every order', () => {
    const b = createBuilder();
    define(b, 'f', [f64()], (_, x) => [mul(b, x, b.map('stopGradient', [x]))]);
    define(b, 'g', [f64()], (_, x) => grad(b, 'f', [x]));
    define(b, 'main', [f64()], (_, x) => [...grad(b, 'f', [x]), ...grad(b, 'g', [x])]);
    expect(numbers(b.finish('main'), [3])).toEqual([[3], [0]]);
  });
  it('nests five deep: the fifth derivative of sin is cos', () => {
    const b = createBuilder();
    define(b, 'd0', [f64()], (_, x) => [sin(b, x)]);
    for (let k = 1; k <= 5; k++) define(b, `d${k}`, [f64()], (_, x) => (k % 2 === 0 ? transform(b, 'jvp', `d${k - 1}`, [0], [x, b.like(x, 1)]).slice(1) : grad(b, `d${k - 1}`, [x])));
    expect(numbers(b.finish('d5'), [0.7])[0][0]).toBeCloseTo(Math.cos(0.7), 13);
  });
  it('sweeps 20,000 nodes without overflow', () => {
    const b = createBuilder();
    define(b, 'f', [f64()], (_, x) => {
      let y = x;
      for (let k = 0; k < 20_000; k++) y = b.map('add', [y, k % 2 === 0 ? x : y]);
      return [b.map('tanh', [y])];
    });
    define(b, 'main', [f64()], (_, x) => [...grad(b, 'f', [x]), ...transform(b, 'jvp', 'f', [0], [x, x])]);
    expect(numbers(b.finish('main'), [0])[0].every((x) => !Number.isFinite(x) || x > 1)).toBe(true);
  });
  it('keeps only the outputs of activations for the way back', () => {
    const b = createBuilder();
    define(b, 'f', [f64(4)], (_, x) => [b.reduce('add', b.map('logistic', [b.map('tanh', [b.map('max', [x, b.like(x, 0)])])]), [0])]);
    define(b, 'main', [f64(4)], (_, x) => grad(b, 'f', [x]));
    const module = expanded(b.finish('main'));
    const [x] = module.graphs.get('main')?.params ?? [];
    const readers = nodesOf(module).filter((node) => node.inputs.includes(x));
    expect(readers.map((node) => (node.op === 'map' ? node.attrs.fn : node.op))).toEqual(['max']);
  });
});

describe('graphs inside', () => {
  it('calls, with several results and shared arguments', () => checkTwice({
    types: [f64(3), f64(3)], at: [spread(3), spread(3, -1, 1, 0.3)],
    body: (b, x, y) => {
      define(b, 'pair', [f64(3), f64(3)], (_, p, q) => [mul(b, sin(b, p), q), b.reduce('argMax', p, [0]), mul(b, p, q)]);
      const [u, , v] = b.resultsOf(b.call('pair', [x, y])), [w] = b.resultsOf(b.call('pair', [x, x]));
      return [mul(b, u, w), v];
    },
  }));
  it('calls in calls', () => checkTwice({
    types: [f64(2)], at: [spread(2)],
    body: (b, x) => {
      define(b, 'inner', [f64(2)], (_, p) => [mul(b, p, sin(b, p))]);
      define(b, 'outer', [f64(2)], (_, p) => [mul(b, p, b.call('inner', [sin(b, p)]))]);
      return [b.call('outer', [b.call('inner', [x])])];
    },
  }));
  it('derivatives inside what is differentiated', () => checkTwice({
    types: [f64(2)], at: [spread(2)],
    body: (b, x) => {
      define(b, 'energy', [f64(2)], (_, p) => [b.reduce('add', mul(b, p, sin(b, p)), [0])]);
      const [force] = grad(b, 'energy', [x]);
      return [mul(b, force, x), ...transform(b, 'jvp', 'energy', [0], [x, force])];
    },
  }));

  const composite = (b: Builder, attrs: Partial<Attrs['composite']>, inputs: readonly Node[]): Node =>
    b.node('composite', { name: 'squash', attributes: {}, body: 'body', ...attrs }, inputs);
  /** tanh, with one as the slope of its own rules, so that it can be told which was used */
  const rules = (b: Builder): void => {
    define(b, 'body', [f64(), i32()], (_, x, n) => [b.map('tanh', [x]), n]);
    define(b, 'back', [f64(), i32(), f64(), i32(), f64()], (_, _x, _n, y, _m, ct) => [mul(b, ct, b.map('add', [y, b.like(y, 100)]))]);
    define(b, 'ahead', [f64(), i32(), f64()], (_, x, n, t) => [b.map('tanh', [x]), n, mul(b, t, b.like(t, 200))]);
  };
  const both = (attrs: Partial<Attrs['composite']>): Module => {
    const b = createBuilder();
    rules(b);
    define(b, 'f', [f64()], (_, x) => [b.get(composite(b, attrs, [x, b.constant(i32(), 1)]), 0)]);
    define(b, 'main', [f64()], (_, x) => [...grad(b, 'f', [x]), transform(b, 'jvp', 'f', [0], [x, b.like(x, 1)])[1]]);
    return b.finish('main');
  };
  it('composites are differentiated through their bodies', () => expect(numbers(both({}), [0])).toEqual([[1], [1]]));
  it('or by rules of their own', () => {
    expect(numbers(both({ vjp: 'back', jvp: 'ahead' }), [0])).toEqual([[100], [200]]);
  });
  it('composites stay whole in the forward part', () => {
    const ops = expanded(both({ vjp: 'back', jvp: 'ahead' })).graphs.get('main');
    expect(topological(ops?.results ?? []).filter((node) => node.op === 'composite')).toHaveLength(1);
  });
  it('forward mode through a reverse rule alone is refused', () =>
    expect(transformRefusals(both({ name: 'mine', vjp: 'back' })).map((r) => [r.code, r.message])).toEqual([
      ['FX4002', 'mine has no forward-mode derivative: it has a reverse rule of its own, and no forward rule beside it'],
    ]));
  it('unless there is a forward rule', () => {
    const module = both({ vjp: 'back', jvp: 'ahead' });
    expect(transformRefusals(module)).toEqual([]);
    expect(numbers(module, [0])).toEqual([[100], [200]]);
  });
  it('a reverse rule is itself differentiated', () => {
    const b = createBuilder();
    rules(b);
    define(b, 'f', [f64()], (_, x) => [b.get(composite(b, { vjp: 'back' }, [x, b.constant(i32(), 1)]), 0)]);
    define(b, 'g', [f64()], (_, x) => grad(b, 'f', [x]));
    define(b, 'main', [f64()], (_, x) => grad(b, 'g', [x]));
    // the slope is said to be y + 100, and y's own to be y + 100
    expect(numbers(b.finish('main'), [0])).toEqual([[100]]);
  });
});

describe('refusals', () => {
  const scatterMul = (through: (b: Builder, x: Node) => Node, origins: readonly Origin[] = []): Module => {
    const b = createBuilder();
    define(b, 'f', [f64(3)], (_, x) => {
      const hit = b.node('scatter', { monoid: 'mul' }, [through(b, x), b.constant(i32(1), 0), b.constant(f64(1), 2)], { origins });
      return [b.reduce('add', hit, [0])];
    });
    define(b, 'main', [f64(3)], (_, x) => [...grad(b, 'f', [x]), ...transform(b, 'jvp', 'f', [0], [x, x])]);
    return b.finish('main');
  };
  it('name the operation, the mode, the reason and the origins', () => {
    const origin: Origin = { trace: { stack: 'here' } };
    const found = transformRefusals(scatterMul((_, x) => x, [origin]));
    expect(found.map((r) => [r.code, r.message, r.origins])).toEqual([
      ['FX4001', 'scatter mul has no reverse-mode derivative: the product of the other updates of an element is not kept', [origin]],
      ['FX4002', 'scatter mul has no forward-mode derivative: the product of the other updates of an element is not kept', [origin]],
    ]);
  });
  it('are only for what is differentiated', () => {
    expect(transformRefusals(scatterMul((b, x) => b.map('stopGradient', [x])))).toEqual([]);
    expect(transformRefusals(scatterMul((b, x) => b.like(x, 1)))).toEqual([]);
  });
  it('are found in graphs that are called', () => {
    const b = createBuilder();
    define(b, 'inner', [f64(2), f64(2)], (_, x, y) => [b.scatter('mul', x, b.constant(i32(1), 0), b.constant(f64(1), 2)), y]);
    define(b, 'f', [f64(2), f64(2)], (_, x, y) => [...b.resultsOf(b.call('inner', [x, y]))]);
    define(b, 'main', [f64(2)], (_, x) => [...transform(b, 'vjp', 'f', [1], [x, x, x, x]), ...transform(b, 'jvp', 'f', [1], [x, x, x])]);
    expect(transformRefusals(b.finish('main'))).toEqual([]);
    define(b, 'all', [f64(2)], (_, x) => transform(b, 'vjp', 'f', [0], [x, x, x, x]));
    expect(transformRefusals(b.finish('all')).map((r) => r.code)).toEqual(['FX4001']);
  });
  it('stop the pass itself as a bug of the caller', () => expect(() => expanded(scatterMul((_, x) => x))).toThrow('scatter mul'));
});

describe('named dimensions', () => {
  const batch = sym('batch', 8), rows: TensorType = { dtype: 'f64', shape: [batch, 2] };
  const atBatch = (module: Module, n: number, ...values: readonly (readonly number[])[]): readonly (readonly number[])[] =>
    interpret(expanded(module), values.map((v): TypedArray => typedArray('f64', v)), { bindings: { batch: n } }).map((r) => Array.from(r));
  const gradientOf = (body: (b: Builder, x: Node) => Node): Module => {
    const b = createBuilder();
    define(b, 'f', [rows], (_, x) => [body(b, x)]);
    define(b, 'main', [rows], (_, x) => grad(b, 'f', [x]));
    return b.finish('main');
  };
  it('run through views, contractions and sums', () => {
    const module = gradientOf((b, x) => {
      const [left, right] = [b.slice(x, [0, 0], [-1, 1]), b.slice(x, [0, 1], [-1, 2])];
      const padded = b.pad(b.concatenate([right, left], 1), b.constant(f64(), 0), [0, 1], [0, 0]);
      return b.reduce('add', mul(b, b.dotGeneral(x, b.transpose(padded, [1, 0]), { batch: [[], []], contract: [[0], [1]] }), b.constant(f64(2, 3), typedArray('f64', [1, 2, 3, 4, 5, 6]))), [0, 1]);
    });
    // Σ over rows of x₀(2x₁ + 3x₀) + x₁(5x₁ + 6x₀): slopes 6x₀ + 8x₁ and 8x₀ + 10x₁
    expect(atBatch(module, 2, [1, 2, 3, 4])).toEqual([[22, 28, 50, 64]]);
  });
  it('run through extremes: places are counted by the real size', () =>
    expect(atBatch(gradientOf((b, x) => b.reduce('max', b.transpose(x, [1, 0]), [0, 1])), 3, [1, 2, 9, 4, 3, 9])).toEqual([[0, 0, 1, 0, 0, 0]]));
  it('run through gather and scatter', () => {
    const module = gradientOf((b, x) => {
      const taken = b.gather(x, b.constant(i32(2), typedArray('i32', [1, 7])));
      return b.reduce('add', mul(b, taken, b.constant(f64(2, 2), typedArray('f64', [1, 2, 3, 4]))), [0, 1]);
    });
    expect(atBatch(module, 3, [0, 0, 0, 0, 0, 0])).toEqual([[0, 0, 1, 2, 3, 4]]);
  });
  it('are refused along a product', () =>
    expect(transformRefusals(gradientOf((b, x) => b.reduce('mul', x, [0, 1]))).map((r) => r.message)).toEqual([
      'reduce mul has no reverse-mode derivative: the derivative of a product along a named dimension is not available; give the dimension a size',
    ]));
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFloat } from '../../../src/core/dtype.ts';
import { sym } from '../../../src/core/dim.ts';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import { inlineGraph, topological } from '../../../src/ir/graph/walk.ts';
import { algebra } from '../../../src/passes/graph/algebra.ts';
import { canonicalise } from '../../../src/passes/graph/canonical.ts';
import { cse, dce, inlineCalls, inlineComposites } from '../../../src/passes/graph/clean.ts';
import { transformRefusals, expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { moveViews } from '../../../src/passes/graph/moveViews.ts';
import { defaultPipeline } from '../../../src/passes/graph/pipeline.ts';
import { reassociateDots } from '../../../src/passes/graph/reassociateDots.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { buildRecipe, recipes } from '../../../src/testing/graphs.ts';
import { apply, asComposite, crossEntropies, gradientOf, softmaxes } from './spellings.ts';

const build = (make: (b: Builder, param: (...shape: readonly number[]) => Node) => Node): Module => {
  const b = createBuilder(), params: Node<'parameter'>[] = [];
  const result = make(b, (...shape) => { const p = b.parameter('main', params.length, `x${params.length}`, { dtype: 'f32', shape }); params.push(p); return p; });
  b.addGraph({ name: 'main', params, results: [result] });
  return b.finish('main');
};
const nodes = (m: Module): readonly Node[] => topological(m.graphs.get(m.main)?.results ?? []);
/** the operations of the main graph, inputs first; of a map its function */
const ops = (m: Module): readonly string[] => nodes(m).filter((n) => n.op !== 'parameter' && n.op !== 'constant').map((n) => (n.op === 'map' && typeof n.attrs.fn === 'string' ? n.attrs.fn : n.op));
/** main becomes its reverse-mode derivative for every float parameter, the cotangents of float results being 1 */
const gradientsOf = (m: Module): Module | undefined => {
  const b = createBuilder();
  const main = m.graphs.get('main');
  if (main === undefined) return undefined;
  const own = main.params.map((p, i) => b.parameter('f', i, p.attrs.name, p.type));
  const graph = { name: 'f', params: own, results: inlineGraph(b, main, own) };
  const wrt = own.flatMap((p, i) => (isFloat(p.type.dtype) ? [i] : [])), seeds = graph.results.filter((r) => isFloat(r.type.dtype));
  if (wrt.length === 0 || seeds.length === 0) return undefined;
  b.addGraph(graph);
  const params = own.map((p, i) => b.parameter('main', i, p.attrs.name, p.type));
  const made = b.node('transform', { kind: 'vjp', graph: 'f', wrt }, [...params, ...seeds.map((r) => b.constant(r.type, 1))]);
  b.addGraph({ name: 'main', params, results: b.resultsOf(made) });
  return b.finish('main');
};
const plain = { batch: [[], []], contract: [[1], [0]] } as const;

describe('the pipeline', () => {
  it('reads in the order of the design', () => {
    expect(defaultPipeline.map((p) => p.name)).toEqual(['inlineCalls', 'stabilise', 'expandTransforms', 'inlineCalls', 'removeStopGradient', 'hoistRuns', 'dropUnread', 'sinkBranches', 'canonicalise', 'algebra', 'fold', 'cse', 'dce',
      'moveViews', 'reassociateDots', 'inlineComposites', 'gatherOverlaps', 'sumProducts', 'simplify', 'trim', 'simplify', 'exchange', 'reciprocals', 'splitSums', 'dce']);
  });
  it('keeps the meaning of generated programs, each pass well-formed', () => {
    fc.assert(fc.property(recipes(), (recipe) => {
      const { module, args } = buildRecipe(recipe);
      const after = runPasses(module, defaultPipeline, { verify: true });
      const [before, now] = [module, after].map((m) => interpret(m, args, { precision: 'f64' }));
      before.forEach((values, i) => values.forEach((x, k) => {
        const near = Object.is(x, now[i][k]) || Math.abs(x - now[i][k]) <= 1e-6 * (1 + Math.abs(x));
        expect(near, `result ${i}, element ${k}: ${x} became ${now[i][k]}`).toBe(true);
      }));
    }), { numRuns: 150, seed: 11 });
  });
  it('gives a fixed point: running it again changes nothing', () => {
    fc.assert(fc.property(recipes(), (recipe) => {
      const once = apply(buildRecipe(recipe).module, defaultPipeline);
      const fired: string[] = [];
      apply(once, defaultPipeline, (name) => fired.push(name));
      expect(fired).toEqual([]);
    }), { numRuns: 60, seed: 12 });
  });
  it('takes a chain of 20,000 operations in seconds', () => {
    const module = gradientOf((b, x) => {
      let y = x;
      for (let k = 0; k < 5000; k++) y = b.map('add', [b.map('mul', [b.map('sin', [y]), b.like(y, 1 + (k % 7))]), b.map('neg', [b.map('mul', [x, b.like(x, 1)])])]);
      return y;
    }, 4);
    const start = performance.now();
    const after = apply(module, defaultPipeline);
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(nodes(after).length).toBeGreaterThan(20_000);
  }, 60_000);
  it('keeps the meaning of generated gradients', () => {
    let compared = 0;
    fc.assert(fc.property(recipes({ dtypes: ['f32', 'f32', 'i32', 'bool'], steps: 8 }), (recipe) => {
      const { module, args } = buildRecipe(recipe), gradient = gradientsOf(module);
      if (gradient === undefined || transformRefusals(gradient).length > 0) return;
      const after = runPasses(gradient, defaultPipeline, { verify: true });
      const [before, now] = [apply(gradient, [expandTransforms]), after].map((m) => interpret(m, args, { precision: 'f64' }));
      before.forEach((values, i) => values.forEach((x, k) => {
        compared++;
        const near = !Number.isFinite(x) || Math.abs(x - now[i][k]) <= 1e-6 * (1 + Math.abs(x));
        expect(near, `result ${i}, element ${k}: ${x} became ${now[i][k]}`).toBe(true);
      }));
    }), { numRuns: 150, seed: 13 });
    expect(compared).toBeGreaterThan(1000);
  });
  it('is the same for composites as for their bodies', () => {
    const gelu = asComposite('gelu', (b, x) => b.map('mul', [b.map('mul', [x, b.like(x, 0.5)]), b.map('add', [b.map('erf', [b.map('mul', [x, b.like(x, Math.SQRT1_2)])]), b.like(x, 1)])]));
    const twice = (b: Builder, x: Node): Node => gelu(b, b.map('add', [gelu(b, x), x]));
    const whole = apply(gradientOf(twice, 3), defaultPipeline), dissolved = apply(gradientOf(twice, 3), [inlineComposites, ...defaultPipeline]);
    // but for the order in which three cotangents of one value are added up
    expect([...ops(whole)].sort()).toEqual([...ops(dissolved)].sort());
    const x = new Float32Array([-1, 0.5, 2]), [a, c] = [whole, dissolved].map((m) => interpret(m, [x], { precision: 'f64' })[1]);
    a.forEach((v, i) => expect(c[i]).toBeCloseTo(v, 12));
    expect(ops(whole)).not.toContain('composite');
  });
});

it('keeps a bounded batch: cross-entropy of a dense layer, with the gradients of its weights', () => {
  const batch = sym('batch', 8), b = createBuilder();
  const types = { x: { dtype: 'f32', shape: [batch, 3] }, w: { dtype: 'f32', shape: [3, 4] }, bias: { dtype: 'f32', shape: [4] }, labels: { dtype: 'i32', shape: [batch] } } as const;
  const parameters = (graph: string): readonly Node<'parameter'>[] => Object.entries(types).map(([name, type], i) => b.parameter(graph, i, name, type));
  const [x, w, bias, labels] = parameters('loss'), logits = b.dotGeneral(x, w, plain);
  const p = softmaxes.composite(b, b.map('add', [logits, b.broadcastInDim(bias, logits.type.shape, [1])]));
  const total = b.reduce('add', crossEntropies['log, then pick'](b, p, labels), [0]);
  b.addGraph({ name: 'loss', params: [x, w, bias, labels], results: [b.map('neg', [b.map('div', [total, b.convert(b.getDimensionSize(x, 0), 'f32')])])] });
  const params = parameters('main'), one = b.constant({ dtype: 'f32', shape: [] }, 1);
  b.addGraph({ name: 'main', params, results: b.resultsOf(b.node('transform', { kind: 'vjp', graph: 'loss', wrt: [1, 2] }, [...params, one])) });
  const module = b.finish('main'), after = runPasses(module, defaultPipeline, { verify: true });
  const wave = (n: number): Float32Array => new Float32Array(n).map((_, i) => Math.sin(i + n));
  const run = (m: Module) => interpret(m, [wave(9), wave(12), wave(4), new Int32Array([0, 3, 2])], { bindings: { batch: 3 }, precision: 'f64' });
  const [meant, now] = [run(apply(module, [expandTransforms])), run(after)];
  meant.forEach((values, i) => values.forEach((v, k) => expect(now[i][k]).toBeCloseTo(v, 9)));
  expect(nodes(after).filter((n) => n.op === 'dotGeneral')).toHaveLength(2);
});

describe('elementwise work is done on the axes that it varies along', () => {
  it('below a broadcast', () => {
    const m = apply(build((b, p) => b.map('mul', [p(4, 5), b.map('exp', [b.broadcastInDim(p(5), [4, 5], [1])])])), [canonicalise]);
    expect(ops(m)).toEqual(['exp', 'broadcastInDim', 'mul']);
    expect(nodes(m).find((n) => n.op === 'map' && n.attrs.fn === 'exp')?.type.shape).toEqual([5]);
  });
  it('below a reduction that put its axis back with size 1', () => {
    const m = apply(build((b, p) => { const x = p(4, 5); return b.map('sub', [x, b.broadcastInDim(b.map('log', [b.reshape(b.reduce('add', x, [1]), [4, 1])]), [4, 5], [0, 1])]); }), [canonicalise]);
    expect(ops(m)).toEqual(['reduce', 'log', 'broadcastInDim', 'sub']);
  });
});
describe('views', () => {
  it('sink below elementwise chains', () => {
    expect(ops(apply(build((b, p) => b.map('exp', [b.map('mul', [b.transpose(p(4, 5), [1, 0]), b.broadcastInDim(p(4), [5, 4], [1])])])), [moveViews]))).toEqual(['broadcastInDim', 'mul', 'exp', 'transpose']);
  });
  it('disappear into contractions and reductions', () => {
    expect(ops(apply(build((b, p) => b.reduce('add', b.transpose(b.dotGeneral(b.transpose(p(3, 4), [1, 0]), p(3, 5), plain), [1, 0]), [0])), [moveViews]))).toEqual(['dotGeneral', 'reduce']);
  });
  it('of a batched product with one matrix for all become a plain product', () => {
    const m = apply(build((b, p) => b.dotGeneral(p(6, 2, 3), b.broadcastInDim(p(3, 4), [6, 3, 4], [1, 2]), { batch: [[0], [0]], contract: [[2], [1]] })), [moveViews]);
    const dot = nodes(m).find((n) => n.op === 'dotGeneral');
    expect(dot?.op === 'dotGeneral' && dot.attrs.batch).toEqual([[], []]);
    expect(dot?.inputs.map((x) => x.type.shape)).toContainEqual([3, 4]);
  });
});
describe('clean-up', () => {
  it('makes equal values one, whichever way round they are written', () => {
    expect(ops(apply(build((b, p) => { const x = p(3), y = p(3); return b.map('mul', [b.map('add', [x, y]), b.map('add', [y, x])]); }), [canonicalise, cse]))).toEqual(['add', 'mul']);
  });
  it('orders operands by structure, so that the order of writing does not show', () => {
    const [a, c] = [false, true].map((late) => build((b, p) => {
      const x = p(3), y = p(3), first = late ? b.map('cos', [y]) : b.map('sin', [x]), second = late ? b.map('sin', [x]) : b.map('cos', [y]);
      return b.map('add', [first, second]);
    }));
    expect(ops(apply(a, [canonicalise]))).toEqual(ops(apply(c, [canonicalise])));
  });
  it('writes calls out and drops graphs that nothing names', () => {
    const b = createBuilder(), type = { dtype: 'f32', shape: [2] } as const;
    const p = b.parameter('f', 0, 'x', type), q = b.parameter('g', 0, 'x', type), x = b.parameter('main', 0, 'x', type);
    b.addGraph({ name: 'f', params: [p], results: [b.map('exp', [p]), b.map('sin', [p])] });
    const both = b.call('f', [q]);
    b.addGraph({ name: 'g', params: [q], results: [b.map('add', [b.get(both, 0), b.get(both, 1)])] });
    b.addGraph({ name: 'main', params: [x], results: [b.call('g', [x])] });
    const m = apply(b.finish('main'), [inlineCalls]);
    expect(ops(m)).toEqual(['exp', 'sin', 'add']);
    expect([...m.graphs.keys()]).toEqual(['main']);
    const fired: string[] = [];
    expect([...apply({ ...m, graphs: new Map([...m.graphs, ...b.finish('main').graphs].filter(([name]) => name !== 'g')) }, [dce], (name) => fired.push(name)).graphs.keys()]).toContain('main');
  });
  it('does not call x/3 a product, but x/4', () => {
    const half = (c: number): Module => apply(build((b, p) => { const x = p(3); return b.map('div', [x, b.like(x, c)]); }), [algebra]);
    expect([ops(half(3)), ops(half(4))]).toEqual([['div'], ['mul']]);
  });
});

describe('chains of products', () => {
  const chain = (...sizes: readonly number[]): Module => build((b, p) => {
    const matrices = sizes.slice(1).map((n, i) => p(sizes[i], n));
    return matrices.reduce((x, y) => b.dotGeneral(x, y, plain));
  });
  const cost = (m: Module): number => nodes(m).reduce((sum, n) => {
    if (n.op !== 'dotGeneral') return sum;
    const [k] = n.attrs.contract[0];
    return sum + Number(n.type.shape[0]) * Number(n.type.shape[1]) * Number(n.inputs[0].type.shape[k]);
  }, 0);
  // Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, 15.2: 30×35, 35×15, 15×5, 5×10, 10×20, 20×25 take 15125
  it('are multiplied in the cheapest order', () => {
    expect(cost(apply(chain(30, 35, 15, 5, 10, 20, 25), [reassociateDots]))).toBe(15125);
  });
  it('mean the same, transposed factors too', () => {
    const m = build((b, p) => b.dotGeneral(b.dotGeneral(p(2, 9), p(8, 9), { batch: [[], []], contract: [[1], [1]] }), p(8, 1), plain));
    const fired: string[] = [];
    const after = apply(m, [reassociateDots], (name) => fired.push(name));
    expect(fired).toEqual(['(AB)C = A(BC) by cost']);
    expect(cost(after)).toBe(72 + 18);
    const data = (n: number): Float32Array => new Float32Array(n).map((_, i) => Math.sin(i + n));
    const args = [data(18), data(72), data(8)];
    const [before, now] = [m, after].map((x) => interpret(x, args, { precision: 'f64' })[0]);
    before.forEach((x, i) => expect(now[i]).toBeCloseTo(x, 10));
  });
  it('stay as they are where a product is read elsewhere, or the order is right', () => {
    const shared = build((b, p) => { const xy = b.dotGeneral(p(9, 9), p(9, 9), plain); return b.map('add', [b.broadcastInDim(b.dotGeneral(xy, p(9, 1), plain), [9, 9], [0, 1]), xy]); });
    const fired: string[] = [];
    apply(shared, [reassociateDots], (name) => fired.push(name));
    apply(chain(1, 9, 9, 9), [reassociateDots], (name) => fired.push(name));
    expect(fired).toEqual([]);
  });
});

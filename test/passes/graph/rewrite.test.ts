import { describe, expect, it } from 'vitest';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';
import { pipelineOf } from '../../../src/passes/graph/pipeline.ts';
import { procedural, rewrite, rule, type Rule } from '../../../src/passes/graph/rewrite.ts';
import { apply } from './spellings.ts';

const exact = { class: 'exact' } as const;
const moduleOf = (make: (b: Builder, x: Node, y: Node) => Node, shape: readonly number[] = [2, 3]): Module => {
  const b = createBuilder(), type = { dtype: 'f32', shape } as const, params = [b.parameter('main', 0, 'x', type), b.parameter('main', 1, 'y', type)];
  b.addGraph({ name: 'main', params, results: [make(b, params[0], params[1])] });
  return b.finish('main');
};
const result = (m: Module): Node => {
  const main = m.graphs.get(m.main);
  if (main === undefined) throw new Error('no main');
  return main.results[0];
};
const run = (m: Module, ...rules: readonly Rule[]): { readonly node: Node; readonly fired: readonly string[] } => {
  const fired: string[] = [];
  return { node: result(rewrite('test', rules).run(m, (name) => fired.push(name))), fired };
};

const one = rule('x*1 = x', (p, x) => p.map('mul', x, 1), (_, x) => x, exact);
describe('matching', () => {
  it('takes commutative operands both ways', () => {
    for (const swapped of [false, true]) {
      const { node, fired } = run(moduleOf((b, x) => b.map('mul', swapped ? [b.like(x, 1), x] : [x, b.like(x, 1)])), one);
      expect([node.op, fired]).toEqual(['parameter', ['x*1 = x']]);
    }
  });
  it('does not take others so', () => {
    const halves = rule('x/1 = x', (p, x) => p.map('div', x, 1), (_, x) => x, exact);
    expect(run(moduleOf((b, x) => b.map('div', [b.like(x, 1), x])), halves).fired).toEqual([]);
  });
  it('sees numbers through views', () => {
    const spread = (b: Builder, x: Node): Node => b.broadcastInDim(b.reshape(b.constant({ dtype: 'f32', shape: [] }, 1), [1]), x.type.shape, [1]);
    expect(run(moduleOf((b, x) => b.map('mul', [x, spread(b, x)])), one).node.op).toBe('parameter');
  });
  it('tells -0 from 0', () => {
    const zero = rule('x + (-0) = x', (p, x) => p.map('add', x, -0), (_, x) => x, exact);
    expect(run(moduleOf((b, x) => b.map('add', [x, b.like(x, 0)])), zero).fired).toEqual([]);
    expect(run(moduleOf((b, x) => b.map('add', [x, b.like(x, -0)])), zero).fired).toHaveLength(1);
  });
  it('wants one value for a variable that occurs twice', () => {
    const same = rule('max(x, x) = x', (p, x) => p.map('max', x, x), (_, x) => x, exact);
    expect(run(moduleOf((b, x, y) => b.map('max', [x, y])), same).fired).toEqual([]);
    expect(run(moduleOf((b, x) => b.map('max', [x, x])), same).fired).toHaveLength(1);
  });
  it('tries another match where a condition fails the first', () => {
    const r = rule('x + param = param - x', (p, x, y) => p.map('add', x, y), (p, x, y) => p.map('sub', y, x), { class: 'fast', when: (_, y) => y.op === 'parameter' });
    expect(run(moduleOf((b, x, y) => b.map('add', [x, b.map('exp', [y])])), r).fired).toHaveLength(1);
  });
  it('spreads only along the axes that are reduced', () => {
    const r = rule('x/sum x = x', (p, x) => p.map('div', x, p.spread(p.reduce('add', x))), (_, x) => x, { class: 'fast' });
    const over = (axis: number, dims: readonly number[]) => moduleOf((b, x) => b.map('div', [x, b.broadcastInDim(b.reduce('add', x, [axis]), x.type.shape, dims)]), [3, 3]);
    expect(run(over(1, [0]), r).fired).toHaveLength(1);
    expect(run(over(1, [1]), r).fired).toEqual([]);
  });
});

describe('rewriting', () => {
  it('goes on until nothing matches, also in what a rule has made', () => {
    const twice = rule('exp x = sin cos x', (p, x) => p.map('exp', x), (p, x) => p.map('sin', p.map('cos', x)), { class: 'fast' });
    const inner = rule('cos x = x', (p, x) => p.map('cos', x), (_, x) => x, { class: 'fast' });
    const outer = rule('sin x = x', (p, x) => p.map('sin', x), (_, x) => x, { class: 'fast' });
    const { node, fired } = run(moduleOf((b, x) => b.map('exp', [b.map('exp', [x])])), twice, inner, outer);
    expect(node.op).toBe('parameter');
    // what is left of the inner one is x, so that the outer one is the inner one again
    expect(fired).toEqual(['exp x = sin cos x', 'cos x = x', 'sin x = x']);
  });
  it('names the rules that undo each other', () => {
    const there = rule('x + y = y + x', (p, x, y) => p.map('add', x, y), (p, x, y) => p.map('add', y, x), exact);
    const to = rule('sin x = cos x', (p, x) => p.map('sin', x), (p, x) => p.map('cos', x), { class: 'fast' });
    const fro = rule('cos x = sin x', (p, x) => p.map('cos', x), (p, x) => p.map('sin', x), { class: 'fast' });
    expect(() => run(moduleOf((b, x, y) => b.map('add', [x, y])), there)).toThrow(/test: rules rewrite each other's results for ever: 'x \+ y = y \+ x'/);
    expect(() => run(moduleOf((b, x) => b.map('sin', [x])), to, fro)).toThrow(/'sin x = cos x', 'cos x = sin x'/);
  });
  it('names a rule that grows its operand for ever', () => {
    const grow = rule('exp x = exp(exp x)', (p, x) => p.map('exp', x), (p, x) => p.map('exp', p.map('exp', x)), { class: 'fast' });
    const wrap = procedural('sin x = sin(x + next)', 'map', 'fast', ({ inputs: [x], id }, b) => b.map('sin', [b.map('add', [x, b.like(x, id)])]), [], ['sin']);
    for (const [fn, r] of [['exp', grow], ['sin', wrap]] as const) {
      expect(() => run(moduleOf((b, x) => b.map(fn, [x])), r)).toThrow(/FX8012/);
      expect(() => run(moduleOf((b, x) => b.map(fn, [x])), r)).toThrow(r.name);
    }
  });
  it('names a rule that changes the type', () => {
    const wrong = procedural('exp x = sum x', 'map', 'fast', ({ inputs: [x] }, b) => b.reduce('add', x, [0]), [], ['exp']);
    expect(() => run(moduleOf((b, x) => b.map('exp', [x])), wrong)).toThrow(/the rule 'exp x = sum x' turns f32\[2, 3\] into f32\[3\]/);
  });
  it('keeps where a node was written', () => {
    const origin = { trace: { stack: 'here' } };
    const m = moduleOf((b, x, y) => b.node('map', { fn: 'sub', dtype: 'f32' }, [x, b.map('neg', [y])], { origins: [origin] }));
    const { node } = run(m, rule('x - (-y) = x + y', (p, x, y) => p.map('sub', x, p.map('neg', y)), (p, x, y) => p.map('add', x, y), exact));
    expect([node.op === 'map' && node.attrs.fn, node.origins]).toEqual(['add', [origin]]);
  });
});

describe('a user’s rules', () => {
  const gelu = rule('sin x*x = cos x', (p, x) => p.map('mul', p.map('sin', x), x), (p, x) => p.map('cos', x), { class: 'fast' });
  it('are applied with the algebra, also where only its normal form matches', () => {
    const m = moduleOf((b, x) => b.map('mul', [b.map('mul', [x, b.like(x, 1)]), b.map('sin', [x])]));
    const fired: string[] = [];
    const after = apply(m, pipelineOf({ rules: [gelu] }), (name) => fired.push(name));
    expect(fired).toContain('sin x*x = cos x');
    expect(topological([result(after)]).map((n) => (n.op === 'map' ? n.attrs.fn : n.op))).toEqual(['parameter', 'cos']);
  });
  it('and the fast ones run on request only', () => {
    const m = moduleOf((b, x) => b.map('exp', [b.map('log', [x])]));
    expect(result(apply(m, pipelineOf({}))).op).toBe('map');
    expect(result(apply(m, pipelineOf({ fast: true }))).op).toBe('parameter');
    const args = [new Float32Array([1, 2, 3, 4, 5, 6]), new Float32Array(6)];
    expect([...interpret(apply(m, pipelineOf({})), args)[0]]).toEqual([...interpret(m, args)[0]]);
  });
});

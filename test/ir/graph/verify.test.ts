import { describe, expect, it } from 'vitest';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Graph, Module, Node } from '../../../src/ir/graph/syntax.ts';
import { verify, verifyModule } from '../../../src/ir/graph/verify.ts';
import { define, f32, i32, moduleOf, modules } from './modules.ts';

const module = (): Module => {
  const b = createBuilder();
  define(b, 'f', [f32(2)], (x) => [b.map('exp', [x]), b.reduce('argMax', x, [0])]);
  define(b, 'main', [f32(2), i32()], (x, n) => [b.map('neg', [b.get(b.call('f', [x]), 0)]), n]);
  return b.finish('main');
};
const main = module().graphs.get('main');
if (main === undefined) throw new Error('no main');
const [neg] = main.results, [get] = neg.inputs, [call] = get.inputs, [x, n] = main.params;

/** the module with another main, or with other graphs beside it */
const withMain = (change: Partial<Graph>): Module => withGraphs({ main: { ...main, ...change } });
const withGraphs = (graphs: { readonly [name: string]: Graph }, from: Module = module()): Module => ({ ...from, graphs: new Map([...from.graphs, ...Object.entries(graphs)]) });
/** a node that no builder would make */
const forged = (node: Node, change: object): Node => {
  // SAFETY: ill-formed on purpose
  return { ...node, ...change } as Node;
};
const returning = (node: Node): Module => withMain({ results: [node, n] });

const ill: { readonly [what: string]: readonly [Module, string] } = {
  'no main': [{ ...module(), main: 'elsewhere' }, "no graph is called 'elsewhere'"],
  'a graph under another name': [withGraphs({ g: { ...main, name: 'h' } }), "the graph 'h' is filed under 'g'"],
  'a result of several': [returning(call), 'main: result 0 is a node of several results; read it with get'],
  'parameters out of order': [withMain({ params: [n, x] }), 'main: parameter 0 says that it is number 1'],
  'an operand made after its user': [returning(forged(neg, { id: 0 })), 'main: map comes before one of its inputs'],
  'an operand of several results': [returning(forged(neg, { inputs: [call] })), 'main: map uses a node of several results; read it with get'],
  'a parameter of another graph': [returning(forged(neg, { inputs: [forged(x, { attrs: { ...x.attrs, graph: 'g', name: 'p' } })] })), "main: the parameter 'p' of 'g' is used, which is not one of this graph's"],
  'a call of what is not there': [returning(forged(get, { inputs: [forged(call, { attrs: { graph: 'gone' } })] })), "main: call names 'gone', and no graph is called so"],
  'a composite whose rule is not there': [
    withMain({ results: [forged(get, { inputs: [forged(call, { op: 'composite', attrs: { name: 'c', attributes: {}, body: 'f', vjp: 'gone' } })] }), n] }), "main: composite names 'gone', and no graph is called so",
  ],
  'a result that is not there': [returning(forged(get, { attrs: { index: 2 } })), 'main: get reads no result 2 of type f32[2]'],
  'a result of another type': [returning(forged(get, { attrs: { index: 1 } })), 'main: get reads no result 1 of type f32[2]'],
  'a result of nothing': [returning(forged(get, { inputs: [] })), 'main: get reads no result 0 of type f32[2]'],
  'operands that the rule refuses': [returning(forged(neg, { inputs: [n, n], id: 99 })), 'main: neg: takes 1 operands, but got 2'],
  'a type that is not the rule\'s': [returning(forged(neg, { type: f32(3), results: [f32(3)] })), 'main: map is typed f32[3], but gives f32[2]'],
  'more results than the rule\'s': [returning(forged(get, { inputs: [forged(call, { results: [f32(2), i32(), f32()] })] })), 'main: call is typed f32[2], i32[], f32[], but gives f32[2], i32[]'],
};

describe('the verifier', () => {
  it.each(Object.entries(modules))('finds nothing in %s', (_, make) => expect(verify(make())).toEqual([]));
  it.each(Object.entries(ill))('finds %s', (_, [wrong, problem]) => expect(verify(wrong)).toContain(problem));

  const calling = (name: string, callee: string): Graph => ({ name, params: main.params, results: [forged(neg, { op: 'call', attrs: { graph: callee }, inputs: [x, n] }), n] });
  it('finds calls that go in a circle, also where main does not', () => {
    expect(verify(withGraphs({ main: calling('main', 'main') }))).toContain("'main' calls itself");
    expect(verify(withGraphs({ g: calling('g', 'h'), h: calling('h', 'g') }))).toContain("'g' calls itself");
  });
  it('tells everything that is wrong at once, as diagnostics', () => {
    const both = withMain({ params: [n, x], results: [call, n] });
    expect(verifyModule(both)).toMatchObject({ _tag: 'Left', left: expect.arrayContaining([
      { code: 'FX2101', severity: 'error', message: 'main: parameter 0 says that it is number 1' }, { code: 'FX2101', severity: 'error', message: 'main: result 0 is a node of several results; read it with get' },
    ]) });
    const good = moduleOf([f32()], (_, p) => [p]);
    expect(verifyModule(good)).toEqual({ _tag: 'Right', right: good });
  });
});

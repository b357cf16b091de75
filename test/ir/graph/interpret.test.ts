import { describe, expect, it } from 'vitest';
import { typedArray } from '../../../src/core/dtype.ts';
import { orThrow } from '../../../src/core/render.ts';
import { evaluateOne, interpret, interpretNodes } from '../../../src/ir/graph/interpret.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import type { Module, OpName } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';
import { expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { f32, moduleOf } from './modules.ts';
import { operationVectors, type OperationVector } from './vectors/operations.ts';

const moduleFor = ({ of, lines, returns = '%0', graphs = '' }: OperationVector): Module =>
  orThrow(parseModule(`module main ${graphs} graph main(${of}) { ${lines} return ${returns} }`));
const run = (v: OperationVector, module: Module): readonly (readonly number[])[] => {
  const { params } = [...module.graphs.values()].at(-1) ?? { params: [] };
  const args = v.args.map((x, i) => typedArray(v.precision === 'f64' && params[i].type.dtype === 'f32' ? 'f64' : params[i].type.dtype, x));
  return interpret(module, args, { precision: v.precision ?? 'native', bindings: v.bindings ?? {} }).map((x) => Array.from(x));
};

// SAFETY: the keys of the table are the names
const operations = Object.keys(operationVectors) as readonly OpName[];
describe.each(operations)('%s', (op) => {
  it.each(operationVectors[op].map((v) => [`${v.lines} of ${v.args.map((x) => `[${x.join()}]`).join(' ')}: ${v.from}`, v] as const))('%s', (_, v) => {
    const module = moduleFor(v);
    expect(run(v, op === 'transform' ? expandTransforms.run(module, () => undefined) : module)).toEqual(v.gives);
  });
  it('stands in its own vectors', () => {
    for (const v of operationVectors[op]) {
      const main = moduleFor(v).graphs.get('main');
      expect(topological([...main?.params ?? [], ...main?.results ?? []]).map((node) => node.op)).toContain(op);
    }
  });
});

describe('the interpreter', () => {
  it('takes no derivative that has not been expanded', () => {
    const [vector] = operationVectors.transform;
    expect(() => run(vector, moduleFor(vector))).toThrow('vjp has not been expanded');
  });
  it('says which dimension is not bound', () => {
    expect(() => interpret(moduleOf([f32({ name: 'rows', by: 1, max: 4 })], (_, x) => [x]), [new Float32Array(4)])).toThrow("the dimension 'rows' is not bound");
  });
  it('says when an argument has too few elements', () => {
    expect(() => interpret(moduleOf([f32(3)], (_, x) => [x]), [new Float32Array(2)])).toThrow('2 elements given for [3]');
  });
  it('gives every value by its node', () => {
    const module = moduleOf([f32(2)], (b, x) => [b.map('exp', [b.map('neg', [x])])]), main = module.graphs.get('main');
    const { values, results } = interpretNodes(module, [Float32Array.of(0, 1)]);
    const inner = main?.results[0].inputs[0];
    expect(inner && Array.from(values.get(inner)?.[0].data ?? [])).toEqual([-0, -1]);
    expect(results[0].shape).toEqual([2]);
  });
  it('evaluates one node in double precision', () => {
    const main = moduleOf([f32(1)], (b, x) => [b.map('add', [x, b.like(x, 1)])]).graphs.get('main');
    const of = (x: number) => ({ dtype: 'f32', shape: [1], data: Float64Array.of(x) }) as const;
    expect(main && Array.from(evaluateOne(main.results[0], [of(2 ** 53 - 1), of(0.5)]).data)).toEqual([2 ** 53]);
    expect(main && Array.from(evaluateOne(main.results[0], [of(16777216), of(1)]).data)).toEqual([16777217]);
  });
});

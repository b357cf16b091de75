import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { parseModule } from '../../src/ir/graph/parse.ts';
import { verify } from '../../src/ir/graph/verify.ts';
import { topological } from '../../src/ir/graph/walk.ts';
import type { Node } from '../../src/ir/graph/syntax.ts';
import { programs, shapes, tensors } from '../../src/testing/index.ts';
import { everyOp, generatedOps } from '../../src/testing/graphs.ts';
import { programText } from '../../src/testing/arbitraries.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { scalarName, scalars } from '../../src/ir/scalars.ts';
import { monoids } from '../../src/ir/monoids.ts';

/** how often something is true of 600 programs */
const sample = (ops = everyOp): readonly (readonly Node[])[] => fc.sample(programs({ ops }), { numRuns: 600, seed: 3 }).map(({ module }) => topological(mainOf(module).results));
const share = (all: readonly (readonly Node[])[], holds: (nodes: readonly Node[]) => boolean): number => all.filter(holds).length / all.length;
const has = (want: (n: Node) => boolean) => (nodes: readonly Node[]): boolean => nodes.some(want);

describe('generated programs', () => {
  const all = sample();
  it('are well-formed, and none is trivial for want of operands', () => {
    for (const { module } of fc.sample(programs({ ops: everyOp }), { numRuns: 300, seed: 4 })) expect(verify(module)).toEqual([]);
    expect(share(all, (nodes) => nodes.filter((n) => n.op !== 'parameter' && n.op !== 'constant').length >= 4)).toBeGreaterThan(0.5);
  });
  it.each(everyOp)('hold %s', (op) => expect(share(all, has((n) => n.op === op))).toBeGreaterThan(0.05));
  it.each([0, 1, 2, 3, 4, 5])('hold rank %i', (rank) => expect(share(all, has((n) => n.type.shape.length === rank && n.op !== 'constant'))).toBeGreaterThan(0.2));
  it.each([0, 1, 2, 3, 4, 5])('hold size %i', (size) => expect(share(all, has((n) => n.type.shape.includes(size)))).toBeGreaterThan(0.2));
  it('hold no rank above 5', () => {
    for (const nodes of [all, sample(generatedOps)]) expect(share(nodes, has((n) => n.type.shape.length > 5))).toBe(0);
  });
  it('repeat along axes, share values, and give several results', () => {
    expect(share(all, has((n) => n.op === 'broadcastInDim' && n.inputs[0].type.shape.includes(1)))).toBeGreaterThan(0.05);
    const shares = (nodes: readonly Node[]): boolean => nodes.some((n) => n.op !== 'constant' && nodes.filter((u) => u.inputs.includes(n)).length > 1);
    expect(share(all, shares)).toBeGreaterThan(0.4);
    expect(fc.sample(programs(), { numRuns: 200, seed: 5 }).filter(({ module }) => mainOf(module).results.length > 1).length).toBeGreaterThan(80);
  });
  it('hold every scalar function and every monoid', () => {
    const nodes = all.flat(), fns = new Set(nodes.flatMap((n) => (n.op === 'map' ? [scalarName(n.attrs.fn)] : []))), folds = new Set(nodes.flatMap((n) => (n.op === 'reduce' ? [n.attrs.monoid] : [])));
    expect(Object.keys(scalars).filter((name) => !fns.has(name))).toEqual([]);
    expect(Object.keys(monoids).filter((name) => ![...folds].includes(name as keyof typeof monoids))).toEqual([]);
  });
  it('read back from their text', () => {
    for (const program of fc.sample(programs({ ops: everyOp }), { numRuns: 60, seed: 6 })) {
      const text = programText(program), back = parseModule(text);
      expect(E.isRight(back) && programText({ ...program, module: back.right })).toBe(text);
    }
  });
});

describe('a failing property', () => {
  it('prints the shrunk program as text', () => {
    const noExp = fc.property(programs(), ({ module }) => !topological(mainOf(module).results).some((n) => n.op === 'map' && n.attrs.fn === 'exp'));
    const { message } = failure(() => fc.assert(noExp, { seed: 1, numRuns: 1000 }));
    const text = message.slice(message.indexOf('module main'), message.indexOf('\n]'));
    expect(text).toMatch(/^graph main\(x0: f32\[\]\) \{$/m);
    expect(text).toMatch(/^ {2}%0: f32\[\] = exp\(x0\)$/m);
    expect(text).toMatch(/^\/\/ x0: f32\[\] = \[-?[\d.]+\]$/m);
    expect(text.split('\n').filter((line) => line.includes(' = ')).length).toBeLessThan(6);
    expect(E.isRight(parseModule(text))).toBe(true);
  });
});
const failure = (run: () => void): { readonly message: string } => {
  try { run(); } catch (error) { return error instanceof Error ? error : { message: '' }; }
  return { message: 'it did not fail' };
};

describe('shapes and tensors', () => {
  it('keep to what was asked for', () => {
    fc.assert(fc.property(shapes({ minRank: 1, maxRank: 3, maxSize: 4 }), (shape) => shape.length >= 1 && shape.length <= 3 && shape.every((d) => d >= 0 && d <= 4)));
    fc.assert(fc.property(tensors({ shape: [2, 3], min: 0, max: 1 }), (x) => x.size === 6 && x.dtype === 'f32' && x.data.every((v) => v >= 0 && v <= 1)));
    fc.assert(fc.property(tensors({ dtype: 'u32' }), (x) => x.data instanceof Uint32Array));
  });
  it('hold special values where asked for', () => {
    const values = fc.sample(tensors({ dtype: 'f64', shape: [8], specials: true }), { numRuns: 50, seed: 1 }).flatMap((x) => [...x.data]);
    for (const special of [NaN, Infinity, -Infinity, 0, -0]) expect(values.some((v) => Object.is(v, special)), String(special)).toBe(true);
  });
});

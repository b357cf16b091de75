import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxCount } from '../../../src/core/dim.ts';
import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import { topological } from '../../../src/ir/graph/walk.ts';
import { exchange } from '../../../src/passes/graph/exchange.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { numbers } from '../../ir/loop/golden.ts';

interface Form { readonly heads: number; readonly rows: number; readonly columns: number; readonly width: number; /** which side of C·vᵀ and of P·v is v, and whether P comes first in the product that is summed */ readonly sides: readonly [boolean, boolean, boolean]; readonly scaled: 'not' | 'by a factor' | 'by a divisor' }
const form: Form = { heads: 2, rows: 3, columns: 7, width: 4, sides: [true, true, true], scaled: 'not' };
const usual = { small: true, summed: [2] as readonly number[] };

/** Σⱼ P·(C·vᵀ), with P·v as a second result unless it is left out */
const moduleOf = ({ heads, rows, columns, width, sides, scaled }: Form, { small, summed } = usual): Module => {
  const b: Builder = createBuilder(), param = (i: number, ...shape: readonly number[]): Node<'parameter'> => b.parameter('main', i, `x${i}`, { dtype: 'f32', shape });
  const p = param(0, heads, rows, columns), c = param(1, heads, rows, width), v = param(2, heads, columns, width), s = param(3, heads, rows);
  const batch = [[0], [0]] as const, wideOf = (x: Node, y: Node): Node => b.dotGeneral(x, y, { batch, contract: [[2], [2]] });
  // with v on the left the wide value is its transpose, and so are P and the sum
  const right = sides[0], wide = right ? wideOf(c, v) : wideOf(v, c), own = right ? p : b.transpose(p, [0, 2, 1]), along = right ? summed : summed.map((axis) => (axis === 0 ? 0 : 3 - axis));
  const scale = b.broadcastInDim(s, wide.type.shape, right ? [0, 1] : [0, 2]), factor = scaled === 'by a factor' ? b.map('mul', [scale, own]) : scaled === 'by a divisor' ? b.map('div', [own, scale]) : own;
  const sum = b.reduce('add', b.map('mul', sides[2] ? [factor, wide] : [wide, factor]), along), at = right ? 2 : 1;
  const product = sides[1] ? b.dotGeneral(own, v, { batch, contract: [[at], [1]] }) : b.dotGeneral(v, own, { batch, contract: [[1], [at]] });
  b.addGraph({ name: 'main', params: [p, c, v, s], results: small ? [sum, product] : [sum] });
  return b.finish('main');
};
const wides = (m: Module, { rows, columns }: Form): number => topological(m.graphs.get('main')?.results ?? []).filter((n) => n.op === 'dotGeneral' && [rows, columns].every((size) => n.type.shape.slice(1).includes(size))).length;
const forms = fc.record({
  heads: fc.integer({ min: 1, max: 3 }), rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 5, max: 9 }), width: fc.integer({ min: 1, max: 4 }),
  sides: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), scaled: fc.constantFrom('not', 'by a factor', 'by a divisor'),
}) satisfies fc.Arbitrary<Form>;

describe('Σ P·(C·vᵀ) = Σ C·(P·v)', () => {
  it('wherever P·v is there, on whatever sides its factors stand, with what does not vary along the sum left outside', () => {
    fc.assert(fc.property(forms, (f) => {
      const before = moduleOf(f), after = runPasses(before, [exchange], { verify: true });
      expect(wides(before, f)).toBeGreaterThan(0);
      // nothing else reads C·vᵀ here
      expect(wides(after, f)).toBe(0);
      const args = (before.graphs.get('main')?.params ?? []).map(({ type: { shape } }, i) => Float32Array.from(numbers(i + 1, maxCount(shape)), (x) => x + (i === 3 ? 3 : 0)));
      const [wanted, found] = [before, after].map((m) => interpret(m, args, { precision: 'f64' }));
      wanted.forEach((data, i) => data.forEach((x, k) => expect(Math.abs(found[i][k] - x)).toBeLessThan(1e-9 * (1 + Math.abs(x)))));
    }));
  });
  it.each<readonly [string, Module, Form]>([
    ['P·v is not there', moduleOf(form, { ...usual, small: false }), form],
    ['P·v is no smaller than C·vᵀ', moduleOf({ ...form, columns: 4 }), { ...form, columns: 4 }],
    ['the sum runs over the rows', moduleOf(form, { ...usual, summed: [1] }), form],
    ['the sum runs over heads too', moduleOf(form, { ...usual, summed: [0, 2] }), form],
  ])('not where %s', (_, module, f) => {
    expect(runPasses(module, [exchange], { verify: true })).toBe(module);
    expect(wides(module, f)).toBeGreaterThan(0);
  });
});

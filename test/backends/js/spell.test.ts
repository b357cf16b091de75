import { describe, expect, it } from 'vitest';
import { computedAs, computedDtypes, dtypes, roundTo, typedArray, type Computed, type DType } from '../../../src/core/dtype.ts';
import { erf } from '../../../src/core/special.ts';
import { rowMajor } from '../../../src/ir/loop/print.ts';
import { monoids, monoidRow, type MonoidName } from '../../../src/ir/monoids.ts';
import { evaluatorFor, scalarRow, scalars, type CustomScalar, type ScalarName, type ScalarOp } from '../../../src/ir/scalars.ts';
import type { Buffer, Expr, Program, Stmt } from '../../../src/ir/loop/syntax.ts';
import { axis, constant } from '../../../src/core/affine.ts';
import { ready, runText } from './run.ts';
import { takes } from '../takes.ts';

const floats = [0, -0, 0.5, -0.5, 1.5, 2.5, -2.5, 1, -1, 3.75, 1e-8, 100, -100, 88.5, 1e30, Infinity, -Infinity, NaN];
const integers = [0, 1, -1, 2, 5, -7, 31, 32, 33, 100, 65537, 2147483647, -2147483648];
const samples: { readonly [D in DType]: readonly number[] } = {
  f16: floats.map(roundTo.f16), bf16: floats.map(roundTo.bf16), f32: floats.map(Math.fround), f64: floats, i32: integers, u32: integers.map((x) => x >>> 0), bool: [0, 1],
};

/** y[i] = fn(x0[i], x1[i], …) over all combinations of the samples */
const mapProgram = (fn: ScalarOp, columns: readonly (readonly number[])[], operands: readonly DType[], result: DType): readonly [Program, ReadonlyMap<string, ReturnType<typeof typedArray>>] => {
  const n = columns[0].length, names = columns.map((_, i) => `x${i}`);
  const buffer = (dtype: DType, role: Buffer['role']): Buffer => ({ dtype, role, layout: rowMajor([n]) });
  const load = (name: string, dtype: DType): Expr => ({ kind: 'load', from: { buffer: name, at: [axis('i')] }, guard: [], other: { kind: 'const', dtype: computedAs(dtype), value: 0 } });
  const value: Expr = { kind: 'apply', fn, dtype: result, args: names.map((name, i) => load(name, operands[i])) };
  const body: Stmt = { kind: 'for', axis: 'i', extent: constant(n), mode: { at: 'serial' }, body: [{ kind: 'store', to: { buffer: 'y', at: [axis('i')] }, guard: [], value }] };
  const params = [...names.map((name, i) => ({ name, dtype: operands[i], size: n, access: 'read' as const })), { name: 'y', dtype: result, size: n, access: 'write' as const }];
  return [{
    name: 'map', syms: new Map(), buffers: new Map([...names.map((name, i): [string, Buffer] => [name, buffer(operands[i], 'input')]), ['y', buffer(result, 'output')]]),
    kernels: new Map([['k', { name: 'k', params, body: [body] }]]), steps: [{ kind: 'run', kernel: 'k', args: [...names, 'y'] }], inputs: names, outputs: ['y'],
  }, new Map(names.map((name, i) => [name, typedArray(operands[i], columns[i])]))];
};
const combinations = (lists: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const rows = lists.reduce<readonly (readonly number[])[]>((all, list) => all.flatMap((row) => list.map((x) => [...row, x])), [[]]);
  return lists.map((_, i) => rows.map((row) => row[i]));
};
const compute = (fn: ScalarOp, columns: readonly (readonly number[])[], operands: readonly DType[], result: DType): readonly number[] => {
  const [program, inputs] = mapProgram(fn, columns, operands, result);
  return runText(ready(program), inputs).y;
};

const cases = (Object.keys(scalars) as readonly ScalarName[]).flatMap((fn) => (fn === 'convert' ? [] : computedDtypes.filter((d) => takes(fn, d)).map((d) => [fn, d] as const)));
describe.each(cases)('%s of %s', (fn, dtype) => {
  const row = scalarRow(fn), operands: readonly Computed[] = fn === 'select' ? ['bool', dtype, dtype] : Array<Computed>(row.arity).fill(dtype);
  const result = row.gives === 'bool' ? 'bool' : dtype, columns = combinations(operands.map((d) => samples[d]));
  it('is what the table says', () => {
    const actual = compute(fn, columns, operands, result), evaluate = evaluatorFor(fn, dtype);
    const wanted = columns[0].map((_, i) => roundTo[result](evaluate(...columns.map((c) => c[i]))));
    const tolerance = fn === 'erf' ? (dtype === 'f32' ? 6e-8 : 4e-16) : 0;
    const far = wanted.findIndex((x, i) => !Object.is(x, actual[i]) && !(Math.abs(x - actual[i]) <= tolerance * Math.abs(x)));
    expect([far, columns.map((c) => c[far]), actual[far]]).toEqual([-1, columns.map(() => undefined), undefined]);
  });
});

describe('convert', () => {
  it.each(dtypes.flatMap((from) => dtypes.map((to) => [from, to] as const)))('from %s to %s', (from, to) => {
    expect(compute('convert', [samples[from]], [from], to)).toEqual(samples[from].map((x) => roundTo[to](x)));
  });
});

it('erf is within an ulp of f32 everywhere, and within a few of f64', () => {
  const xs = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 300), wide = compute('erf', [xs], ['f64'], 'f64');
  wide.forEach((y, i) => expect(Math.abs(y - erf(xs[i]))).toBeLessThanOrEqual(6e-16 * Math.abs(y) + 1e-300));
  const narrow = compute('erf', [xs.map(Math.fround)], ['f32'], 'f32');
  narrow.forEach((y, i) => expect(Math.abs(y - erf(Math.fround(xs[i])))).toBeLessThanOrEqual(2 ** -24 * Math.max(Math.abs(y), 1e-30) * 1.0001));
});

describe('functions of a user', () => {
  const swish: CustomScalar = {
    custom: 'swish', arity: 1, domain: [-8, 8], evaluate: (x) => x / (1 + Math.exp(-x)), spell: { js: 'x / (1 + Math.exp(-x))' },
    expand: (apply, x) => apply('select', apply('gt', x, 0), apply('mul', x, apply('logistic', x)), apply('mul', apply('logistic', x), x)),
  };
  const xs = [-3, -0.5, 0, 0.25, 7].map(Math.fround), wanted = xs.map((x) => Math.fround(swish.evaluate(x)));
  it('are spelt', () => expect(compute(swish, [xs], ['f32'], 'f32')).toEqual(wanted));
  it('or expanded', () => compute({ ...swish, spell: {} }, [xs], ['f32'], 'f32').forEach((y, i) => expect(y).toBeCloseTo(wanted[i], 6)));
});

describe('folds', () => {
  const names = Object.keys(monoids) as readonly MonoidName[];
  const values = (monoid: MonoidName): readonly number[] => (monoid === 'and' || monoid === 'or' ? [1, 0, 1] : monoid === 'maxExpSum' ? [-Infinity, 1, 3, -2, 3] : [1.5, NaN, -2, NaN, 3, 3, -2]);
  /** elements folded one by one, or as states of one element each, merged */
  const folded = (monoid: MonoidName, xs: readonly number[], asStates: boolean): readonly number[] => {
    const row = monoidRow(monoid), dtype: Computed = row.takes === 'bool' ? 'bool' : 'f32', arg = row.gives === 'i32', n = xs.length;
    const part = (p: number): Computed => (arg && p === 1 ? 'i32' : dtype), state = row.identity.map((_, p) => p);
    const columns = asStates ? state.map((p) => xs.map((x, i) => row.lift(x, i)[p])) : arg ? [xs, xs.map((_, i) => i)] : [xs];
    const inputs = new Map(columns.map((c, p) => [`x${p}`, typedArray(part(p), c)] as const));
    const buffers = new Map<string, Buffer>([...columns.map((_, p): [string, Buffer] => [`x${p}`, { dtype: part(p), role: 'input', layout: rowMajor([n]) }]),
      ...state.map((p): [string, Buffer] => [`y${p}`, { dtype: part(p), role: 'output', layout: rowMajor([1]) }])]);
    const place = (p: number) => ({ buffer: `acc${p}`, at: [constant(0)] });
    const load = (buffer: string, at: ReturnType<typeof axis>, p: number): Expr => ({ kind: 'load', from: { buffer, at: [at] }, guard: [], other: { kind: 'const', dtype: part(p), value: 0 } });
    const body: readonly Stmt[] = [
      ...state.flatMap((p): readonly Stmt[] => [
        { kind: 'alloc', buffer: `acc${p}`, space: 'register', dtype: part(p), shape: [1] },
        { kind: 'store', to: place(p), guard: [], value: { kind: 'const', dtype: part(p), value: row.identity[p] } }]),
      { kind: 'for', axis: 'i', extent: constant(n), mode: { at: 'serial' }, body: [{ kind: 'fold', into: state.map(place), monoid, values: columns.map((_, p) => load(`x${p}`, axis('i'), p)) }] },
      ...state.map((p): Stmt => ({ kind: 'store', to: { buffer: `y${p}`, at: [constant(0)] }, guard: [], value: load(`acc${p}`, constant(0), p) })),
    ];
    const params = [...buffers].map(([name, b]) => ({ name, dtype: b.dtype, size: b.layout.size, access: b.role === 'input' ? 'read' as const : 'write' as const }));
    const program: Program = {
      name: 'fold', syms: new Map(), buffers, kernels: new Map([['k', { name: 'k', params, body }]]), steps: [{ kind: 'run', kernel: 'k', args: [...buffers.keys()] }],
      inputs: [...inputs.keys()], outputs: state.map((p) => `y${p}`),
    };
    return Object.values(runText(ready(program), inputs)).map(([x]) => x);
  };
  it.each(names.flatMap((m) => [[m, false], [m, true]] as const))('%s, as states: %s', (monoid, asStates) => {
    const { identity, lift, merge } = monoidRow(monoid);
    for (const xs of [values(monoid), values(monoid).filter((x) => x === x), []]) {
      const wanted = xs.reduce<readonly number[]>((state, x, i) => merge(state, lift(x, i)), identity);
      folded(monoid, xs, asStates).forEach((x, p) => { if (Number.isFinite(wanted[p])) expect(x).toBeCloseTo(wanted[p], 5); else expect(x).toBe(wanted[p]); });
    }
  });
});

import fc from 'fast-check';
import { add, axis, constant, data, ofAtom, scale, size } from '../../../src/core/affine.ts';
import type { Guard, Index } from '../../../src/core/affine.ts';
import { computedDtypes, dtypes, typedArray } from '../../../src/core/dtype.ts';
import type { DType } from '../../../src/core/dtype.ts';
import { monoids } from '../../../src/ir/monoids.ts';
import type { MonoidName } from '../../../src/ir/monoids.ts';
import { scalarRow, scalars } from '../../../src/ir/scalars.ts';
import type { CustomScalar, ScalarName } from '../../../src/ir/scalars.ts';
import type { Axes, Block, Buffer, Expr, Kernel, Mode, Place, Program, Step, Stmt } from '../../../src/ir/loop/syntax.ts';

/** Syntactically possible programs, mostly ill-typed: what a printer and a parser must carry across. */
const awkward = ['params/dense.w', 'for', 'index', 'data', 'x y', '`', 'a\\b', '1st', 'a..b', 'true', 'inf', 'exp', 'm', 'case', 'ß', ''];
const anyName = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('i', 'j', 'x', 'w', 'out.1', 'acc', "h'", 'k') }, fc.constantFrom(...awkward));
const symName = fc.constantFrom('batch', 'tokens');
const dtype = fc.constantFrom(...computedDtypes), stored = fc.constantFrom(...dtypes);
const small = fc.integer({ min: 0, max: 9 });

const leaf = fc.oneof(anyName.map(axis), symName.map(size), fc.tuple(anyName, small, small).map(([local, lo, more]) => data(local, 0 - lo, more)));
const { index } = fc.letrec<{ index: Index; division: Index }>((tie) => ({
  index: fc.tuple(fc.array(fc.tuple(fc.integer({ min: -800, max: 800 }), fc.oneof({ depthSize: 'small' }, leaf, tie('division'))), { maxLength: 3 }), fc.integer({ min: -9, max: 9 }))
    .map(([terms, bias]) => add(constant(bias), ...terms.map(([by, of]) => scale(of, by)))),
  division: fc.tuple(fc.constantFrom<'floorDiv' | 'mod'>('floorDiv', 'mod'), tie('index'), fc.integer({ min: 1, max: 99 }))
    .map(([kind, num, den]) => ofAtom({ kind, num, den })),
}));
const guard: fc.Arbitrary<Guard> = fc.array(fc.record({ is: fc.constantFrom<'ge0' | 'eq0'>('ge0', 'eq0'), of: index }), { maxLength: 3 });
const place: fc.Arbitrary<Place> = fc.record({ buffer: anyName, at: fc.array(index, { maxLength: 2 }) });

export const swish: CustomScalar = {
  custom: 'swish', arity: 1, domain: [-8, 8], evaluate: (x) => x / (1 + Math.exp(-x)), spell: { js: 'x / (1 + Math.exp(-x))' },
  expand: (apply, x) => apply('mul', x, apply('logistic', x)),
};
export const customs = new Map([['swish', swish]]);

const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity, 1e21, 5e-324, 0.1));
const ops = [...(Object.keys(scalars) as readonly ScalarName[]), swish];
const { expr } = fc.letrec<{ expr: Expr; applied: Expr; load: Expr }>((tie) => ({
  expr: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('const'), dtype, value }),
    fc.record({ kind: fc.constant('index'), dtype, index }),
    fc.record({ kind: fc.constant('guard'), guard }),
    fc.record({ kind: fc.constant('local'), local: anyName }),
    tie('applied'), tie('load'),
  ) as fc.Arbitrary<Expr>,
  applied: fc.constantFrom(...ops).chain((fn) => {
    const arity = typeof fn === 'string' ? scalarRow(fn).arity : fn.arity;
    const args = fc.array(tie('expr') as fc.Arbitrary<Expr>, { minLength: arity, maxLength: arity });
    return fc.record({ kind: fc.constant('apply'), fn: fc.constant(fn), dtype, args });
  }) as fc.Arbitrary<Expr>,
  load: fc.record({ kind: fc.constant('load'), from: place, guard, other: tie('expr') }) as fc.Arbitrary<Expr>,
}));

const mode: fc.Arbitrary<Mode> = fc.oneof(
  fc.constant<Mode>({ at: 'serial' }), fc.constant<Mode>({ at: 'vector' }), fc.constant<Mode>({ at: 'unroll' }),
  small.map((fence): Mode => ({ at: 'unroll', fence })), small.map((grain): Mode => ({ at: 'grid', grain })),
);
const axes: fc.Arbitrary<Axes> = fc.array(fc.record({ axis: anyName, extent: index }), { maxLength: 2 });
const { stmt } = fc.letrec<{ stmt: Stmt; nest: Stmt }>((tie) => {
  const block = fc.array(tie('stmt'), { maxLength: 3 }) as fc.Arbitrary<Block>;
  return {
    stmt: fc.oneof(
      { depthSize: 'small' },
      fc.record({ kind: fc.constant('let'), local: anyName, value: expr }),
      fc.record({ kind: fc.constant('alloc'), buffer: anyName, space: fc.constantFrom('register', 'scratch'), dtype, shape: fc.array(small, { maxLength: 3 }) }),
      fc.record({ kind: fc.constant('store'), to: place, guard, value: expr }),
      fc.record({ kind: fc.constant('fold'), into: fc.array(place, { minLength: 1, maxLength: 3 }), monoid: fc.constantFrom(...(Object.keys(monoids) as MonoidName[])), values: fc.array(expr, { minLength: 1, maxLength: 2 }) }),
      tie('nest'),
    ) as fc.Arbitrary<Stmt>,
    nest: fc.oneof(
      fc.record({ kind: fc.constant('for'), axis: anyName, extent: index, mode, body: block }),
      fc.record({ kind: fc.constant('if'), test: expr, then: block, else: block }),
      fc.record({ kind: fc.constant('block'), outline: anyName, body: block }, { requiredKeys: ['kind', 'body'] }),
      fc.record({ kind: fc.constant('contract'), m: axes, n: axes, k: axes, a: expr, b: expr, c: anyName, init: expr, then: block }, { requiredKeys: ['kind', 'm', 'n', 'k', 'a', 'b', 'c', 'then'] }),
    ) as fc.Arbitrary<Stmt>,
  };
});

const access = fc.constantFrom<'read' | 'write' | 'update'>('read', 'write', 'update');
const kernel: fc.Arbitrary<Kernel> = fc.record({
  name: anyName, params: fc.array(fc.record({ name: anyName, dtype: stored, size: small, access }), { maxLength: 3 }), body: fc.array(stmt, { maxLength: 4 }),
});

const layout = fc.record({
  order: fc.shuffledSubarray([0, 1, 2]), strides: fc.array(small, { maxLength: 3 }), offset: small, size: small, border: small,
}, { requiredKeys: ['order', 'strides', 'offset', 'size'] });
const bufferOf = (dtype: DType): fc.Arbitrary<Buffer> => fc.record({
  dtype: fc.constant(dtype), layout, role: fc.constantFrom<Buffer['role']>('input', 'state', 'constant', 'temporary', 'output'), sameAs: anyName,
  value: fc.oneof(value, fc.array(small, { maxLength: 3 }).map((content) => typedArray(dtype, content))),
}, { requiredKeys: ['dtype', 'layout', 'role'] });

const { step } = fc.letrec<{ step: Step; nest: Step }>((tie) => {
  const steps = fc.array(tie('step'), { maxLength: 3 });
  return {
    step: fc.oneof(
      { depthSize: 'small' },
      fc.record({ kind: fc.constant('run'), kernel: anyName, args: fc.array(anyName, { maxLength: 3 }) }),
      fc.constant({ kind: 'barrier' }), tie('nest'),
    ) as fc.Arbitrary<Step>,
    nest: fc.oneof(
      fc.record({ kind: fc.constant('loop'), axis: anyName, extent: index, while: anyName, body: steps }, { requiredKeys: ['kind', 'axis', 'extent', 'body'] }),
      fc.record({ kind: fc.constant('branch'), on: anyName, cases: fc.array(steps, { maxLength: 2 }) }),
    ) as fc.Arbitrary<Step>,
  };
});

const program: fc.Arbitrary<Program> = fc.record({
  name: anyName, syms: fc.dictionary(symName, fc.oneof(small, fc.constant(Infinity))).map((d) => new Map(Object.entries(d))),
  buffers: fc.array(fc.tuple(anyName, stored.chain(bufferOf)), { maxLength: 4 }).map((entries) => new Map(entries)),
  kernels: fc.array(kernel, { maxLength: 2 }).map((ks) => new Map(ks.map((k) => [k.name, k]))),
  steps: fc.array(step, { maxLength: 3 }), inputs: fc.array(anyName, { maxLength: 2 }), outputs: fc.array(anyName, { maxLength: 2 }),
  arena: fc.record({ bytes: small, offsets: fc.array(fc.tuple(anyName, small), { maxLength: 2 }).map((entries) => new Map(entries)) }),
}, { requiredKeys: ['name', 'syms', 'buffers', 'kernels', 'steps', 'inputs', 'outputs'] });

export const arbitrary = { index, guard, expr, stmt, kernel, program };

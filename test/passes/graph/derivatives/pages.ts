import { createBuilder } from '../../../../src/ir/graph/builder.ts';
import type { Module, Node } from '../../../../src/ir/graph/syntax.ts';
import { isScalarName, scalarRow, scalars, type CustomScalar, type ScalarOp } from '../../../../src/ir/scalars.ts';
import { transformRefusals, expandTransforms } from '../../../../src/passes/graph/expandTransforms.ts';
import { derivativeOf, type Kind } from '../../../../src/testing/derivatives.ts';
import { readGraph, readGraphs, section, showModule } from '../texts.ts';
import { choices, scans, whiles } from './loopPrograms.ts';
import { groups, nearPicks, nested } from './programs.ts';

/** What a derivative becomes, or why there is none. */
const derived = (module: Module, kind: Kind): string => {
  const derivative = derivativeOf(module, kind), refusals = transformRefusals(derivative);
  return refusals.length > 0 ? refusals.map((r) => `${r.code} ${r.message}`).join('\n') : showModule(expandTransforms.run(derivative, () => undefined));
};
const entry = (name: string, module: Module): string => section(name, showModule(module), '→ reverse', derived(module, 'vjp'), '→ forward', derived(module, 'jvp'));

/** a function of floats, applied to parameters; what is no float then becomes one */
const applied = (fn: ScalarOp): Module => {
  const b = createBuilder(), { arity } = typeof fn === 'string' ? scalarRow(fn) : fn;
  const params = Array.from({ length: arity }, (_, i) => b.parameter('main', i, `x${i}`, { dtype: fn === 'select' && i === 0 ? 'bool' : 'f32', shape: [2] }));
  const y: Node = b.map(fn, params, 'f32');
  b.addGraph({ name: 'main', params, results: [b.convert(y, 'f32')] });
  return b.finish('main');
};
const swish = {
  custom: 'swish', arity: 1, domain: [-4, 4], spell: {}, evaluate: (x) => x / (1 + Math.exp(-x)),
  expand: (apply, x) => apply('mul', x, apply('logistic', x)),
} as const satisfies CustomScalar;
const softsign = {
  custom: 'softsign', arity: 1, domain: [-4, 4], spell: {}, evaluate: (x) => x / (1 + Math.abs(x)),
  expand: (apply, x) => apply('div', x, apply('add', 1, apply('abs', x))),
} as const satisfies CustomScalar;
const ratio = {
  custom: 'ratio', arity: 2, domain: [0.5, 4], spell: {}, evaluate: (x, y) => x / (x + y + 1),
  expand: (apply, x, y) => apply('div', x, apply('add', apply('add', x, y), 1)),
} as const satisfies CustomScalar;
const withPartials = { ...ratio, custom: 'ratio with partials', partials: <N>(apply: Parameters<typeof ratio.expand<N>>[0], r: N, x: N): readonly N[] => [apply('div', apply('sub', 1, r), x), apply('neg', apply('div', r, x))] } satisfies CustomScalar;
const ofOne = { ...ratio, custom: 'first', expand: (_apply, x) => x } satisfies CustomScalar;

const takesFloats = (fn: keyof typeof scalars): boolean => ['float', 'number', 'any'].includes(scalarRow(fn).takes);
const functions: readonly ScalarOp[] = [...Object.keys(scalars).filter(isScalarName).filter(takesFloats), swish, softsign, ratio, withPartials, ofOne];

/** Each page by the name of its file. */
export const pages: { readonly [file: string]: () => string } = {
  scalars: () => functions.map((fn) => entry(typeof fn === 'string' ? fn : `a user's function: ${fn.custom}`, applied(fn))).join('\n'),
  ...Object.fromEntries(Object.entries(groups).map(([file, programs]) =>
    [file, () => Object.entries(programs).map(([name, text]) => entry(name, readGraph(text))).join('\n')])),
  nearPicks: () => Object.entries(nearPicks).map(([name, text]) => section(name, showModule(readGraph(text)), '→ reverse', derived(readGraph(text), 'vjp'))).join('\n'),
  ...Object.fromEntries(Object.entries({ nested, scans, choices, whiles }).map(([file, programs]) =>
    [file, () => Object.entries(programs).map(([name, text]) => entry(name, readGraphs(text))).join('\n')])),
};

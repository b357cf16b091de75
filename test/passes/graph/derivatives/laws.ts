import { expect } from 'vitest';
import type { TensorType } from '../../../../src/core/dim.ts';
import { isFloat, typedArray, type TypedArray } from '../../../../src/core/dtype.ts';
import type { Builder } from '../../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../../src/ir/graph/builder.ts';
import { interpret } from '../../../../src/ir/graph/interpret.ts';
import type { Module, Node } from '../../../../src/ir/graph/syntax.ts';
import { inlineGraph, transcribe } from '../../../../src/ir/graph/walk.ts';
import { expandTransforms } from '../../../../src/passes/graph/expandTransforms.ts';
import { mainOf } from '../../../../src/testing/derivatives.ts';

/** A function to be differentiated: its operands, its body, and the point where it is smooth. */
export interface Sample {
  readonly types: readonly TensorType[];
  readonly body: (b: Builder, ...xs: readonly Node[]) => readonly Node[];
  readonly at: readonly (readonly number[])[];
}
export type Kind = 'vjp' | 'jvp';

export const f64 = (...shape: readonly number[]): TensorType => ({ dtype: 'f64', shape });
export const i32 = (...shape: readonly number[]): TensorType => ({ dtype: 'i32', shape });
export const count = (type: TensorType): number => type.shape.reduce<number>((n, d) => n * Number(d), 1);
/** numbers between the given ends that repeat nowhere and have no short fractions */
export const spread = (n: number, lo = -1, hi = 1, phase = 0): readonly number[] =>
  Array.from({ length: n }, (_, i) => lo + (hi - lo) * ((0.37 + phase + (i + 1) * 0.6180339887498949) % 1));

/** the main graph of a module as such a function, where whole numbers are `whole`, and truths alternate */
export const sampleOf = (module: Module, whole = 1): Sample => {
  const types = mainOf(module).params.map((p) => p.type);
  return {
    types,
    body: (b, ...xs) => { transcribe(module, b, () => undefined); return inlineGraph(b, b.graph(module.main), xs); },
    at: types.map((type, i) => (isFloat(type.dtype) ? spread(count(type), -1, 1, 0.17 * i) : Array.from({ length: count(type) }, (_, k) => (type.dtype === 'bool' ? k % 2 : (whole + k) % 3)))),
  };
};

const addBody = (b: Builder, sample: Sample): string => {
  const params = sample.types.map((type, i) => b.parameter('f', i, `x${i}`, type));
  b.addGraph({ name: 'f', params, results: sample.body(b, ...params) });
  return 'f';
};
/** the graph of a derivative: (…inputs, …seeds) → the derivatives alone */
const addDerivative = (b: Builder, kind: Kind, of: string): string => {
  const { params, results } = b.graph(of), name = `${kind}_${of}`;
  const wrt = params.flatMap((p, i) => (isFloat(p.type.dtype) ? [i] : []));
  const seeded = kind === 'vjp' ? results.filter((r) => isFloat(r.type.dtype)) : wrt.map((i) => params[i]);
  const types = [...params, ...seeded].map((node) => node.type);
  const own = types.map((type, i) => b.parameter(name, i, `x${i}`, type));
  const all = b.resultsOf(b.node('transform', { kind, graph: of, wrt }, own));
  b.addGraph({ name, params: own, results: all.slice(results.length) });
  return name;
};

export interface Program { readonly module: Module; readonly types: readonly TensorType[]; readonly results: readonly TensorType[] }
/** f differentiated by the kinds in turn, the innermost first; derivatives are expanded */
export const differentiated = (sample: Sample, kinds: readonly Kind[]): Program => {
  const b = createBuilder();
  const main = kinds.reduce((name, kind) => addDerivative(b, kind, name), addBody(b, sample));
  const module = expandTransforms.run(b.finish(main), () => undefined);
  const { params, results } = b.graph(main);
  return { module, types: params.map((p) => p.type), results: results.map((r) => r.type) };
};

const arrays = (types: readonly TensorType[], values: readonly (readonly number[])[]): readonly TypedArray[] =>
  types.map((type, i) => typedArray(type.dtype, values[i]));
export const run = ({ module, types }: Program, values: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  interpret(module, arrays(types, values)).map((r) => Array.from(r));

const dot = (xs: readonly (readonly number[])[], ys: readonly (readonly number[])[]): { readonly value: number; readonly size: number } => {
  let value = 0, size = 0;
  xs.forEach((x, i) => x.forEach((v, j) => { value += v * ys[i][j]; size += Math.abs(v * ys[i][j]); }));
  return { value, size };
};
const floatsOf = <T>(types: readonly TensorType[], values: readonly T[]): readonly T[] => values.filter((_, i) => isFloat(types[i].dtype));
const moved = (types: readonly TensorType[], at: readonly (readonly number[])[], by: readonly (readonly number[])[], h: number): readonly (readonly number[])[] => {
  let next = 0;
  return at.map((x, i) => { if (!isFloat(types[i].dtype)) return x; const v = by[next++]; return x.map((value, j) => value + h * v[j]); });
};

/** (f(x + h·v) − f(x − h·v)) / 2h, refined once by Richardson's extrapolation */
const differences = (f: Program, at: readonly (readonly number[])[], v: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const slope = (h: number): readonly (readonly number[])[] => {
    const up = run(f, moved(f.types, at, v, h)), down = run(f, moved(f.types, at, v, -h));
    return up.map((u, i) => u.map((value, j) => (value - down[i][j]) / (2 * h)));
  };
  const coarse = slope(2e-3), fine = slope(1e-3);
  return floatsOf(f.results, fine.map((row, i) => row.map((value, j) => (4 * value - coarse[i][j]) / 3)));
};

/** a function with derivatives, at its point and in some direction */
interface Along { readonly f: Program; readonly at: readonly (readonly number[])[]; readonly v: readonly (readonly number[])[] }
const alongOf = (sample: Sample, inner: readonly Kind[]): Along => {
  const f = differentiated(sample, inner), extra = f.types.slice(sample.types.length).map((type, i) => spread(count(type), -1, 1, 0.11 * (i + 1)));
  return { f, at: [...sample.at, ...extra], v: floatsOf(f.types, f.types).map((type, i) => spread(count(type), -1, 1, 0.23 * (i + 1))) };
};
/** Forward mode equals differences; gives what it computes. */
export const checkForward = (sample: Sample, inner: readonly Kind[] = []): readonly (readonly number[])[] => {
  const { f, at, v } = alongOf(sample, inner), jv = run(differentiated(sample, [...inner, 'jvp']), [...at, ...v]), expected = differences(f, at, v);
  jv.forEach((row, i) => row.forEach((value, j) => {
    const bound = 2e-7 * Math.max(1, Math.abs(expected[i][j]), ...expected[i].map(Math.abs));
    expect(Math.abs(value - expected[i][j]), `${inner.join('·')} result ${i}[${j}]: ${value}, differences ${expected[i][j]}`).toBeLessThan(bound);
  }));
  return jv;
};
/** Reverse mode is its transpose too: ⟨u, Jv⟩ = ⟨Jᵀu, v⟩. */
const checkDerivatives = (sample: Sample, inner: readonly Kind[] = []): void => {
  const { f, at, v } = alongOf(sample, inner), jv = checkForward(sample, inner), reverse = differentiated(sample, [...inner, 'vjp']);
  const u = floatsOf(f.results, f.results).map((type, i) => spread(count(type), 0.2, 1, 0.31 * (i + 1)));
  const left = dot(u, jv), right = dot(run(reverse, [...at, ...u]), v);
  expect(Math.abs(left.value - right.value), `${inner.join('·')}: ⟨u, Jv⟩ = ${left.value}, ⟨Jᵀu, v⟩ = ${right.value}`).toBeLessThan(1e-11 * Math.max(1, left.size, right.size));
};
/** The same of f, of its gradient and of its tangent: all four second derivatives. */
export const checkTwice = (sample: Sample): void => {
  checkDerivatives(sample);
  checkDerivatives(sample, ['vjp']);
  checkDerivatives(sample, ['jvp']);
};

import { range, type Bounds, type Range } from '../../core/affine.ts';
import { computedAs, isHalf, type Computed, type DType, type Half } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import type { BufferId, Expr, Kernel, Place } from '../../ir/loop/syntax.ts';
import { createIndexWriter, openScope, type IndexWriter, type LoopScope } from './indices.ts';
import { cellName, paramName } from './names.ts';

/** What a kernel allocates once and for all, before its first call. */
export interface Scratch { readonly name: string; readonly dtype: Computed; readonly size: number }
export interface Memory {
  readonly dtype: Computed;
  /** as what the numbers lie in memory */
  readonly stored: DType;
  readonly at: 'param' | 'register' | 'scratch';
  readonly name: string;
  readonly shape: readonly number[];
  /** holds numbers of its dtype, not doubles that still have to be rounded */
  readonly exact: boolean;
}
interface Local { readonly dtype: Computed; readonly depth: number; readonly exact: boolean; readonly range: Range }

/** A kernel while its text is written. */
export interface Writer {
  readonly scopes: LoopScope[];
  readonly memory: Map<BufferId, Memory>;
  readonly locals: Map<string, Local>;
  readonly axes: Map<string, Range>;
  readonly scratch: Scratch[];
  readonly helpers: Set<string>;
  readonly bounds: Bounds;
  readonly index: IndexWriter;
  readonly fresh: (prefix: string) => string;
}

export const createWriter = (kernel: Kernel, syms: ReadonlyMap<string, number>): Writer => {
  const scopes = [openScope()], locals = new Map<string, Local>(), axes = new Map<string, Range>();
  const memory = new Map(kernel.params.map((p): [string, Memory] => [p.name, { dtype: computedAs(p.dtype), stored: p.dtype, at: 'param', name: paramName(p.name), shape: [p.size], exact: true }]));
  let next = 0;
  const fresh = (prefix: string): string => `${prefix}${next++}`;
  const bounds: Bounds = (leaf) => {
    switch (leaf.kind) {
      case 'axis': return axes.get(leaf.axis) ?? { lo: 0, hi: Infinity };
      case 'size': return { lo: 0, hi: syms.get(leaf.sym) ?? Infinity };
      case 'data': return { lo: leaf.lo, hi: leaf.hi };
    }
  };
  const lies = (local: string, lo: number, hi: number): boolean => {
    const known = locals.get(local)?.range;
    return known !== undefined && known.lo >= lo && known.hi <= hi;
  };
  const index = createIndexWriter({ scopes, bounds, lies, fresh: () => fresh('p'), depthOf: (local) => locals.get(local)?.depth ?? 0 });
  return { scopes, memory, locals, axes, scratch: [], helpers: new Set(), bounds, index, fresh };
};

const depth = (w: Writer): number => w.scopes.length - 1;
export const put = (w: Writer, line: string): void => { w.scopes[depth(w)].lines.push(line); };
/** the lines of a scope that is open while `body` writes them */
export const within = (w: Writer, axis: string | undefined, body: () => void): readonly string[] => {
  const scope = openScope(axis);
  w.scopes.push(scope);
  body();
  w.scopes.pop();
  return [...scope.lines, ...scope.advances].map((line) => `  ${line}`);
};

const memoryOf = (w: Writer, buffer: BufferId): Memory => {
  const memory = w.memory.get(buffer);
  invariant(memory !== undefined, `no buffer ${buffer}`);
  return memory;
};

/** what is stored at a place, as a number of the dtype that it is computed as */
export const loadText = (w: Writer, place: Place): string => {
  const { stored } = memoryOf(w, place.buffer), text = placeText(w, place);
  return isHalf(stored) ? `${helped(w, decoders[stored])}(${text})` : text;
};
/** a statement that stores it */
export const storeText = (w: Writer, place: Place, value: string): string => {
  const { stored } = memoryOf(w, place.buffer);
  return `${placeText(w, place)} = ${isHalf(stored) ? `${helped(w, encoders[stored])}(${value})` : value};`;
};
export const isHalfPlace = (w: Writer, { buffer }: Place): boolean => isHalf(memoryOf(w, buffer).stored);
const helped = (w: Writer, helper: string): string => { w.helpers.add(helper); return helper; };
const decoders: { readonly [D in Half]: string } = { f16: 'fromF16', bf16: 'fromBF16' }, encoders: { readonly [D in Half]: string } = { f16: 'toF16', bf16: 'toBF16' };
/** a number rounded to one that a half can hold */
export const roundedToHalf = (w: Writer, dtype: Half, text: string): string => `${helped(w, decoders[dtype])}(${helped(w, encoders[dtype])}(${text}))`;

export const placeText = (w: Writer, { buffer, at }: Place): string => {
  const memory = memoryOf(w, buffer);
  if (memory.at === 'param') return `${memory.name}[${w.index.text(at[0])}]`;
  if (memory.at === 'register') {
    invariant(at.every((index) => index.terms.length === 0), `the register ${buffer} is indexed by a variable`);
    return cellName(memory.name, at.map((index) => index.bias));
  }
  const strides = memory.shape.map((_, d) => memory.shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const bias = at.reduce((sum, index, d) => sum + index.bias * strides[d], 0);
  return `${memory.name}[${w.index.text({ bias, terms: at.flatMap((index, d) => index.terms.map(({ by, of }) => ({ by: by * strides[d], of }))) })}]`;
};

export const dtypeOf = (w: Writer, e: Expr): Computed => {
  switch (e.kind) {
    case 'const': case 'index': return e.dtype;
    case 'apply': return computedAs(e.dtype);
    case 'guard': return 'bool';
    case 'load': return memoryOf(w, e.from.buffer).dtype;
    case 'local': return w.locals.get(e.local)?.dtype ?? 'f32';
  }
};

/** Whether the value is a number of its dtype already, not a double that still has to be rounded. */
export const isExact = (w: Writer, e: Expr): boolean => {
  switch (e.kind) {
    case 'const': return e.dtype !== 'f32' || Object.is(Math.fround(e.value), e.value);
    case 'index': return e.dtype !== 'f32';
    case 'guard': return true;
    case 'load': return memoryOf(w, e.from.buffer).exact && (e.guard.length === 0 || isExact(w, e.other));
    case 'local': return w.locals.get(e.local)?.exact ?? false;
    case 'apply': {
      if (e.dtype !== 'f32') return true;
      if (e.fn === 'reducePrecision' || (e.fn === 'convert' && dtypeOf(w, e.args[0]) !== 'f32')) return true;
      return chooses(e) && e.args.slice(e.fn === 'select' ? 1 : 0).every((x) => isExact(w, x));
    }
  }
};
/** functions whose result is one of their operands, or its negative */
const chooses = ({ fn }: Extract<Expr, { kind: 'apply' }>): boolean =>
  fn === 'select' || fn === 'max' || fn === 'min' || fn === 'neg' || fn === 'abs' || fn === 'convert' || fn === 'stopGradient';

/** an interval that holds the integer */
const integerRange = (w: Writer, e: Expr): Range => {
  const anything = { lo: -Infinity, hi: Infinity };
  switch (e.kind) {
    case 'const': return { lo: e.value, hi: e.value };
    case 'index': return range(e.index, w.bounds);
    case 'local': return w.locals.get(e.local)?.range ?? anything;
    case 'guard': return { lo: 0, hi: 1 };
    case 'load': return anything;
    case 'apply': {
      if (e.fn !== 'max' && e.fn !== 'min') return anything;
      const choose = Math[e.fn], [a, b] = e.args.map((arg) => integerRange(w, arg));
      return { lo: choose(a.lo, b.lo), hi: choose(a.hi, b.hi) };
    }
  }
};

export const declareLocal = (w: Writer, local: string, e: Expr): void => {
  const dtype = dtypeOf(w, e);
  w.locals.set(local, { dtype, depth: depth(w), exact: isExact(w, e), range: dtype === 'i32' || dtype === 'u32' ? integerRange(w, e) : { lo: -Infinity, hi: Infinity } });
};

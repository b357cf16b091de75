import * as E from 'fp-ts/lib/Either.js';
import { isNonEmpty } from 'fp-ts/lib/ReadonlyArray.js';
import { isSym, type TensorType } from '../../core/dim.ts';
import type { Diagnostic, Result } from '../../core/diagnostic.ts';
import type { TypedArray } from '../../core/dtype.ts';
import { kindOf } from '../../core/kind.ts';
import { placeOf } from '../../core/place.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Module } from '../../ir/graph/syntax.ts';
import { problem } from '../codes.ts';
import type { Expr, Source, Traced } from '../expr.ts';
import { isKey, recordOf, trace } from '../functions.ts';
import { large } from '../ndarray.ts';
import { leavesOf } from '../tree.ts';
import type { Fn } from '../types/functions.ts';
import { isBad } from '../dimArithmetic.ts';
import { bindType, dimBinder, type DimBindings } from './bind.ts';
import { writeGraph, type Context } from './build.ts';
import { capturing } from './captures.ts';
import { everything, inspect, located } from './inspect.ts';
import { namesIn } from './names.ts';

export interface LowerOptions {
  /** what the named dimensions stand for */
  readonly dims?: DimBindings;
  /** names without a size stay as they are, rather than being a diagnostic; `later`, what their sizes may yet allow is none either, and the module is none to run */
  readonly open?: boolean | 'later';
  /** whether a key that two draws use is a diagnostic; it is, by default */
  readonly checkKeys?: boolean;
}
/** A leaf of the arguments or of the results. */
export interface LeafType { readonly path: readonly string[]; readonly name: string; readonly type: TensorType; readonly isKey: boolean }
/** A function as a module of the graph IR. */
export interface Lowered {
  readonly module: Module;
  /** in the order of the module's parameters; the first step of a path is the argument's place */
  readonly params: readonly LeafType[];
  /** in the order of the module's results */
  readonly outputs: readonly LeafType[];
  /** the tree of results, as expressions: to be filled with what a run gives */
  readonly results: unknown;
  /** the example that the arguments must be like */
  readonly example: readonly unknown[];
  readonly warnings: readonly Diagnostic[];
  /** the named dimensions that it has, for sizes to be given to; asked for only where there are sizes */
  readonly dimNames: () => readonly string[];
  /** whether a name without a size stayed as it is */
  readonly isOpen: boolean;
}

/**
 * A function as graph IR: everything that is wrong with it, each with the place where it was written, or the module.
 * @example lower(fn([f32(['batch', 3])], (x) => sum(x)), { dims: { batch: 4 } })
 */
export const lower = (f: unknown, options: LowerOptions = {}): Result<Lowered> => {
  const record = recordOf(f);
  if (record === undefined) return E.left([located(problem('trees', 'lower: not a function made by fn', { hint: 'fn([example, …], body)' }), { trace: {} })]);
  return lowerTraced(record.traced, record.example, record.result, options);
};
/**
 * A function as a module of the graph IR, for those who want to see it or to run passes on it. Named dimensions stay open
 * unless `dims` gives their sizes. What is wrong with the function is FX1nnn.
 * @example printModule(orThrow(lowerModule(fn([f32(['n', 3])], (x) => sum(x, -1)))))
 */
export const lowerModule = <A extends readonly unknown[], R>(f: Fn<A, R>, options: LowerOptions = {}): Result<Module> =>
  E.map((lowered: Lowered) => lowered.module)(lower(f, { open: true, ...options }));
/** Expressions that depend on no input, as a module without parameters. */
export const lowerClosed = (tree: unknown, options: LowerOptions = {}): Result<Lowered> => {
  const { traced, result } = trace('main', [], () => tree);
  return lowerTraced(traced, [], result, options);
};

const lowerTraced = (main: Traced, example: readonly unknown[], results: unknown, options: LowerOptions): Result<Lowered> => {
  const exprs = everything(main), unsized = bindingProblems(options.dims ?? {}), isUnsized = unsized.length > 0;
  const found: Diagnostic[] = [...inspect(main, exprs, options.checkKeys ?? true), ...unsized];
  const unbound = new Set<string>(), isOpen = options.open === true || options.open === 'later' || isUnsized;
  const bind = dimBinder(isUnsized ? {} : options.dims ?? {}, isOpen ? (dim): void => { unbound.add(dim); } : undefined, options.open === 'later');
  found.push(...unboundNames([...main.params, ...exprs.filter((e) => !e.poisoned)], bind));
  if (isNonEmpty(found)) return E.left(found);
  const b = createBuilder();
  const c: Context = {
    b, later: options.open === 'later', bindType: (t) => bindType(t, bind), capturesOf: capturing(), graphs: new Map(), shared: new Map(), data: new Map<Source, TypedArray>(),
    report: (p, e) => { found.push(located(p, e.origin)); },
  };
  const name = writeGraph(c, main, [], main.params.length);
  if (isNonEmpty(found)) return E.left(found);
  if (name === undefined) return E.left([located(problem('value', `'${main.name}' cannot be lowered`), { trace: {} })]);
  const graph = b.graph(name), outputs = leavesOf(results);
  return E.right({
    module: b.finish(name), results, example, warnings: largeConstants(exprs), dimNames: () => namesIn([...main.params, ...exprs]), isOpen: unbound.size > 0,
    params: leavesOf(example).map(({ path }, i) => leafType(path, main.params[i].attrs.name, graph.params[i].type, main.params[i])),
    outputs: outputs.map(({ path, expr }, i) => leafType(path, path.join('.'), graph.results[i].type, expr)),
  });
};
const leafType = (path: readonly string[], name: string, type: TensorType, e: Expr): LeafType => ({ path, name, type, isKey: isKey(e) });

const bindingProblems = (dims: DimBindings): readonly Diagnostic[] => Object.entries(dims).flatMap(([name, d]: readonly [string, unknown]) => {
  const size = typeof d === 'object' && d !== null && 'max' in d ? d.max : d;
  return Number.isInteger(size) && Number(size) >= 0 ? [] : [located(problem('binding', `dims: '${name}' must be a size, but is ${kindOf(size)}`, { hint: `dims: { ${name}: 32 } or { ${name}: { max: 128 } }` }), { trace: {} })];
});

/** each name once, where it first stands; and what its names make impossible */
const unboundNames = (exprs: readonly Expr[], bind: ReturnType<typeof dimBinder>): readonly Diagnostic[] => {
  const told = new Set<string>();
  return exprs.flatMap((e) => e.type.shape.flatMap((d) => {
    const bound = bind(d);
    if (!isSym(d) || !isBad(bound) || bound.unbound === undefined || told.has(bound.unbound)) return [];
    told.add(bound.unbound);
    return [located(problem('symbol', bound.wrong, { hint: `dims: { ${bound.unbound}: 32 } or { ${bound.unbound}: { max: 128 } }` }), e.origin)];
  }));
};

const largeConstants = (exprs: readonly Expr[]): readonly Diagnostic[] => exprs.flatMap((e) => {
  if (e.op !== 'constant' || typeof e.attrs.value === 'number') return [];
  const size = e.shape.reduce<number>((n, d) => n * Number(d), 1);
  if (size < large) return [];
  const place = placeOf(e.origin);
  return [{ code: 'FX1026', severity: 'warning', message: `an array of ${size} elements is part of the program`, ...(place && { place }), hint: 'pass it as an argument' }];
});

import { isFloat, typedArray, type TypedArray } from '../core/dtype.ts';
import { diagnostic, type Diagnostic } from '../core/diagnostic.ts';
import type { Module } from '../ir/graph/syntax.ts';
import { undifferentiable } from '../passes/graph/expandTransforms.ts';
import { codes } from './codes.ts';
import { derivativeOf, floatPlaces, mainOf, meaningOf, sizeOfNode, weights } from './derivatives.ts';
import { slopeOf, weighted, type Line } from './differences.ts';
import { generator } from './random.ts';

export interface DerivativeOptions {
  /** 1: the gradient; 2: also the gradient's own derivatives. 1 unless told otherwise */
  readonly order?: 1 | 2;
  /** the largest difference allowed, relative to the sum of the terms' magnitudes; 1e-6 */
  readonly rtol?: number;
  /** how many elements of each input are tried; 32, spread over the input by `seed` */
  readonly elements?: number;
  readonly seed?: number;
}
/** What was compared. */
export interface DerivativeReport {
  /** elements of gradients that were compared with differences */
  readonly compared: number;
  /** elements that lie at a kink, or where a step leaves the domain: differences say nothing there */
  readonly skipped: number;
  /** the largest difference found, relative to the sum of the terms' magnitudes */
  readonly worst: number;
  /** whether there is a forward mode to compare with; a function with a reverse rule of its own may have none */
  readonly forward: boolean;
}

/** The derivatives of a module's main graph at a point: a report, or what is wrong with them. */
export const checkModule = (module: Module, args: readonly TypedArray[], { order = 1, ...options }: DerivativeOptions = {}): DerivativeReport | readonly Diagnostic[] => {
  const wide = args.map((a, i) => (isFloat(mainOf(module).params[i].type.dtype) ? typedArray('f64', a) : a));
  const wrt = floatPlaces(mainOf(module).params), first = checkAt(module, wide, wrt, options, 'derivative');
  if (order === 1 || !('compared' in first)) return first;
  const second = checkAt(derivativeOf(module, 'vjp', wrt), [...wide, ...cotangents(module)], wrt, options, 'second derivative');
  if (!('compared' in second)) return second;
  return {
    compared: first.compared + second.compared, skipped: first.skipped + second.skipped,
    worst: Math.max(first.worst, second.worst), forward: first.forward && second.forward,
  };
};

const cotangents = (module: Module): readonly Float64Array[] => {
  const { results } = mainOf(module);
  return floatPlaces(results).map((i) => weights(sizeOfNode(results[i]), i + 1));
};

/** A function at a point, with its derivatives in both modes. */
interface Point {
  readonly args: readonly TypedArray[];
  readonly wrt: readonly number[];
  /** the weights that the results are summed with */
  readonly u: readonly Float64Array[];
  /** the float results */
  readonly value: (args: readonly TypedArray[]) => readonly TypedArray[];
  /** of the sum of the results, one for each of `wrt` */
  readonly gradients: readonly TypedArray[];
  /** the change of the float results along one element, where there is a forward mode */
  readonly column: ((k: number, index: number) => readonly TypedArray[]) | undefined;
}
const pointOf = (module: Module, args: readonly TypedArray[], wrt: readonly number[]): Point | readonly Diagnostic[] => {
  const reverse = derivativeOf(module, 'vjp', wrt), refused = undifferentiable(reverse);
  if (refused.length > 0) return refused;
  const u = cotangents(module), zeros = wrt.map((i) => new Float64Array(args[i].length));
  const jvp = derivativeOf(module, 'jvp', wrt), forward = undifferentiable(jvp).length === 0 ? meaningOf(jvp) : undefined;
  const column = forward && ((k: number, index: number): readonly TypedArray[] => forward([...args, ...zeros.map((z, j) => (j === k ? oneAt(z.length, index) : z))]));
  return { args, wrt, u, value: floatsOf(mainOf(module).results, meaningOf(module)), gradients: meaningOf(reverse)([...args, ...u]), column };
};

type Verdict = { readonly skipped: true } | { readonly skipped: false; readonly off: number };
const checkAt = (module: Module, args: readonly TypedArray[], wrt: readonly number[], { rtol = 1e-6, elements = 32, seed = 1 }: DerivativeOptions, what: string): DerivativeReport | readonly Diagnostic[] => {
  const point = pointOf(module, args, wrt), random = generator(seed), found: Diagnostic[] = [], verdicts: Verdict[] = [];
  if (!('column' in point)) return point;
  for (const [k, place] of wrt.entries()) for (const index of chosen(args[place].length, elements, random)) {
    const said = `the ${what} for element ${index} of '${mainOf(module).params[place].attrs.name}'`;
    found.push(...unlikeForward(point, k, index, rtol, said));
    const { verdict, wrong } = againstDifferences(point, k, index, rtol, said);
    verdicts.push(verdict);
    found.push(...wrong);
  }
  if (found.length > 0) return found;
  const judged = verdicts.flatMap((v) => (v.skipped ? [] : [v.off]));
  return { compared: judged.length, skipped: verdicts.length - judged.length, worst: judged.reduce((m, x) => Math.max(m, x), 0), forward: point.column !== undefined };
};

const unlikeForward = ({ u, gradients, column }: Point, k: number, index: number, rtol: number, said: string): readonly Diagnostic[] => {
  if (column === undefined) return [];
  const rows = column(k, index), forward = weighted(rows, u), reverse = gradients[k][index];
  const near = Object.is(forward, reverse) || Math.abs(forward - reverse) <= rtol * weighted(rows, u, Math.abs);
  return near ? [] : [wrong('forward', `${said} is ${reverse} in reverse mode, but ${forward} in forward mode`)];
};
const againstDifferences = ({ args, wrt, u, value, gradients }: Point, k: number, index: number, rtol: number, said: string): { readonly verdict: Verdict; readonly wrong: readonly Diagnostic[] } => {
  const place = wrt[k], reverse = gradients[k][index];
  const line: Line = (t) => value(args.map((a, i) => (i === place ? moved(a, index, t) : a)));
  const slope = slopeOf(line, u, Math.max(1, Math.abs(args[place][index])), rtol);
  if (!slope.isSmooth) return { verdict: { skipped: true }, wrong: [] };
  const off = Math.abs(slope.value - reverse), near = off <= rtol * slope.size + slope.error;
  return { verdict: { skipped: false, off: slope.size === 0 ? 0 : off / slope.size }, wrong: near ? [] : [wrong('differences', `${said} is ${reverse}, but ${slope.value} by differences`)] };
};

const wrong = (code: keyof typeof codes, message: string): Diagnostic =>
  diagnostic(codes[code], message, { hint: 'numbers are of the sum of all results with fixed weights' });
const oneAt = (n: number, index: number): Float64Array => { const v = new Float64Array(n); v[index] = 1; return v; };
const moved = (a: TypedArray, index: number, t: number): TypedArray => { const v = typedArray('f64', a); v[index] += t; return v; };
const floatsOf = (results: Parameters<typeof floatPlaces>[0], run: (args: readonly TypedArray[]) => readonly TypedArray[]): typeof run => {
  const places = floatPlaces(results);
  return (args) => { const all = run(args); return places.map((i) => all[i]); };
};
/** all places, or some of them */
const chosen = (n: number, most: number, random: () => number): readonly number[] => {
  if (n <= most) return Array.from({ length: n }, (_, i) => i);
  const places = new Set<number>();
  while (places.size < most) places.add(Math.floor(random() * n));
  return [...places].sort((p, q) => p - q);
};

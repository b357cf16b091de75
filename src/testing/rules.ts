import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { diagnostic, type Diagnostic, type Result } from '../core/diagnostic.ts';
import { typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { InternalError } from '../core/invariant.ts';
import { diagnosticsOf } from '../core/render.ts';
import { interpret } from '../ir/graph/interpret.ts';
import type { Module } from '../ir/graph/syntax.ts';
import { verify } from '../ir/graph/verify.ts';
import { rewrite, type Rule } from '../passes/graph/rewrite.ts';
import { programs, programText } from './arbitraries.ts';
import { codes } from './codes.ts';
import { mainOf, sizeOfNode } from './derivatives.ts';
import { generator } from './random.ts';
import { programsFor, type Program } from './rulePrograms.ts';

export interface RuleCheckOptions {
  /** how many programs are made of the rule's own terms for each dtype that it fits, or of each of its examples; 6 */
  readonly runs?: number;
  /** how many random programs it is tried on besides; 100 */
  readonly programs?: number;
  readonly seed?: number;
}
export interface RuleReport {
  /** programs that the rule changed and that still mean the same: of its own terms, and random ones */
  readonly own: number;
  readonly random: number;
}

/**
 * Checks a rewrite rule: on programs made of its own left side (a law) or of its examples, and on random programs, what it
 * rewrites must compute the same. Rules of class `exact` must keep every bit, also of NaN, infinities and zeros, in single
 * and in double precision; the others must keep the value.
 *
 * A rule that changes the meaning is FX8010, with the smallest program found that shows it; one that never fires on its own
 * programs is FX8011; one that gives another type, or rewrites for ever, is FX8012.
 *
 * @example
 * const twice = rule('x + x = 2x', (p, x) => p.map('add', x, x), (p, x) => p.map('mul', x, 2), { class: 'exact' });
 * orThrow(checkRule(twice));
 */
export const checkRule = (rule: Rule, { runs = 6, programs: many = 100, seed = 7 }: RuleCheckOptions = {}): Result<RuleReport> => {
  const random = generator(seed), own = Array.from({ length: runs }, () => programsFor(rule, random)).flat();
  if (own.length === 0) return E.left([diagnostic(codes.idle, `checkRule: there is no program to try '${rule.name}' on`, { hint: 'its left side fits no dtype, or its condition never holds; a procedural rule needs examples' })]);
  const failures = own.flatMap((program) => { const d = effectOf(rule, program); return d.kind === 'wrong' ? [{ program, ...d }] : []; });
  if (failures.length > 0) return E.left([toldOf(rule, smallest(failures.map((f) => f.program)))]);
  const fired = own.filter((program) => effectOf(rule, program).kind === 'kept').length;
  if (fired < own.length) return E.left([diagnostic(codes.idle, `checkRule: '${rule.name}' leaves ${own.length - fired} of ${own.length} programs as they are that it should change`)]);
  return onRandomPrograms(rule, many, seed, fired);
};

const onRandomPrograms = (rule: Rule, numRuns: number, seed: number, own: number): Result<RuleReport> => {
  let random = 0;
  const found = fc.check(fc.property(programs(), (program) => {
    const { kind } = effectOf(rule, program);
    if (kind === 'kept') random++;
    return kind !== 'wrong';
  }), { numRuns, seed });
  return found.counterexample === null ? E.right({ own, random }) : E.left([toldOf(rule, found.counterexample[0])]);
};

type Effect = { readonly kind: 'kept' | 'idle' } | { readonly kind: 'wrong'; readonly code: keyof typeof codes; readonly message: string };
/** what the rule does to a program */
const effectOf = (rule: Rule, { module, args }: Program): Effect => {
  let count = 0;
  try {
    const after = rewrite(rule.name, [rule]).run(module, () => { count++; }), [malformed] = verify(after);
    if (malformed !== undefined) return { kind: 'wrong', code: 'illTyped', message: malformed };
    const changed = count === 0 ? undefined : difference(rule, module, after, args);
    return changed === undefined ? { kind: count === 0 ? 'idle' : 'kept' } : { kind: 'wrong', code: 'meaning', message: changed };
  } catch (error) {
    const [said] = diagnosticsOf(error) ?? [];
    if (said !== undefined) return { kind: 'wrong', code: 'illTyped', message: said.message };
    if (error instanceof InternalError) return { kind: 'wrong', code: 'illTyped', message: error.message.replace(/^internal error: /, '') };
    throw error;
  }
};
/** how far values may lie apart that are not the same bits, relative to 1 + |x| */
const tolerances = [['f64', 1e-6], ['native', 1e-4]] as const;
const difference = (rule: Rule, before: Module, after: Module, args: readonly TypedArray[]): string | undefined => {
  for (const [precision, tolerance] of tolerances) {
    const [wanted, got] = [before, after].map((m) => interpret(m, args, { precision }));
    for (const [r, values] of wanted.entries()) for (const [i, x] of values.entries()) {
      const y = got[r][i], isClose = rule.class !== 'exact' && (!Number.isFinite(x) || Math.abs(x - y) <= tolerance * (1 + Math.abs(x)));
      if (!Object.is(x, y) && !isClose) return `element ${i} of result ${r} is ${show(x)}, but becomes ${show(y)} (${precision === 'f64' ? 'in double precision' : 'in the precision of its dtype'})`;
    }
  }
  return undefined;
};
const show = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

const weight = ({ module, args }: Program): number => args.reduce((n, a) => n + a.length, mainOf(module).results.reduce((n, r) => n + sizeOfNode(r), 0));
const smallest = (all: readonly Program[]): Program => all.reduce((a, b) => (weight(b) < weight(a) ? b : a));
/** the rule, what it does wrong, and a program that shows it, its numbers made as plain as they can be */
const toldOf = (rule: Rule, program: Program): Diagnostic => {
  const plain = simplified(program, (p) => effectOf(rule, p).kind === 'wrong'), effect = effectOf(rule, plain);
  if (effect.kind !== 'wrong') throw new InternalError(`internal error: '${rule.name}' fails no more`);
  const what = effect.code === 'meaning' ? `the rule '${rule.name}' (${rule.class}) changes the meaning: ${effect.message}` : effect.message;
  return diagnostic(codes[effect.code], what, { hint: `a program that shows it:\n${programText(plain)}` });
};
const plainNumbers = [1, 0, 2, -1, 0.5, -0];
const simplified = (program: Program, fails: (p: Program) => boolean): Program => {
  let best = program;
  for (const [k, arg] of program.args.entries()) for (let i = 0; i < arg.length; i++) {
    const tries = plainNumbers.map((x): Program => ({ ...best, args: best.args.map((a, j) => (j === k ? withElement(a, i, x, mainOf(best.module).params[k].type.dtype) : a)) }));
    best = tries.find(fails) ?? best;
  }
  return best;
};
const withElement = (a: TypedArray, i: number, x: number, dtype: DType): TypedArray => { const copy = typedArray<DType>(dtype, a); copy[i] = x; return copy; };

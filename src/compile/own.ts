import { sameType, type TensorType } from '../core/dim.ts';
import { diagnostic, type DiagnosticDetails } from '../core/diagnostic.ts';
import { kindOf } from '../core/kind.ts';
import { placeOf } from '../core/place.ts';
import { diagnosticError, diagnosticsOf } from '../core/render.ts';
import type { Module } from '../ir/graph/syntax.ts';
import { verify } from '../ir/graph/verify.ts';
import { verifyProgram } from '../ir/loop/verify.ts';
import type { Rule } from '../passes/graph/rewrite.ts';
import type { Schedule } from '../passes/loop/choices.ts';
import type { LoopPass } from '../passes/loop/pipeline.ts';
import type { Pass } from '../passes/pass.ts';
import type { FusionRule } from '../passes/plan/fusion.ts';

/**
 * What users bring into a compilation, so that a mistake in it is told by its name: what it throws, and where it gives
 * something else than it should. The types say the second too; the passes' results are looked into as well.
 */
export const ownRules = (rules: unknown): readonly Rule[] => listOf('rules', rules, isRule, 'a rule: rule(name, left, right, …)')
  .map((rule) => ({ ...rule, apply: (node, b) => run(`the rule '${rule.name}'`, () => rule.apply(node, b), (made) => (made === undefined || isNode(made) ? undefined : `${kindOf(made)}, not a node`)) }));

export const ownFusions = (fusions: unknown): readonly FusionRule[] => listOf('fusions', fusions, isFusionRule, 'a fusion rule: fusionRule(name, decide)')
  .map((rule) => ({ ...rule, decide: (merge) => run(`the fusion rule '${rule.name}'`, () => rule.decide(merge), (made) => (made === undefined || isDecision(made) ? undefined : `${kindOf(made)}, not { merge, because }`)) }));

export const ownSchedules = (schedules: unknown): readonly Schedule[] => listOf('schedules', schedules, isSchedule, 'a schedule: schedule(kernel, choices)').map((schedule) => {
  const { of } = schedule;
  return typeof of === 'string' ? schedule : { ...schedule, of: (kernel) => run(`the function of a schedule, of ${kernel.name},`, () => of(kernel), (made) => (typeof made === 'boolean' ? undefined : `${kindOf(made)}, not true or false`)) };
});

/** the graph passes that were made of the defaults */
export const ownPasses = (defaults: readonly Pass[], choose: (defaults: readonly Pass[]) => unknown): readonly Pass[] => listOf('passes', run('passes', () => choose(defaults)), isPass, 'a pass: { name, run }')
  .map((pass) => (defaults.includes(pass) ? pass : { name: pass.name, run: (module, fired) => run(`the pass '${pass.name}'`, () => pass.run(module, fired), (made) => moduleProblem(module, made)) }));

/** the loop passes that were made of the defaults */
export const ownLoopPasses = (choose: (defaults: readonly LoopPass[]) => unknown) => (defaults: readonly LoopPass[]): readonly LoopPass[] => listOf('loopPasses', run('loopPasses', () => choose(defaults)), isLoopPass, 'a loop pass: { name, run, gives }')
  .map((pass) => (defaults.includes(pass) ? pass : { ...pass, run: (program, target) => run(`the loop pass '${pass.name}'`, () => pass.run(program, target), (made) => programProblem(pass, made)) }));

/** Runs what a user wrote. `problem` says what is wrong with what it gives, to stand after 'gives'. */
const run = <A>(what: string, of: () => A, problem: (made: unknown) => string | undefined = () => undefined): A => {
  let wrong: string | undefined;
  try {
    const made = of();
    wrong = problem(made);
    if (wrong === undefined) return made;
  } catch (error) {
    if (diagnosticsOf(error) !== undefined) throw error;
    const place = error instanceof Error ? placeOf({ trace: error }) : undefined;
    return refuse(`${what} throws: ${error instanceof Error ? error.message : String(error)}`, place && { place });
  }
  return refuse(`${what} gives ${wrong}`);
};
const refuse = (message: string, details?: DiagnosticDetails): never => { throw diagnosticError([diagnostic('FX3203', message, details)]); };

const listOf = <A>(option: string, given: unknown, isOne: (x: unknown) => x is A, wanted: string): readonly A[] => {
  if (!Array.isArray(given)) return refuse(`${option} gives ${kindOf(given)}, not a list`);
  const all: readonly unknown[] = given, wrong = all.findIndex((x) => !isOne(x));
  return wrong < 0 ? all.filter(isOne) : refuse(`${option}: number ${wrong} is ${kindOf(all[wrong])}, not ${wanted}`);
};

const has = <K extends string>(x: unknown, ...keys: readonly K[]): x is Readonly<Record<K, unknown>> => typeof x === 'object' && x !== null && keys.every((k) => k in x);
const isNamed = (x: unknown, f: string): boolean => has(x, 'name') && typeof x.name === 'string' && has(x, f) && typeof x[f] === 'function';
const isRule = (x: unknown): x is Rule => isNamed(x, 'apply') && has(x, 'heads') && Array.isArray(x.heads);
const isFusionRule = (x: unknown): x is FusionRule => isNamed(x, 'decide');
const isPass = (x: unknown): x is Pass => isNamed(x, 'run');
const isLoopPass = (x: unknown): x is LoopPass => isPass(x) && has(x, 'gives') && typeof x.gives === 'string';
const isSchedule = (x: unknown): x is Schedule => has(x, 'of', 'choices') && (typeof x.of === 'string' || typeof x.of === 'function') && has(x.choices);
const isDecision = (x: unknown): boolean => has(x, 'merge') && typeof x.merge === 'boolean';
const isNode = (x: unknown): boolean => has(x, 'op', 'inputs', 'results');
const isModule = (x: unknown): x is Module => has(x, 'main', 'graphs') && x.graphs instanceof Map;

const moduleProblem = (before: Module, made: unknown): string | undefined => {
  if (!isModule(made)) return `${kindOf(made)}, not a module`;
  const [malformed] = verify(made);
  if (malformed !== undefined) return `a module that is not well-formed: ${malformed}`;
  return made.main === before.main && alike(signatureOf(before), signatureOf(made)) ? undefined : `a module whose '${made.main}' takes or gives other types than '${before.main}' did`;
};
const signatureOf = ({ main, graphs }: Module): readonly (readonly TensorType[])[] => [graphs.get(main)?.params ?? [], graphs.get(main)?.results ?? []].map((nodes) => nodes.map((n) => n.type));
const alike = (a: readonly (readonly TensorType[])[], b: readonly (readonly TensorType[])[]): boolean => a.every((types, i) => types.length === b[i].length && types.every((t, j) => sameType(t, b[i][j])));

const programProblem = (pass: LoopPass, made: unknown): string | undefined => {
  if (!has(made, 'kernels', 'steps', 'buffers')) return `${kindOf(made)}, not a program`;
  // SAFETY: what has these is a program, or the verifier says by which of its parts it is none
  const [problem] = verifyProgram(made as unknown as Parameters<typeof verifyProgram>[0], pass.gives);
  return problem && `a program that is not well-formed (${problem.code}): ${problem.message}`;
};

import * as E from 'fp-ts/lib/Either.js';
import type { LoopBackend } from '../backends/backend.ts';
import { defaultBackend } from '../backends/defaultBackend.ts';
import { stageOptions } from '../compile/prepare.ts';
import { stagesOf, type Stages } from '../compile/stages.ts';
import { optionProblems } from '../compile/takes.ts';
import type { CompileOptions } from '../compile/options.ts';
import type { Result } from '../core/diagnostic.ts';
import { attempt } from '../core/render.ts';
import { lower, type Lowered } from '../expr/lower/lower.ts';
import { printModule } from '../ir/graph/print.ts';
import { printProgram } from '../ir/loop/print.ts';
import type { Target } from '../ir/target.ts';
import { printPlan } from '../passes/plan/print.ts';

export interface InspectOptions extends Pick<CompileOptions, 'dims' | 'donate' | 'rules' | 'passes' | 'fusions' | 'schedules' | 'loopPasses' | 'fastMath' | 'checkKeys'> {
  /** `defaultBackend` unless told otherwise */
  readonly backend?: LoopBackend;
  /** milliseconds; without it no times are taken */
  readonly clock?: () => number;
}

/** One step of a compilation: what it is called, what it took, the rules that fired and how often, and what it gave. */
export interface Step { readonly name: string; readonly kind: 'graph' | 'plan' | 'loop' | 'source'; readonly ms: number; readonly fired: ReadonlyMap<string, number>; readonly text: string; readonly changed: boolean }
export interface Trace { readonly steps: readonly Step[]; readonly text: string }

/** A function on its way through the compiler, with everything that stands between expression and text. */
export interface Inspected { readonly lowered: Lowered; readonly target: Target; readonly stages: Stages; readonly steps: readonly Step[] }

const none: ReadonlyMap<string, number> = new Map();
export const inspected = (f: unknown, options: InspectOptions): Result<Inspected> => {
  const { dims = {}, donate = [], backend = defaultBackend(), clock } = options;
  const lowered = lower(f, { dims, checkKeys: options.checkKeys ?? true });
  if (E.isLeft(lowered)) return lowered;
  const [refused, ...more] = optionProblems(lowered.right, options);
  if (refused !== undefined) return E.left([refused, ...more]);
  const steps: Step[] = [{ name: 'lower', kind: 'graph', ms: 0, fired: none, text: printModule(lowered.right.module), changed: true }], loops: Step[] = [];
  const leaves = lowered.right.params.map(({ name, path, type, isKey }) => ({ name, path, type, isKey, donated: donate.includes(Number(path[0])) }));
  const made = attempt(() => stagesOf(lowered.right.module, backend, {
    ...stageOptions(options, leaves), ...(clock && { clock }),
    trace: ({ pass, ms, after, fired }) => { steps.push(step('graph', pass, ms, fired, printModule(after), steps.at(-1))); },
    traceLoops: ({ pass, ms, after }) => { loops.push(step('loop', pass, clock === undefined ? 0 : ms, none, printProgram(after), loops.at(-1))); },
  }));
  if (E.isLeft(made)) return made;
  const stages = made.right;
  const [wrong, ...others] = stages.problems;
  if (wrong !== undefined) return E.left([wrong, ...others]);
  steps.push({ name: 'plan', kind: 'plan', ms: 0, fired: none, text: printPlan(stages.plan, { why: true }), changed: true });
  steps.push({ name: 'realise', kind: 'loop', ms: 0, fired: none, text: printProgram(stages.naive), changed: true }, ...loops);
  for (const [file, text] of Object.entries(stages.artifact.files)) steps.push({ name: file, kind: 'source', ms: 0, fired: none, text, changed: true });
  return E.right({ lowered: lowered.right, target: backend.target, stages, steps });
};
const step = (kind: Step['kind'], name: string, ms: number, fired: ReadonlyMap<string, number>, text: string, before: Step | undefined): Step =>
  ({ name, kind, ms, fired, text, changed: before === undefined || before.text !== text });

/**
 * Every step between a function and its kernels: each pass with the rules that fired and what it gave, the plan with its
 * reasons, the loops and the text.
 * @example console.log(orThrow(trace(f, { dims: { batch: 128 } })).text)
 */
export const trace = (f: unknown, options: InspectOptions = {}): Result<Trace> => {
  const made = inspected(f, options);
  return E.isLeft(made) ? made : E.right({ steps: made.right.steps, text: made.right.steps.map((s) => showStep(s)).join('\n\n') });
};

/** A step as text: a heading, the rules, and, unless it is left out, what it gave. */
export const showStep = ({ name, kind, ms, fired, text, changed }: Step, withText = true): string => [
  `── ${kind} ${name}${ms > 0 ? `  ${ms.toFixed(1)} ms` : ''}${changed ? '' : '  (nothing changed)'}`,
  ...[...fired].map(([rule, times]) => `   ${times} × ${rule}`),
  ...(withText && changed ? [text] : []),
].join('\n');

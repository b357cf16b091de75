import * as E from 'fp-ts/lib/Either.js';
import type { LoopBackend } from '../backends/backend.ts';
import { js } from '../backends/js/js.ts';
import { wasm } from '../backends/wasm/wasm.ts';
import { showType } from '../core/dim.ts';
import type { Result } from '../core/diagnostic.ts';
import { byteSize } from '../core/dtype.ts';
import { invariant } from '../core/invariant.ts';
import { count, type Counts } from '../ir/loop/counts.ts';
import { restOf } from '../passes/loop/splitFolds.ts';
import type { Program } from '../ir/loop/syntax.ts';
import { runsIn } from '../ir/loop/visit.ts';
import { showChoices } from '../passes/loop/choices.ts';
import { kernelsOf } from '../passes/plan/plan.ts';
import { nameOf, showNest } from '../passes/plan/print.ts';
import { only, type Run } from './alone.ts';
import { written } from './explainText.ts';
import { assumedMachine, calibrate, predict, timeable, workOf, type Machine, type Prediction } from './machine.ts';
import { medianOf, samplesOf } from './measure.ts';
import { mergesIn, type Merge, type Refusal } from './merges.ts';
import { inspected, type InspectOptions, type Step } from './trace.ts';

export interface ExplainOptions extends InspectOptions {
  /**
   * Runs each kernel by itself too, on numbers of no particular kind, and times it. Where no backend is named it is wasm on
   * one thread. `machine` is what `calibrate` gave before; otherwise the machine is measured first.
   */
  readonly measure?: { /** milliseconds */ readonly clock: () => number; readonly machine?: Machine };
  /** the text lists every merge that was refused, as the planner met it */
  readonly all?: boolean;
}

/** One kernel: what it computes and stores, what it costs, and why it is as it is. */
export interface ExplainedKernel extends Prediction {
  readonly name: string;
  readonly nest: string;
  /** how its rows are taken, where they come in blocks, in words */
  readonly blocks: readonly string[];
  readonly fused: readonly string[];
  readonly stores: readonly string[];
  /** the merges that made it, and why */
  readonly merges: readonly Merge[];
  /** merges that were not made, and why; `kernel` is the one that the other part ended in */
  readonly notFused: readonly Refusal[];
  /** what a schedule of one's own chose for its loops, in words */
  readonly scheduled?: string;
  /** the kernel that folds what blocks of its rows hand on, where threads share these; its figures are counted here */
  readonly rest?: string;
  readonly loadedBytes: number;
  readonly storedBytes: number;
  readonly operations: number;
  /** one run by itself, the median, where it was measured */
  readonly measuredMs?: number;
  /** of the speed that the machine allows for its operations and bytes the part that was reached */
  readonly roofline?: number;
}
export interface Explanation {
  readonly steps: readonly Step[];
  readonly kernels: readonly ExplainedKernel[];
  /** all kernels together, at the largest sizes */
  readonly counts: Counts;
  /** by what the kernels were judged: as measured, or without `measure` the planner's own figures */
  readonly machine: Machine;
  readonly memory: { readonly peakBytes: number; readonly buffers: readonly { readonly name: string; readonly role: string; readonly bytes: number }[] };
  readonly text: string;
}

/**
 * What became of a function: its kernels with what was fused and what was not and why, their traffic and operations, and
 * the memory they need; what each should take, and with `measure` what it takes.
 * @example console.log(orThrow(explain(f, { dims: { batch: 128 }, measure: { clock: () => performance.now() } })).text)
 */
export const explain = (f: unknown, options: ExplainOptions = {}): Result<Explanation> => {
  const { measure, all = false } = options, backend = options.backend ?? (measure === undefined ? undefined : oneThread());
  const made = inspected(f, { ...options, ...(backend && { backend }) });
  if (E.isLeft(made)) return made;
  const { stages: { plan, program, choices }, steps, target } = made.right, sizes = Object.fromEntries(program.syms);
  const runs = new Map(runsIn(program.steps).map((s) => [s.kernel, s])), planned = kernelsOf(plan), bench = measure === undefined ? undefined : benchOn(backend, program, measure), merges = mergesIn(plan);
  const machine = bench?.machine ?? assumedMachine(target);
  const kernels = planned.flatMap(({ name, group: g }): readonly ExplainedKernel[] => {
    const run = runs.get(name);
    if (run === undefined) return [];
    // rows that are folded across blocks have another kernel for the rest
    const rest = runs.get(restOf(name)), parts = rest === undefined ? [run] : [run, rest], added = parts.map((r) => count(only(program, r), sizes)), totalOf = (of: (c: Counts) => number): number => added.reduce((n, c) => n + of(c), 0);
    const loadedBytes = totalOf((c) => c.loadedBytes), storedBytes = totalOf((c) => c.storedBytes), operations = totalOf((c) => c.operations), prediction = predict(machine, parts.map((r) => workOf(program, r)).reduce((a, b) => ({ operations: a.operations + b.operations, bytes: a.bytes + b.bytes })));
    const measuredMs = bench && parts.reduce((n, r) => n + bench.timeOf(r), 0), chosen = choices.get(run.kernel);
    return [{
      name: run.kernel, nest: g.nest.kind, blocks: showNest(g.nest), fused: g.members.map(nameOf), stores: g.roots.map((r) => `${nameOf(r)} ${showType(r.type)}`), ...(merges.get(name) ?? { merges: [], notFused: [] }), ...(chosen && { scheduled: showChoices(chosen) }), ...(rest && { rest: rest.kernel }),
      loadedBytes, storedBytes, operations, ...prediction, ...(measuredMs !== undefined && { measuredMs, roofline: prediction.predictedMs / measuredMs }),
    }];
  });
  const counts = count(program, sizes);
  const buffers = [...program.buffers].map(([name, b]) => ({ name, role: b.role, bytes: byteSize[b.dtype] * b.layout.size }));
  const memory = { peakBytes: counts.peakBytes, buffers }, unmeasured = measure !== undefined && bench === undefined ? backend?.name : undefined;
  return E.right({ steps, kernels, counts, machine, memory, text: written({ kernels, counts, machine: bench === undefined ? undefined : { ...machine, name: backend?.name ?? '' }, unmeasured, why: all ? planned.map(({ group }) => group.why) : undefined }) });
};

let quiet: LoopBackend<'sync'> | undefined;
/** what kernels are timed on: threads would take turns with one, to find out which is quicker */
const oneThread = (): LoopBackend<'sync'> => (quiet ??= 'WebAssembly' in globalThis ? wasm({ threads: 1 }) : js());

/** The machine's figures, and a kernel's time; undefined where the backend's kernels cannot be timed from here. */
const benchOn = (given: LoopBackend | undefined, program: Program, { clock, machine }: NonNullable<ExplainOptions['measure']>): { readonly machine: Machine; readonly timeOf: (run: Run) => number } | undefined => {
  invariant(given !== undefined, 'what is measured has a backend');
  const backend = timeable(given);
  if (backend === undefined || backend.refusals(program).length > 0) return undefined;
  return { machine: machine ?? calibrate(backend, clock), timeOf: (run) => medianOf(samplesOf(backend, program, run, clock)) / 1e6 };
};

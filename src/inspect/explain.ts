import * as E from 'fp-ts/lib/Either.js';
import { showType } from '../core/dim.ts';
import type { Result } from '../core/diagnostic.ts';
import { byteSize } from '../core/dtype.ts';
import { count, type Counts } from '../ir/loop/counts.ts';
import type { Program } from '../ir/loop/syntax.ts';
import { nameOf, showReason } from '../passes/plan/print.ts';
import type { Reason } from '../passes/plan/plan.ts';
import { inspected, type InspectOptions, type Step } from './trace.ts';

/** One kernel: what it computes and stores, what it costs, and why it is as it is. */
export interface ExplainedKernel {
  readonly name: string;
  readonly nest: string;
  readonly fused: readonly string[];
  readonly stores: readonly string[];
  /** merges that were not made, and why */
  readonly notFused: readonly { readonly what: string; readonly because: string }[];
  readonly loadedBytes: number;
  readonly storedBytes: number;
  readonly operations: number;
}
export interface Explanation {
  readonly steps: readonly Step[];
  readonly kernels: readonly ExplainedKernel[];
  /** all kernels together, at the largest sizes */
  readonly counts: Counts;
  readonly memory: { readonly peakBytes: number; readonly buffers: readonly { readonly name: string; readonly role: string; readonly bytes: number }[] };
  readonly text: string;
}

/**
 * What became of a function: its kernels with what was fused and what was not and why, their traffic and operations, and
 * the memory they need.
 * @example console.log(orThrow(explain(f, { dims: { batch: 128 } })).text)
 */
export const explain = (f: unknown, options: InspectOptions = {}): Result<Explanation> => {
  const made = inspected(f, options);
  if (E.isLeft(made)) return made;
  const { stages: { plan, program }, steps } = made.right, sizes = Object.fromEntries(program.syms);
  const runs = program.steps.flatMap((s) => (s.kind === 'run' ? [s] : []));
  const kernels = plan.groups.map((g, i): ExplainedKernel => {
    const { kernel: name } = runs[i], own = count(only(program, i), sizes);
    return {
      name, nest: g.nest.kind, fused: g.members.map(nameOf), stores: g.roots.map((r) => `${nameOf(r)} ${showType(r.type)}`),
      notFused: g.why.filter((w) => w.outcome === 'refused').map(({ between, because }) => ({ what: between.join(' into '), because })),
      loadedBytes: own.loadedBytes, storedBytes: own.storedBytes, operations: own.operations,
    };
  });
  const counts = count(program, sizes);
  const buffers = [...program.buffers].map(([name, b]) => ({ name, role: b.role, bytes: byteSize[b.dtype] * b.layout.size }));
  const memory = { peakBytes: counts.peakBytes, buffers };
  return E.right({ steps, kernels, counts, memory, text: written(kernels, counts, plan.groups.map((g) => g.why)) });
};
/** the program with one of its kernels alone */
const only = (program: Program, nth: number): Program => ({ ...program, steps: program.steps.filter((s) => s.kind === 'run').slice(nth, nth + 1) });

const grouped = (n: number): string => Math.round(n).toLocaleString('en-US');
const written = (kernels: readonly ExplainedKernel[], counts: Counts, why: readonly (readonly Reason[])[]): string => [
  `${counts.kernels} kernels, ${counts.launches} launches; ${grouped(counts.loadedBytes)} bytes loaded, ${grouped(counts.storedBytes)} stored, ${grouped(counts.operations)} operations, ${grouped(counts.peakBytes)} bytes of temporaries and state`,
  ...kernels.flatMap((k, i) => ['', `${k.name}  (${k.nest})  ${k.fused.join(', ')}`, `     stores ${k.stores.join(', ')}`,
    `     ${grouped(k.loadedBytes)} bytes loaded, ${grouped(k.storedBytes)} stored, ${grouped(k.operations)} operations`, ...why[i].map(showReason)]),
].join('\n');

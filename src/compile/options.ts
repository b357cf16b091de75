import type { Backend, Timing } from '../backends/backend.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Schedule } from '../passes/loop/choices.ts';
import type { LoopPass } from '../passes/loop/pipeline.ts';
import type { Pass } from '../passes/pass.ts';
import type { FusionRule } from '../passes/plan/fusion.ts';
import type { Rule } from '../passes/graph/rewrite.ts';

export interface CompileOptions<K extends Timing = 'sync'> {
  /** sizes of named dimensions: one size, or the largest of many; those left out are taken from the arguments */
  readonly dims?: { readonly [name: string]: number | { readonly max: number } };
  /** arguments whose arrays a call may overwrite: the call consumes them */
  readonly donate?: readonly number[];
  /** `defaultBackend` unless told otherwise */
  readonly backend?: Backend<K>;
  /** rewrite rules of one's own, applied with the algebra */
  readonly rules?: readonly Rule[];
  /** the graph passes, from those that are on by themselves */
  readonly passes?: (defaults: readonly Pass[]) => readonly Pass[];
  /** which values share a kernel, decided by rules of one's own; the planner decides the rest */
  readonly fusions?: readonly FusionRule[];
  /** how the loops of single kernels are written; the target decides the rest */
  readonly schedules?: readonly Schedule[];
  /** the loop passes, from those that are on by themselves */
  readonly loopPasses?: (defaults: readonly LoopPass[]) => readonly LoopPass[];
  /** also the rules that are not laws of floating point */
  readonly fastMath?: boolean;
  /** whether a key that two draws use is a diagnostic; it is, by default */
  readonly checkKeys?: boolean;
  /** verify after every pass, and compare each pass's result and the finished program with the meaning, on samples */
  readonly validate?: boolean;
}

/** What became of a function: what runs, and what it costs at the largest sizes. */
export interface Report {
  readonly backend: string;
  /** what the backend says of itself: engine, kernel class, renderer, precision */
  readonly device: Readonly<Record<string, string>>;
  /** groups of the plan, and how often a call runs one; 0 where nothing is planned */
  readonly kernels: number;
  readonly launches: number;
  /** traffic of a call with memory, and scalar operations */
  readonly loadedBytes: number;
  readonly storedBytes: number;
  readonly operations: number;
  /** numbers that the host computes for a call, and hands to the device: of gpu.js random bits and what is drawn from them */
  readonly hostBytes: number;
  /** temporaries and state */
  readonly peakBytes: number;
  /** the generated source, by file name */
  readonly files: { readonly [name: string]: string };
  readonly warnings: readonly Diagnostic[];
}

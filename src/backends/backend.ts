import type { Bindings } from '../core/dim.ts';
import type { DType, TypedArray } from '../core/dtype.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Module, Node } from '../ir/graph/syntax.ts';
import type { Program } from '../ir/loop/syntax.ts';
import type { Target } from '../ir/target.ts';

export type Timing = 'sync' | 'async';
export type Timed<K extends Timing, A> = K extends 'sync' ? A : Promise<A>;

/** Numbers that live in a backend's memory. Opaque: only the backend that made it reads it. */
export interface Handle { readonly dtype: DType; readonly size: number }

/** One memory per backend instance: its programs pass handles to each other with nothing copied. */
export interface Memory<K extends Timing = Timing> {
  upload(dtype: DType, data: TypedArray): Handle;
  /** the caller's own memory, not copied, for the length of one run; of the dtype's own array type */
  borrow(dtype: DType, data: TypedArray): Handle;
  read(handle: Handle): Timed<K, TypedArray>;
  free(handle: Handle): void;
  /** since the instance was made */
  stats(): { readonly liveBytes: number; readonly uploadedBytes: number; readonly readBytes: number };
}

/** What a backend emits: text to look at and to save. */
export interface Artifact {
  readonly backend: string;
  /** file name → content; for js one ES module without dependencies */
  readonly files: { readonly [name: string]: string };
  /** of wasm the bytes that the file holds as text */
  readonly module?: Uint8Array;
}

/** A program ready to run. A donated input's handle is consumed. */
export interface Loaded<K extends Timing = Timing> {
  /** the handles of the program's inputs in order; bounded dimensions by name → the handles of its outputs */
  run(inputs: readonly Handle[], sizes: Bindings): Timed<K, readonly Handle[]>;
  readonly launches: number;
  dispose(): void;
}

interface Common<K extends Timing> {
  readonly name: string;
  readonly timing: K;
  readonly memory: Memory<K>;
  /** what it says of itself: kernel class, renderer, precision */
  readonly device: () => Readonly<Record<string, string>>;
}
/** Runs loop programs. */
export interface LoopBackend<K extends Timing = Timing> extends Common<K> {
  readonly takes: 'program';
  readonly target: Target;
  /** what this program asks that the backend cannot do; checked before anything runs */
  readonly refusals: (program: Program) => readonly Diagnostic[];
  /** what the host can compute for kernels where it is made of integers that were given: they cannot, or not of all integers */
  readonly onHost?: ((node: Node) => 'needed' | 'better' | undefined) | undefined;
  readonly emit: (program: Program) => Artifact;
  readonly load: (program: Program, artifact: Artifact) => Loaded<K>;
}
/** Runs graph modules as they are: the meaning. */
export interface GraphBackend<K extends Timing = Timing> extends Common<K> {
  readonly takes: 'module';
  readonly load: (module: Module) => Loaded<K>;
}
export type Backend<K extends Timing = Timing> = LoopBackend<K> | GraphBackend<K>;

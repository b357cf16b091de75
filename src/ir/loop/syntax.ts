import type { AxisId, Guard, Index, LocalId, SymId } from '../../core/affine.ts';
import type { Computed, DType, TypedArray } from '../../core/dtype.ts';
import type { MonoidName } from '../monoids.ts';
import type { ScalarOp } from '../scalars.ts';

/**
 * The loop IR: kernels of loops over flat memory, and the steps that run them. It is one language before and after
 * tiling; only its verifier's stage differs. See the grammar in ARCHITECTURE.md.
 */
export type BufferId = string;
export type KernelId = string;

/** A kernel's parameter has one flat index; a register or scratch buffer one index for each dimension. */
export interface Place { readonly buffer: BufferId; readonly at: readonly Index[] }

export type Expr =
  | { readonly kind: 'const'; readonly dtype: Computed; readonly value: number }
  | { readonly kind: 'index'; readonly dtype: Computed; readonly index: Index }
  | { readonly kind: 'guard'; readonly guard: Guard }
  /** `other` where the guard is false; memory is not read there. What is stored as a half is read as an f32, and rounded by a store. */
  | { readonly kind: 'load'; readonly from: Place; readonly guard: Guard; readonly other: Expr }
  | { readonly kind: 'local'; readonly local: LocalId }
  /** dtype is that of the result; a conversion to a half is an f32 that has been rounded to one */
  | { readonly kind: 'apply'; readonly fn: ScalarOp; readonly dtype: DType; readonly args: readonly Expr[] };

export interface Axis { readonly axis: AxisId; readonly extent: Index }
export type Axes = readonly Axis[];
export type Block = readonly Stmt[];
export type Mode =
  | { readonly at: 'serial' }
  /** iterations independent of each other; `grain` of them are one unit of work for a thread */
  | { readonly at: 'grid'; readonly grain: number }
  /** written out; a new basic block begins every `fence` copies */
  | { readonly at: 'unroll'; readonly fence?: number }
  | { readonly at: 'vector' };

export type Stmt =
  | { readonly kind: 'for'; readonly axis: AxisId; readonly extent: Index; readonly mode: Mode; readonly body: Block }
  | { readonly kind: 'let'; readonly local: LocalId; readonly value: Expr }
  | { readonly kind: 'alloc'; readonly buffer: BufferId; readonly space: 'register' | 'scratch'; readonly dtype: Computed; readonly shape: readonly number[] }
  | { readonly kind: 'store'; readonly to: Place; readonly guard: Guard; readonly value: Expr }
  /**
   * into[i] := merge(into, lift(values)): one place for each number of the monoid's state; argMax takes (value, position).
   * As many values as the state holds are merged as a state, not lifted: partial results of a split reduction.
   */
  | { readonly kind: 'fold'; readonly into: readonly Place[]; readonly monoid: MonoidName; readonly values: readonly Expr[] }
  | { readonly kind: 'if'; readonly test: Expr; readonly then: Block; readonly else: Block }
  /** a scope; with `outline`, a function of its own in the artifact */
  | { readonly kind: 'block'; readonly outline?: string; readonly body: Block }
  /** for m, n: acc := init ?? 0; for k: acc += a·b; let c = acc; then */
  | { readonly kind: 'contract'; readonly m: Axes; readonly n: Axes; readonly k: Axes; readonly a: Expr; readonly b: Expr; readonly c: LocalId; readonly init?: Expr; readonly then: Block };

export interface Param { readonly name: BufferId; readonly dtype: DType; readonly size: number; readonly access: 'read' | 'write' | 'update' }
/** A program may have one kernel under several names; the first of them is its own. */
export interface Kernel { readonly name: KernelId; readonly params: readonly Param[]; readonly body: Block }

export type Step =
  /** args: program buffers, one for each parameter of the kernel */
  | { readonly kind: 'run'; readonly kernel: KernelId; readonly args: readonly BufferId[] }
  | { readonly kind: 'barrier' }
  /** kernels run inside it may mention the axis; it goes on while the flag (absent: always) holds */
  | { readonly kind: 'loop'; readonly axis: AxisId; readonly extent: Index; readonly while?: BufferId; readonly body: readonly Step[] }
  /** a number that names no case chooses the last */
  | { readonly kind: 'branch'; readonly on: BufferId; readonly cases: readonly (readonly Step[])[] };

/** order: axes from outermost to innermost in memory; strides in elements, one for each axis of the value */
export interface Layout { readonly order: readonly number[]; readonly strides: readonly number[]; readonly offset: number; readonly size: number; readonly border?: number }
export interface Buffer {
  readonly dtype: DType;
  readonly role: 'input' | 'state' | 'constant' | 'temporary' | 'output';
  readonly layout: Layout;
  /** shares its memory with that buffer: an output that overwrites a donated state */
  readonly sameAs?: BufferId;
  /** of a constant: one number for all elements, or all of them */
  readonly value?: number | TypedArray;
}

export interface Program {
  readonly name: string;
  /** bounded dimensions: the largest value of each symbol */
  readonly syms: ReadonlyMap<SymId, number>;
  readonly buffers: ReadonlyMap<BufferId, Buffer>;
  readonly kernels: ReadonlyMap<KernelId, Kernel>;
  readonly steps: readonly Step[];
  /** in the order of the function's leaves */
  readonly inputs: readonly BufferId[];
  readonly outputs: readonly BufferId[];
  /** byte offsets of the temporaries in one arena; absent until memory is planned */
  readonly arena?: { readonly bytes: number; readonly offsets: ReadonlyMap<BufferId, number> };
}

export type Stage = 'naive' | 'scheduled' | 'tiled' | 'flat';

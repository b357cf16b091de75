import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import type { Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { LoopBackend } from '../backend.ts';
import { emit } from './emit.ts';
import { load, type JsModule } from './load.ts';
import { createMemory } from './memory.ts';

/** 2×2 register tiles with k by 2: what keeps V8 out of its stack. Doubles in registers, so that sums are accurate. */
export const jsTarget: Target = {
  name: 'js', shape: 'tiled', maxBuffers: 64, maxElements: 2 ** 31 - 1, vectorWidth: 1, tile: { m: 2, n: 2, k: 2 },
  scratchBytes: 1 << 16, cost: { operations: 2, bytes: 8, launch: 50 }, spells: 'js',
};

export interface JsOptions {
  /** saved artifacts that were imported: they run where a page forbids to run text */
  readonly modules?: readonly JsModule[];
}

/**
 * Plain loops over typed arrays, on every JavaScript engine. Synchronous, one thread. f32 values are computed in
 * double precision and rounded where they are stored.
 *
 * @example
 * const run = orThrow(compile(f, { backend: js() }));
 */
export const js = ({ modules = [] }: JsOptions = {}): LoopBackend<'sync'> => {
  const memory = createMemory();
  return {
    name: 'js', timing: 'sync', takes: 'program', target: jsTarget, memory,
    device: () => ({ engine: 'JavaScript', precision: 'double, rounded when stored' }),
    refusals,
    emit,
    load: (program, artifact) => load(memory, modules, program, artifact),
  };
};

const refusals = (program: Program): readonly Diagnostic[] => [...program.buffers].flatMap(([id, { layout }]) =>
  (layout.size > jsTarget.maxElements ? [diagnostic('FX5001', `js: ${id} has ${layout.size} elements, of at most ${jsTarget.maxElements}`)] : []));

import { maxCount, type TensorType } from '../../core/dim.ts';
import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { invariant } from '../../core/invariant.ts';
import { compact, spread } from '../../core/storage.ts';
import { interpret } from '../../ir/graph/interpret.ts';
import type { Module } from '../../ir/graph/syntax.ts';
import type { GraphBackend, Handle, Loaded, Memory } from '../backend.ts';

/** `owned`: counted as live until it is freed */
interface HostHandle extends Handle { data: TypedArray | undefined; readonly owned: boolean }

export interface ReferenceOptions {
  /** `native` rounds every value to its dtype; `f64` computes in doubles and rounds results only */
  readonly precision?: 'native' | 'f64';
}

/**
 * The meaning itself: the graph, node by node, neither stabilised nor simplified nor fused. Slow; what other backends
 * are measured by.
 *
 * @example
 * const run = orThrow(compile(f, { backend: reference() }));
 */
export const reference = ({ precision = 'native' }: ReferenceOptions = {}): GraphBackend<'sync'> => {
  const memory = createMemory();
  return {
    name: 'reference', timing: 'sync', takes: 'module', memory,
    device: () => ({ engine: 'interpreter', precision }),
    load: (module) => load(module, precision),
  };
};

const dataOf = (handle: Handle): TypedArray => {
  // SAFETY: handles are opaque, and those a program of this instance is given are its own
  const { data } = handle as HostHandle;
  invariant(data !== undefined, 'a freed array is used');
  return data;
};

const createMemory = (): Memory<'sync'> => {
  const counters = { liveBytes: 0, uploadedBytes: 0, readBytes: 0 };
  const holding = (dtype: DType, data: TypedArray, owned: boolean): HostHandle => ({ dtype, size: data.length, data, owned });
  return {
    upload: (dtype, data) => { counters.liveBytes += data.byteLength; counters.uploadedBytes += data.byteLength; return holding(dtype, data.slice(), true); },
    borrow: (dtype, data) => holding(dtype, data, false),
    read: (handle) => { const data = dataOf(handle); counters.readBytes += data.byteLength; return data.slice(); },
    free: (handle) => {
      // SAFETY: as above
      const own = handle as HostHandle;
      if (own.owned) counters.liveBytes -= own.data?.byteLength ?? 0;
      own.data = undefined;
    },
    stats: () => ({ ...counters }),
  };
};

const load = (module: Module, precision: 'native' | 'f64'): Loaded<'sync'> => {
  const main = module.graphs.get(module.main);
  invariant(main !== undefined, `no graph is called '${module.main}'`);
  const results = main.results.map((r): TensorType => r.type);
  return {
    launches: 0,
    run: (inputs, bindings) => {
      const args = inputs.map((handle, i) => compact(dataOf(handle), main.params[i].type, bindings));
      return interpret(module, args, { precision, bindings }).map((data, i): HostHandle => {
        const { dtype, shape } = results[i];
        return { dtype, size: maxCount(shape), data: spread(typedArray<DType>(dtype, data), results[i], bindings), owned: false };
      });
    },
    dispose: () => undefined,
  };
};

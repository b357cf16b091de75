import { diagnostic } from '../../core/diagnostic.ts';
import { diagnosticError } from '../../core/render.ts';
import type { FlatSource } from './emit.ts';
import type { BuiltKernel, Gpu, Mode, OpenGpu } from './gpu.ts';
import type { Counters } from './memory.ts';
import { helpers } from './spell.ts';

/** What programs of one instance share: the context, its kernels by source, and the accounts. */
export interface Device {
  readonly gpu: Gpu;
  readonly counters: Counters;
  readonly kernel: (source: FlatSource) => BuiltKernel;
  /** of the kernels that were made: all are of one class unless gpu.js fell back */
  readonly kernelClass: () => string;
  readonly fallback: () => string | undefined;
}
export const openDevice = (mode: Mode, counters: Counters, open: OpenGpu): Device => {
  const gpu = open(mode, helpers), kernels = new Map<string, BuiltKernel>();
  const kernel = ({ source, size, reads, syms, infinite }: FlatSource): BuiltKernel => {
    const key = `${size}:${source}`;
    const built = kernels.get(key) ?? gpu.build({ source, size, argumentTypes: [...reads.map(() => 'Array' as const), ...syms.map(() => 'Float' as const), ...(infinite ? ['Float' as const] : [])] });
    kernels.set(key, built);
    return built;
  };
  return {
    gpu, kernel, counters,
    kernelClass: () => [...new Set([...kernels.values()].map((k) => k.className()))].join(', ') || 'none',
    fallback: () => [...kernels.values()].map((k) => k.fallback()).find((why) => why !== undefined),
  };
};

/** A mode that could not be had is not tried again: what is missing does not appear while a program runs. */
export const remembering = (open: OpenGpu): OpenGpu => {
  const refused = new Map<Mode, unknown>();
  return (mode, functions) => {
    if (refused.has(mode)) throw refused.get(mode);
    try {
      return open(mode, functions);
    } catch (error) {
      refused.set(mode, error);
      throw error;
    }
  };
};

/** what a device says by failing, as a diagnostic */
export const deviceError = (mode: Mode, what: string, error: unknown): Error =>
  diagnosticError([diagnostic('FX5104', `gpujs (${mode}): ${what} failed: ${error instanceof Error ? error.message : String(error)}`, { hint: 'the device may have been lost, or the driver refuses the kernel: try another mode, or js()' })]);

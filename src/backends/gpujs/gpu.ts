/**
 * The one place that knows gpu.js. Its own typings need the DOM and lack what we use, so this module gives it a
 * narrow face of ours.
 */
import * as library from 'gpu.js';

export type Mode = 'cpu' | 'webasm' | 'headlessgl' | 'webgl' | 'webgl2' | 'webgpu';

/** A result that stays where it was computed: a texture, or plain numbers in the modes that have no device. */
export interface Texture { toArray(): Float32Array | Promise<Float32Array>; delete(): void }
export type DeviceArray = Texture | Float32Array;
export type KernelCall = (...args: readonly (DeviceArray | number)[]) => DeviceArray | Promise<DeviceArray>;
export interface BuiltKernel {
  readonly call: KernelCall;
  /** class that really runs it, once it has been called; and why gpu.js fell back, if it did */
  readonly className: () => string;
  readonly fallback: () => string | undefined;
  readonly destroy: () => void;
}
export interface FunctionSource { readonly source: string; readonly args: readonly string[] }
export interface KernelSource { readonly source: string; readonly size: number; readonly argumentTypes: readonly ('Array' | 'Float')[] }
export interface Gpu {
  readonly mode: Mode;
  readonly build: (kernel: KernelSource) => BuiltKernel;
  readonly renderer: () => string;
  readonly destroy: () => void;
}

/** Opens a mode, or throws why it cannot be had here. `functions`: what kernels may call, by name. */
export type OpenGpu = (mode: Mode, functions: { readonly [name: string]: FunctionSource }) => Gpu;

interface RawKernel {
  (...args: readonly unknown[]): DeviceArray | Promise<DeviceArray>;
  readonly kernel?: { readonly constructor: { readonly name: string }; readonly fallbackReason?: string | null; readonly context?: RawContext | null };
  destroy(canvas?: boolean): void;
}
interface RawContext { getParameter(name: number): unknown; getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null; readonly RENDERER: number }
interface RawGpu { addFunction(source: string, settings: object): void; createKernel(source: string, settings: object): RawKernel; destroy(): Promise<void> | void }

// SAFETY: the shape above is what gpu.js 2.24 offers; the backend's tests run every mode through it
const { GPU } = ((library as { default?: unknown }).default ?? library) as unknown as { GPU: new (settings: { mode: Mode }) => RawGpu };

/** Opens a mode of gpu.js, or throws what it says. */
export const openGpu: OpenGpu = (mode, functions) => {
  const gpu = new GPU({ mode });
  for (const { source, args } of Object.values(functions)) {
    gpu.addFunction(source, { argumentTypes: Object.fromEntries(args.map((a) => [a, 'Float'])), returnType: 'Float' });
  }
  let last: RawKernel | undefined;
  return {
    mode,
    build: ({ source, size, argumentTypes }) => {
      const kernel = gpu.createKernel(source, {
        output: [size], precision: 'single', tactic: 'precision', pipeline: true, immutable: true,
        argumentTypes, loopMaxIterations: 1 << 24,
      });
      last = kernel;
      return {
        call: (...args) => kernel(...args),
        className: () => kernel.kernel?.constructor.name ?? 'none',
        fallback: () => kernel.kernel?.fallbackReason ?? undefined,
        destroy: () => kernel.destroy(),
      };
    },
    renderer: () => rendererOf(last),
    destroy: () => { void gpu.destroy(); },
  };
};

const rendererOf = (kernel: RawKernel | undefined): string => {
  const context = kernel?.kernel?.context ?? undefined;
  if (context === undefined || typeof context.getParameter !== 'function') return 'none';
  const info = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(info === null ? context.RENDERER : info.UNMASKED_RENDERER_WEBGL));
};

export const isTexture = (x: DeviceArray): x is Texture => 'toArray' in x && typeof x.toArray === 'function';

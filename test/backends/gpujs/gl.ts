import { expect, it } from 'vitest';
import { gpujs, type SyncMode } from '../../../src/backends/gpujs/gpujs.ts';

/** the modes of this machine's own, and whether what runs them is a GPU's driver */
const modes = ['cpu', 'webasm', 'headlessgl'] as const satisfies readonly SyncMode[];
export const kernelClass: { readonly [M in SyncMode]: string } = { cpu: 'CPUKernel', webasm: 'WebAssemblyKernel', headlessgl: 'HeadlessGLKernel' };

const nothing = { name: 'nothing', syms: new Map(), buffers: new Map(), kernels: new Map(), steps: [], inputs: [], outputs: [] };
/** why headless GL cannot be had here, or undefined */
const missingGl = gpujs({ mode: 'headlessgl' }).refusals(nothing)[0]?.message;
const isRequired = process.env['FLUXION_REQUIRE_GL'] === '1';

/** A test in one mode; where there is no GL it is skipped and says so, unless GL is required. */
export const inMode = (mode: SyncMode, name: string, test: () => void | Promise<void>, timeout = 60_000): void => {
  const absent = mode === 'headlessgl' && missingGl !== undefined;
  it.skipIf(absent && !isRequired)(`${mode}: ${name}${absent ? ` (${missingGl})` : ''}`, async () => {
    if (absent) expect(missingGl).toBeUndefined();
    await test();
  }, timeout);
};
/** The same in every mode. */
export const inEveryMode = (name: string, test: (mode: SyncMode) => void | Promise<void>): void => {
  for (const mode of modes) inMode(mode, name, () => test(mode));
};

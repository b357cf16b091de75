import { gpujsOver } from '../../../src/backends/gpujs/gpujs.ts';
import { isTexture, openGpu, type DeviceArray, type Gpu, type OpenGpu, type Texture } from '../../../src/backends/gpujs/gpu.ts';
import type { LoopBackend } from '../../../src/backends/backend.ts';

/**
 * A device as browsers have it: launches and readings are promises, results textures. Its kernels are gpu.js's own on the
 * processor, so that its numbers are real. `fail` is told of everything that is asked and may say why it fails.
 */
export interface Fake { readonly backend: LoopBackend<'async'>; readonly textures: () => number; readonly opened: () => number }
interface Pretended extends Texture { readonly floats: Float32Array; isDeleted: boolean }
const pretended = (x: DeviceArray): x is Pretended => isTexture(x) && 'floats' in x;
const later = (): Promise<void> => new Promise((done) => { setImmediate(done); });

export const fakeDevice = (fail: (asked: 'launch' | 'read', nth: number) => string | undefined = () => undefined): Fake => {
  const asked = { launch: 0, read: 0 };
  let textures = 0, opened = 0;
  const refuse = (what: 'launch' | 'read'): void => {
    const why = fail(what, asked[what]++);
    if (why !== undefined) throw new Error(why);
  };
  const texture = (floats: Float32Array): Pretended => {
    textures++;
    const own: Pretended = {
      floats, isDeleted: false,
      toArray: async () => {
        await later();
        refuse('read');
        // a buffer that is destroyed while it is read gives nothing
        if (own.isDeleted) throw new Error('the texture was deleted');
        return floats;
      },
      delete: () => { if (own.isDeleted) throw new Error('a texture is deleted twice'); own.isDeleted = true; textures--; },
    };
    return own;
  };
  const plain = (x: DeviceArray | number): DeviceArray | number => {
    if (typeof x === 'number' || !pretended(x)) return x;
    if (x.isDeleted) throw new Error('a deleted texture is used');
    return x.floats;
  };
  const open: OpenGpu = (mode, functions): Gpu => {
    opened++;
    const cpu = openGpu('cpu', functions);
    return { ...cpu, mode, build: (source) => {
      const built = cpu.build(source);
      return { ...built, call: async (...args) => {
        await later();
        refuse('launch');
        return texture(Float32Array.from(await built.call(...args.map(plain)) as Float32Array));
      } };
    } };
  };
  // SAFETY: the mode is an asynchronous one
  return { backend: gpujsOver('webgpu', open) as LoopBackend<'async'>, textures: () => textures, opened: () => opened };
};

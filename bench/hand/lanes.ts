import { local, type Lane } from '../measure.ts';
import type { HandProgram } from './program.ts';

/** A program fused by hand, on one thread and on two. */
export const handLanes = (start: (threads: number) => Promise<HandProgram>): readonly Lane[] => [1, 2].map((threads): Lane => ({
  subject: 'hand', backend: 'wasm', threads,
  start: async () => {
    const { run, outputs, close } = await start(threads);
    return local({ run, close, results: () => { run(); return outputs(); } });
  },
}));

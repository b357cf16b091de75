import { i32, type Code } from '../../src/backends/wasm/code.ts';
import { convBackward, convUpdates, flipFilters } from './convBackward.ts';
import { blocksOf, convForward } from './convForward.ts';
import { convLayout, convPlaces, packedParameters, setImages } from './convLayout.ts';
import { rateAt } from './mlp.ts';
import { handModule } from './wasm/module.ts';
import { barrier, crew, perThread, share } from './wasm/threads.ts';
import type { Batch, ConvProblem } from '../problems.ts';

export interface HandConvStep {
  /** runs one step on a batch; gives the mean loss */
  readonly step: (batch: Batch) => number;
  /** back to the first parameters, with moments of zero */
  readonly restart: () => void;
  /** Adam's means of each parameter */
  readonly means: () => readonly Float32Array[];
  readonly close: () => void;
}
/**
 * The training step of a network of two convolutions fused by hand into WebAssembly. Each thread takes half of the blocks
 * of images forward and back to parts of the convolutions' slopes; then half of the classes' weights, whose slopes Adam
 * takes as they are made, and half of the convolutions' parameters. The batch is a multiple of four.
 */
export const handConvStep = async (problem: ConvProblem, threads: number): Promise<HandConvStep> => {
  const module = handModule(), layout = convLayout(module, problem, threads), { addresses, offsets, features, count, blocks } = layout;
  const flip = flipFilters(module, layout), forward = convForward(module, layout, true), backward = convBackward(module, layout), updates = convUpdates(module, layout), meet = barrier(module, threads);
  perThread(module, 'step', threads, meet, (thread) => {
    const scratch = i32.const(addresses.scratch[thread]), part = (n: number, tile: number): readonly [Code, Code] => [i32.const(share(n, thread, threads, tile)), i32.const(share(n, thread + 1, threads, tile))];
    return [
      flip(i32.const(addresses.scratch[thread] + layout.within.flipped)), blocksOf(module, layout, thread, threads, (block) => [forward(block, scratch), backward(block, scratch)]),
      meet,
      updates.classes(...part(features, 2)), updates.filters(...part(4 * offsets.w3, 16)), thread === threads - 1 ? updates.biases() : [],
    ];
  });
  const instance = module.instantiate(threads > 1), { run, close } = await crew(instance, threads, ['step']), places = convPlaces(layout), initial = packedParameters(layout, problem.weights);
  const at = (address: number, length: number): Float32Array => instance.f32.subarray(address / 4, address / 4 + length);
  const images = at(addresses.x, problem.batch * layout.read1 ** 2), means = at(addresses.means, count);
  let t = 0;
  const restart = (): void => {
    const turned = at(addresses.turned, 10 * features), [, , , , classes] = problem.weights;
    t = 0;
    at(addresses.parameters, count).set(initial);
    for (const moments of [means, at(addresses.squares, count)]) moments.fill(0);
    for (let i = 0; i < turned.length; i++) turned[i] = classes[(i % features) * 10 + Math.floor(i / features)];
  };
  restart();
  return {
    restart, close,
    means: () => places.map((of) => Float32Array.from(of, (i) => means[i])),
    step: ({ x, labels }) => {
      setImages(images, layout, x);
      instance.i32.set(labels, addresses.labels / 4);
      instance.f32[addresses.rate / 4] = rateAt(++t);
      run('step');
      return Array.from({ length: blocks }, (_, block) => instance.f32[addresses.losses / 4 + 16 * block]).reduce((a, b) => a + b, 0) / problem.batch;
    },
  };
};

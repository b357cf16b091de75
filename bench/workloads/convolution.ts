import { convolution, f32, fn } from 'fluxion';
import { fluxionLanes, functionLane, meaning } from '../fluxion.ts';
import { handConvolution } from '../hand/convolution.ts';
import { handLanes } from '../hand/lanes.ts';
import type { Workload } from '../measure.ts';
import { convolutionProblem, spread } from '../problems.ts';
import { rates } from '../report.ts';

/** so many multiplications the interpreter does in about a second */
const referenceWork = 8e6;

/** A convolution of an image that stays in memory, padded to its own size. The reference computes some of the channels, evenly spread. */
export const convolutionWorkload = (name: string, side: number, from: number, to: number, window: 1 | 3, { depthwise = false } = {}): Workload => {
  const problem = convolutionProblem(side, from, to, window, depthwise), { x, w } = problem, each = side ** 2 * window ** 2 * (depthwise ? 1 : from), channels = depthwise ? spread(to, to) : spread(to, Math.max(2, Math.floor(referenceWork / each)));
  const inputs = depthwise ? 1 : from, image = [1, side, side, from], filters = (count: number) => [window, window, inputs, count];
  const convolve = (count: number) => fn([f32([...image]), f32(filters(count))], (a, b) => ({ y: convolution(a, b, { padding: 'same', groups: depthwise ? from : 1 }) }), { name: 'convolution', args: ['x', 'w'] });
  return {
    name, tolerance: 2e-5, note: rates(2 * each * to),
    sample: ({ y }) => ({ y: channelsOf(y, to, channels) }),
    reference: () => meaning(convolve(channels.length), [{ data: x, shape: image }, { data: channelsOf(w, to, channels), shape: filters(channels.length) }]),
    lanes: [...fluxionLanes(functionLane(convolve(to), [{ data: x, shape: image }, { data: w, shape: filters(to) }])), ...handLanes((threads) => handConvolution(problem, threads))],
  };
};
/** some channels of data that has so many in its last axis */
const channelsOf = (data: ArrayLike<number>, width: number, channels: readonly number[]): Float32Array =>
  Float32Array.from({ length: (data.length / width) * channels.length }, (_, i) => data[Math.floor(i / channels.length) * width + channels[i % channels.length]]);

import { array, intArray } from '../../src/index.ts';
import { dense, input, meanSquaredError, sequential, sparseCategoricalCrossentropy } from '../../src/nn/index.ts';
import { adam } from '../../src/optim/index.ts';
import { trainer } from '../../src/train/index.ts';
import { generator } from '../../src/testing/graphs.ts';

/** points of the plane and which of three sectors they lie in; 50 of them, so that batches of 16 leave 2 over */
export const sectors = ((size: number) => {
  const random = generator(7), xs = Float32Array.from({ length: 2 * size }, () => 2 * random() - 1);
  const sector = (i: number): number => Math.min(2, Math.floor((3 * (Math.atan2(xs[2 * i + 1], xs[2 * i]) + Math.PI)) / (2 * Math.PI)));
  return { x: array(xs, [size, 2]), y: intArray(Int32Array.from({ length: size }, (_, i) => sector(i)), [size]), size };
})(50);

export const classifier = (seed = 1) => trainer({
  model: sequential(input([2]), dense(12, 'relu'), dense(3, 'softmax')), optimizer: adam({ learningRate: 0.02 }), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'], seed,
});

/** y = 2x − 1 */
export const line = ((size: number) => {
  const xs = Float32Array.from({ length: size }, (_, i) => i / size - 0.5);
  return { x: array(xs, [size, 1]), y: array(xs.map((x) => 2 * x - 1), [size, 1]), size };
})(40);
export const regression = trainer({ model: sequential(input([1]), dense(1)), optimizer: adam({ learningRate: 0.1 }), loss: meanSquaredError, metrics: ['meanAbsoluteError'] });

/** A curve from samples of it: regression with the mean squared error. */
import { fileURLToPath } from 'node:url';
import { array, orThrow } from 'fluxion';
import { dense, input, meanSquaredError, sequential } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { evaluate, fit, predict, trainer } from 'fluxion/train';

const size = 512, xs = Float32Array.from({ length: size }, (_, i) => (2 * i) / (size - 1) - 1);
const curve = (x: number): number => Math.sin(4 * x) * x;
export const samples = { x: array(xs, [size, 1]), y: array(xs.map(curve), [size, 1]), size };

export const regression = trainer({
  model: sequential(input([1]), dense(32, 'tanh'), dense(32, 'tanh'), dense(1)),
  optimizer: adam({ learningRate: 0.005 }), loss: meanSquaredError, metrics: ['meanAbsoluteError'],
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const trained = await orThrow(fit(regression, samples, { batchSize: 32, epochs: 100, progress: false }));
  const { loss, meanAbsoluteError } = await orThrow(evaluate(trained, samples));
  const at = array(Float32Array.of(-0.5, 0, 0.5), [3, 1]), there = await orThrow(predict(trained, at));
  console.log(`mean squared error ${loss.toFixed(5)}, mean absolute error ${meanAbsoluteError.toFixed(4)}`);
  at.data.forEach((x, i) => console.log(`f(${x}) = ${curve(x).toFixed(3)}, predicted ${there.data[i].toFixed(3)}`));
}

/** The tutorial: handwritten digits, two hidden layers, Adam. `npx tsx examples/mnist.ts`, or with options `npm start`. */
import { fileURLToPath } from 'node:url';
import { orThrow } from 'fluxion';
import { mnist } from 'fluxion/data';
import { dense, input, sequential, sparseCategoricalCrossentropy } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { evaluate, fit, trainer } from 'fluxion/train';

export const model = sequential(input([784]),
  dense(128, 'relu'),
  dense(128, 'relu'),
  dense(10, 'softmax'));

export const mnistTrainer = trainer({ model, optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { train, test } = await orThrow(mnist({ flat: true }));
  const trained = await orThrow(fit(mnistTrainer, train, { batchSize: 128, epochs: 10 }));
  const { loss, accuracy } = await orThrow(evaluate(trained, test));
  console.log(`test loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
}

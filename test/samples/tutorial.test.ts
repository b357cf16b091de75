import { expect, it } from 'vitest';
import { orThrow, type F32, type NDArray } from 'fluxion';
import { dense, input, sequential, sparseCategoricalCrossentropy } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { evaluate, fit, predict, trainer } from 'fluxion/train';
import { is } from '../types/exact.ts';
import { digits } from './digits.ts';

it('the tutorial: a network in three lines, trained and judged', async () => {
  const { train, test } = await digits();

  const model = sequential(input([784]),
    dense(128, 'relu'),
    dense(128, 'relu'),
    dense(10, 'softmax'));

  const training = trainer({ model, optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] });
  const trained = await orThrow(fit(training, train, { batchSize: 128, epochs: 5, progress: false }));
  const { loss, accuracy } = await orThrow(evaluate(trained, test));

  is<F32<['batch', 10]>>()(model.output);
  is<F32<[784, 128]>>()(model.params[0].kernel);
  is<NDArray<[784, 128], 'f32'>>()(trained.variables.params[0].kernel);
  expect(trained.variables.params[0].kernel.shape).toEqual([784, 128]);
  expect(trained.history).toHaveLength(5);
  expect(loss).toBeLessThan(0.8);
  expect(accuracy).toBeGreaterThan(0.75);
  const probabilities = await orThrow(predict(trained, test.x));
  is<NDArray<['batch', 10], 'f32'>>()(probabilities);
  expect(probabilities.shape).toEqual([512, 10]);
  expect(probabilities.data.subarray(0, 10).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
});

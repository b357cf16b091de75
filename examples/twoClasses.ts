/** One digit against the rest, in both of its forms: a softmax of two classes, and a sigmoid with log loss. */
import { fileURLToPath } from 'node:url';
import { array, intArray, orThrow } from 'fluxion';
import { mnist, type Images } from 'fluxion/data';
import { binaryCrossentropy, dense, input, sequential, sparseCategoricalCrossentropy } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { evaluate, fit, trainer } from 'fluxion/train';

const digit = 0;
const isDigit = ({ y }: Images<[784]>): readonly number[] => Array.from(y.data, (label) => (label === digit ? 1 : 0));

export const twoWay = trainer({
  model: sequential(input([784]), dense(32, 'relu'), dense(2, 'softmax')),
  optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'],
});
const classes = (images: Images<[784]>) => ({ ...images, y: intArray(isDigit(images), [images.size]) });

export const oneWay = trainer({
  model: sequential(input([784]), dense(32, 'relu'), dense(1, 'sigmoid')),
  optimizer: adam(), loss: binaryCrossentropy, metrics: ['accuracy'],
});
const probabilities = (images: Images<[784]>) => ({ ...images, y: array(Float32Array.from(isDigit(images)), [images.size, 1]) });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { train, test } = await orThrow(mnist({ flat: true, limit: 10_000 })), options = { batchSize: 128, epochs: 3 };
  const softmax = await orThrow(evaluate(await orThrow(fit(twoWay, classes(train), options)), classes(test)));
  const sigmoid = await orThrow(evaluate(await orThrow(fit(oneWay, probabilities(train), options)), probabilities(test)));
  console.log(`softmax of two: accuracy ${softmax.accuracy.toFixed(4)}; sigmoid: accuracy ${sigmoid.accuracy.toFixed(4)}`);
}

// Trains with the installed package, as an outsider would: compiled by tsc and run by node in an empty project.
import { array, compile, f32, fn, matmul, orThrow, render } from 'fluxion';
import { dense, input, meanSquaredError, sequential } from 'fluxion/nn';
import { adam } from 'fluxion/optim';
import { evaluate, fit, trainer } from 'fluxion/train';

const size = 256, width = 4;
const xs = Float32Array.from({ length: size * width }, (_, i) => Math.sin(12.9898 * i));
const ys = Float32Array.from({ length: size }, (_, r) => xs[r * width] - 0.5 * xs[r * width + 1]);
const data = { x: array(xs, [size, width]), y: array(ys, [size, 1]), size };

const model = sequential(input([width]), dense(8, 'relu'), dense(1));
const regression = trainer({ model, optimizer: adam(), loss: meanSquaredError });
const once = await orThrow(fit(regression, data, { batchSize: 32, epochs: 1, progress: false }));
const more = await orThrow(fit(regression, data, { batchSize: 32, epochs: 20, progress: false }));
const before = (await orThrow(evaluate(once, data))).loss, after = (await orThrow(evaluate(more, data))).loss;

console.log(`loss ${before} after one epoch, ${after} after twenty`);
if (!(after < before)) throw new Error('training did not lower the loss');

// a mistake is reported where it stands in this program, not in the library that found it
const wrong = compile(fn([f32(['n', 3]), f32([4, 2])], (x, w) => matmul(x as never, w as never)));
const said = wrong._tag === 'Left' ? render(wrong.left) : 'nothing';
console.log(said);
if (!/ at .*program\.js:\d+:\d+/.test(said)) throw new Error('the mistake has no place in this program');

/** `npm start`: trains the network of mnist.ts, with options, a report, the weights and a picture of the loss. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { render, type Result } from 'fluxion';
import { js, reference, wasm, type Backend } from 'fluxion/backends';
import { mnist } from 'fluxion/data';
import { saveWeights } from 'fluxion/interop';
import { lineChart } from 'fluxion/inspect';
import { evaluate, fit, type Callback } from 'fluxion/train';
import { mnistTrainer } from './mnist.ts';

const count = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0) throw new InvalidArgumentError('a whole number is wanted');
  return n;
};
interface Options { readonly backend: string; readonly mode: string; readonly epochs: number; readonly batch: number; readonly seed: number; readonly limit?: number; readonly json?: string; readonly out: string; readonly save?: string }
const options = new Command('npm start --')
  .description('Trains a 784-128-128-10 network on MNIST.')
  .addOption(new Option('--backend <name>', 'what runs it').choices(['wasm', 'js', 'gpujs', 'reference']).default('wasm'))
  .addOption(new Option('--mode <name>', 'of gpujs').choices(['cpu', 'webasm', 'headlessgl']).default('headlessgl'))
  .option('--epochs <n>', 'epochs', count, 10)
  .option('--batch <n>', 'examples a step', count, 128)
  .option('--seed <n>', 'decides weights and order', count, 0)
  .option('--limit <n>', 'only so many training examples', count)
  .option('--json <file>', 'writes a report')
  .option('--out <folder>', 'where weights and picture go', 'out')
  .option('--save <file>', 'saves the whole state after every epoch')
  .parse().opts<Options>();

/** the value, or the diagnostics and the end of the program */
const value = <A>(result: Result<A>): A => {
  if (E.isRight(result)) return result.right;
  console.error(render(result.left));
  process.exit(1);
};
const backendOf = async (): Promise<Backend> => {
  if (options.backend === 'reference') return reference();
  if (options.backend === 'js') return js();
  if (options.backend === 'wasm') return wasm();
  const { gpujs } = await import('fluxion/gpujs');
  return gpujs({ mode: options.mode === 'cpu' || options.mode === 'webasm' ? options.mode : 'headlessgl' });
};
/** between the ends of two steps; the first of an epoch is left out, since an epoch's end lies before it */
const stepTimes: number[] = [];
let last: number | undefined;
const stopwatch: Callback = {
  name: 'stopwatch',
  onStepEnd: () => { const now = performance.now(); if (last !== undefined) stepTimes.push(now - last); last = now; },
  onEpochEnd: () => { last = undefined; },
};
const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)] ?? NaN;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en-US')} kB`;

const { train, test } = value(await mnist({ flat: true, ...(options.limit !== undefined && { limit: options.limit }) })());
const backend = await backendOf();
const begun = performance.now();
const trained = value(await fit({ ...mnistTrainer, seed: options.seed }, train, {
  batchSize: options.batch, epochs: options.epochs, backend, callbacks: [stopwatch], ...(options.save !== undefined && { saveTo: options.save }),
})());
const seconds = (performance.now() - begun) / 1000;
const { loss, accuracy } = value(await evaluate(trained, test, { backend })());

const { report } = trained, msPerStep = median(stepTimes);
console.log(`test loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}${trained.stopped ? ` (ended early by a ${trained.stopped})` : ''}`);
console.log(`${options.backend}: ${msPerStep.toFixed(2)} ms a step, ${seconds.toFixed(1)} s in all`);
if (report && report.kernels > 0) console.log(`${report.kernels} kernels a step, ${kilobytes(report.loadedBytes)} loaded and ${kilobytes(report.storedBytes)} stored, ${kilobytes(report.peakBytes)} of state and temporaries`);

mkdirSync(options.out, { recursive: true });
const weights = join(options.out, 'mnist.safetensors'), picture = join(options.out, 'loss.svg');
value(await saveWeights(weights, trained.variables)());
writeFileSync(picture, lineChart({
  title: 'Training on MNIST', xLabel: 'epoch', yLabel: 'loss',
  series: [{ name: 'training loss', points: trained.history.map((logs, epoch): readonly [number, number] => [epoch + 1, logs['loss']]) }],
}));
console.log(`weights: ${weights}\nloss curve: ${picture}`);
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify({
    testAccuracy: accuracy, testLoss: loss, history: trained.history, msPerStep, seconds, kernels: report?.kernels ?? 0, launches: report?.launches ?? 0,
    loadedBytes: report?.loadedBytes ?? 0, storedBytes: report?.storedBytes ?? 0, backend: options.backend, device: backend.device(), seed: options.seed, peakBytes: report?.peakBytes ?? 0,
  }, null, 2)}\n`);
  console.log(`report: ${options.json}`);
}

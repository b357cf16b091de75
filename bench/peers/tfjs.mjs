// TensorFlow.js, its operations as its users write them; the WebAssembly build runs one thread on Node.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

export const tfjs = async (backend) => {
  console.warn = () => undefined; // its advice to use the native package
  const tf = require('@tensorflow/tfjs');
  if (backend === 'wasm') require('@tensorflow/tfjs-backend-wasm').setWasmPaths(`${join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here`);
  await tf.ready();
  return (problem) => kinds[problem.kind](tf, problem);
};

const shapes = (sizes) => [0, 1, 2].flatMap((i) => [[sizes[i], sizes[i + 1]], [sizes[i + 1]]]);
const logits = ([w1, b1, w2, b2, w3, b3], x) => x.matMul(w1).add(b1).relu().matMul(w2).add(b2).relu().matMul(w3).add(b3);

const step = (tf, { sizes, batch, weights, batches }) => {
  const variables = weights.map((w, i) => tf.variable(tf.tensor(w, shapes(sizes)[i])));
  let optimizer, t;
  const begin = () => {
    optimizer?.dispose();
    t = 0;
    optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
    tf.tidy(() => variables.forEach((v, i) => v.assign(tf.tensor(weights[i], shapes(sizes)[i]))));
  };
  const run = (i) => tf.tidy(() => {
    optimizer.epsilon = 1e-7 / Math.sqrt(1 - 0.999 ** ++t); // its ε stands beside the corrected root, Keras' beside the root itself
    const { x, labels } = batches[i % batches.length], X = tf.tensor2d(x, [batch, sizes[0]]), Y = tf.oneHot(tf.tensor1d(labels, 'int32'), sizes[3]);
    return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(Y, logits(variables, X)), true, variables).dataSync()[0];
  });
  return {
    results: () => { begin(); return { loss: [0, 1, 2].map(run) }; }, begin: () => { begin(); run(0); }, run: (i) => { run(i + 1); },
    close: () => { optimizer?.dispose(); tf.dispose(variables); },
  };
};
const inference = (tf, { sizes, batch, weights, batches }) => {
  const tensors = weights.map((w, i) => tf.tensor(w, shapes(sizes)[i]));
  const run = (i) => tf.tidy(() => tf.softmax(logits(tensors, tf.tensor2d(batches[i % batches.length].x, [batch, sizes[0]]))).dataSync());
  return { results: () => ({ y: run(0) }), run, close: () => tf.dispose(tensors) };
};
/** a function of tensors that stay */
const ofTensors = (tf, tensors, f) => ({
  results: () => { const out = tf.tidy(f), results = Object.fromEntries(Object.entries(out).map(([name, t]) => [name, t.dataSync()])); tf.dispose(out); return results; },
  run: () => tf.tidy(() => { f(); }), close: () => tf.dispose(tensors),
});
const product = (tf, { m, k, n, transposeA, transposeB, a, b }) => {
  const A = tf.tensor2d(a, transposeA ? [k, m] : [m, k]), B = tf.tensor2d(b, transposeB ? [n, k] : [k, n]);
  return ofTensors(tf, [A, B], () => ({ c: tf.matMul(A, B, transposeA, transposeB) }));
};
const rows = (of) => (tf, { rows: m, columns, x, gain, offset }) => {
  const X = tf.tensor2d(x, [m, columns]), g = tf.tensor1d(gain), b = tf.tensor1d(offset);
  return ofTensors(tf, [X, g, b], () => ({ y: of(tf, X, g, b) }));
};
const layerNorm = (tf, x, g, b) => {
  const { mean, variance } = tf.moments(x, 1, true);
  return x.sub(mean).mul(tf.rsqrt(variance.add(1e-5))).mul(g).add(b);
};
const gelu = (tf, x) => x.mul(0.5).mul(tf.tanh(x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))).add(1));
const attention = (tf, { heads, length, width, causal, backward, q, k, v, dOut }) => {
  const [Q, K, V, dO] = [q, k, v, dOut].map((data) => tf.tensor3d(data, [heads, length, width]));
  const mask = causal ? tf.tidy(() => tf.linalg.bandPart(tf.ones([length, length]), -1, 0).sub(1).mul(1e30)) : undefined;
  const attend = (x, y, z) => { const s = tf.matMul(x, y, false, true).mul(1 / Math.sqrt(width)); return tf.matMul(tf.softmax(mask === undefined ? s : s.add(mask)), z); };
  const both = () => { const [dq, dk, dv] = tf.grads(attend)([Q, K, V], dO); return { out: attend(Q, K, V), dq, dk, dv }; };
  return ofTensors(tf, [Q, K, V, dO, ...(causal ? [mask] : [])], backward ? both : () => ({ out: attend(Q, K, V) }));
};
const kinds = { step, inference, product, softmax: rows((tf, x) => tf.softmax(x)), layerNorm: rows(layerNorm), gelu: rows(gelu), attention };

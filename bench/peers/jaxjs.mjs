// jax-js on WebAssembly, each problem as one jitted function; its arrays are counted, so that what stays is referred to anew.
// It has no threads on Node, and no optimiser package: Adam stands in the step.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad, vjp } from '@jax-js/jax';

export const jaxjs = async () => {
  await init('wasm');
  defaultDevice('wasm');
  return (problem) => kinds[problem.kind](problem);
};

const shapes = (sizes) => [0, 1, 2].flatMap((i) => [[sizes[i], sizes[i + 1]], [sizes[i + 1]]]);
const array = (data, shape) => np.array(data, { shape });
const layers = ({ weights, sizes }) => weights.map((w, i) => array(w, shapes(sizes)[i]));
const logits = ([w1, b1, w2, b2, w3, b3], x) => np.dot(nn.relu(np.dot(nn.relu(np.dot(x, w1).add(b1)), w2).add(b2)), w3).add(b3);

const step = (problem) => {
  const { sizes, batch, batches } = problem, loss = (p, x, y) => nn.logSoftmax(logits(p, x)).mul(nn.oneHot(y, sizes[3])).sum().mul(-1 / batch);
  const update = jit((p, m, v, x, y, rate) => {
    const [value, g] = valueAndGrad(loss)(tree.ref(p), x, y);
    const mean = tree.map((old, d) => old.mul(0.9).add(d.ref.mul(0.1)), m, tree.ref(g)), square = tree.map((old, d) => old.mul(0.999).add(d.ref.mul(d).mul(0.001)), v, g);
    const next = tree.map((w, a, b) => w.sub(a.mul(rate.ref).div(np.sqrt(b).add(1e-7))), p, tree.ref(mean), tree.ref(square));
    rate.dispose?.();
    return [next, mean, square, value];
  });
  let p, m, v, t;
  const zeros = () => tree.map((w) => np.zerosLike(w.ref), p);
  const restart = () => { tree.dispose([p, m, v].filter((x) => x !== undefined)); p = layers(problem); m = zeros(); v = zeros(); t = 0; };
  const run = async (i) => {
    const { x, labels } = batches[i % batches.length];
    t++;
    const [p2, m2, v2, value] = update(p, m, v, array(x, [batch, sizes[0]]), np.array(labels, { dtype: np.int32 }), np.array((1e-3 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)));
    [p, m, v] = [p2, m2, v2];
    await blockUntilReady([p, m, v].flat());
    return (await value.data())[0];
  };
  return {
    results: async () => { restart(); const loss = []; for (const i of [0, 1, 2]) loss.push(await run(i)); return { loss }; },
    begin: async () => { restart(); await run(0); }, run: (i) => run(i + 1), close: () => tree.dispose([p, m, v]),
  };
};
const inference = (problem) => {
  const { sizes, batch, batches } = problem, weights = layers(problem), forward = jit((p, x) => nn.softmax(logits(p, x)));
  const run = (i) => forward(tree.ref(weights), array(batches[i % batches.length].x, [batch, sizes[0]])).dataSync();
  return { results: () => ({ y: run(0) }), run, close: () => tree.dispose(weights) };
};
/** a function of arrays that stay */
const ofArrays = (arrays, names, f) => {
  const jitted = jit(f), call = () => jitted(...arrays.map((a) => a.ref));
  return {
    results: async () => { const out = call(), results = {}; for (const [i, name] of names.entries()) results[name] = await out[i].data(); return results; },
    run: async () => { const out = call(); await blockUntilReady(out); tree.dispose(out); }, close: () => tree.dispose(arrays),
  };
};
const turned = (x) => x.transpose([1, 0]);
const product = ({ m, k, n, transposeA, transposeB, a, b }) => ofArrays([array(a, transposeA ? [k, m] : [m, k]), array(b, transposeB ? [n, k] : [k, n])], ['c'],
  (x, y) => [np.matmul(transposeA ? turned(x) : x, transposeB ? turned(y) : y)]);
const rows = (of) => ({ rows: m, columns, x, gain, offset }) => ofArrays([array(x, [m, columns]), array(gain, [columns]), array(offset, [columns])].slice(0, of.length), ['y'], (...given) => [of(...given)]);
const layerNorm = (x, g, b) => {
  const mean = x.ref.mean(1, { keepdims: true }), centred = x.sub(mean), variance = centred.ref.mul(centred.ref).mean(1, { keepdims: true });
  return centred.mul(np.reciprocal(np.sqrt(variance.add(1e-5)))).mul(g).add(b);
};
const attention = ({ heads, length, width, causal, backward, q, k, v, dOut }) => {
  const [Q, K, V, dO] = [q, k, v, dOut].map((data) => array(data, [heads, length, width]));
  const mask = () => np.where(np.arange(length).reshape([1, length]).greater(np.arange(length).reshape([length, 1])), -1e30, 0);
  const attend = (x, y, z) => { const s = np.matmul(x, y.transpose([0, 2, 1])).mul(1 / Math.sqrt(width)); return np.matmul(nn.softmax(causal ? s.add(mask()) : s), z); };
  if (!backward) return ofArrays([Q, K, V], ['out'], (x, y, z) => [attend(x, y, z)]);
  return ofArrays([Q, K, V, dO], ['out', 'dq', 'dk', 'dv'], (x, y, z, cotangent) => { const [out, pull] = vjp(attend, [x, y, z]); return [out, ...pull(cotangent)]; });
};
const kinds = { step, inference, product, softmax: rows((x) => nn.softmax(x)), layerNorm: rows(layerNorm), gelu: rows((x) => nn.gelu(x)), attention };

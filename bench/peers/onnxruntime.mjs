// ONNX Runtime, native and in WebAssembly: models of the standard's operations, inference only.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url), { onnx } = require('onnx-proto');

export const onnxruntime = async (kind, threads) => {
  const ort = kind === 'node' ? require('onnxruntime-node') : await import('onnxruntime-web');
  if (kind === 'web') ort.env.wasm.numThreads = threads;
  const options = kind === 'node' ? { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1 } : { executionProviders: ['wasm'] };
  const open = async (model, feeds) => {
    const session = await ort.InferenceSession.create(model, { ...options, graphOptimizationLevel: 'all' });
    const given = feeds.map((feed) => Object.fromEntries(Object.entries(feed).map(([name, [data, shape]]) => [name, new ort.Tensor('float32', data, shape)])));
    const run = (i) => session.run(given[i % given.length]);
    return { run, results: async () => Object.fromEntries(Object.entries(await run(0)).map(([name, { data }]) => [name, data])), close: () => { void session.release(); } };
  };
  return (problem) => open(...kinds[problem.kind](problem));
};

const float = 1, opset = 20;
const valueInfo = (name, dims) => ({ name, type: { tensorType: { elemType: float, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const initializer = (name, dims, data) => ({ name, dims, dataType: float, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
const attribute = (name, value) => (Array.isArray(value) ? { name, type: 7, ints: value } : typeof value === 'string' ? { name, type: 3, s: Buffer.from(value) } : Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value });
const node = (opType, input, output, attributes = {}) => ({ opType, input, output: [output], name: output, attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)) });
const model = (nodes, inputs, outputs, initializers = []) => {
  const proto = onnx.ModelProto.create({ irVersion: 9, opsetImport: [{ domain: '', version: opset }], producerName: 'fluxion-bench', graph: { name: 'g', node: nodes, input: inputs, output: outputs, initializer: initializers } });
  const wrong = onnx.ModelProto.verify(proto);
  if (wrong) throw new Error(wrong);
  return onnx.ModelProto.encode(proto).finish();
};

const inference = ({ sizes: [d0, d1, d2, d3], batch, weights, batches }) => {
  const names = ['w1', 'b1', 'w2', 'b2', 'w3', 'b3'], dims = [[d0, d1], [d1], [d1, d2], [d2], [d2, d3], [d3]];
  return [
    model([
      node('Gemm', ['x', 'w1', 'b1'], 'z1'), node('Relu', ['z1'], 'h1'), node('Gemm', ['h1', 'w2', 'b2'], 'z2'), node('Relu', ['z2'], 'h2'), node('Gemm', ['h2', 'w3', 'b3'], 'z3'), node('Softmax', ['z3'], 'y', { axis: 1 }),
    ], [valueInfo('x', [batch, d0])], [valueInfo('y', [batch, d3])], weights.map((w, i) => initializer(names[i], dims[i], w))),
    batches.map(({ x }) => ({ x: [x, [batch, d0]] })),
  ];
};
const product = ({ m, k, n, transposeA, transposeB, a, b }) => {
  const aShape = transposeA ? [k, m] : [m, k], bShape = transposeB ? [n, k] : [k, n];
  const multiply = transposeA || transposeB ? node('Gemm', ['a', 'b'], 'c', { transA: Number(transposeA), transB: Number(transposeB) }) : node('MatMul', ['a', 'b'], 'c');
  return [model([multiply], [valueInfo('a', aShape), valueInfo('b', bShape)], [valueInfo('c', [m, n])]), [{ a: [a, aShape], b: [b, bShape] }]];
};
const rows = (operation, names) => ({ rows: m, columns, ...data }) => {
  const shapeOf = (name) => (name === 'x' ? [m, columns] : [columns]);
  return [model([operation], names.map((name) => valueInfo(name, shapeOf(name))), [valueInfo('y', [m, columns])]), [Object.fromEntries(names.map((name) => [name, [data[name], shapeOf(name)]]))]];
};
const attention = ({ heads, length, width, causal, backward, q, k, v }) => {
  if (backward) throw new Error('it computes no gradients');
  const shape = [heads, length, width], mask = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -Infinity : 0));
  return [
    model([
      node('Transpose', ['k'], 'kt', { perm: [0, 2, 1] }), node('MatMul', ['q', 'kt'], 's0'), node('Mul', ['s0', 'scale'], 's1'), ...(causal ? [node('Add', ['s1', 'mask'], 's2')] : []),
      node('Softmax', [causal ? 's2' : 's1'], 'p', { axis: 2 }), node('MatMul', ['p', 'v'], 'out'),
    ], ['q', 'k', 'v'].map((name) => valueInfo(name, shape)), [valueInfo('out', shape)], [initializer('scale', [], new Float32Array([1 / Math.sqrt(width)])), ...(causal ? [initializer('mask', [length, length], mask)] : [])]),
    [{ q: [q, shape], k: [k, shape], v: [v, shape] }],
  ];
};
const kinds = {
  step: () => { throw new Error('it trains no networks'); }, inference, product, attention,
  softmax: rows(node('Softmax', ['x'], 'y', { axis: 1 }), ['x']),
  layerNorm: rows(node('LayerNormalization', ['x', 'gain', 'offset'], 'y', { axis: 1, epsilon: 1e-5 }), ['x', 'gain', 'offset']),
  gelu: rows(node('Gelu', ['x'], 'y', { approximate: 'tanh' }), ['x']),
};

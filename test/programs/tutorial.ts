import { sym, type Dims, type TensorType } from '../../src/core/dim.ts';
import { createBuilder } from '../../src/ir/graph/builder.ts';
import type { Builder } from '../../src/ir/graph/build.ts';
import type { Module, Node } from '../../src/ir/graph/syntax.ts';

/**
 * The tutorial's training step as a graph, for any widths: dense layers with relu, softmax from which the cross-entropy
 * is taken by its probabilities, the gradient as a transform, Adam as Keras computes it. Parameters: x, labels, the step
 * count, then weights, first and second moments; results: the same state again, then loss and count of right answers.
 */
export const trainingStep = (widths: readonly number[], maxBatch: number): Module => {
  const b = createBuilder(), batch = sym('batch', maxBatch);
  const f32 = (shape: Dims): TensorType => ({ dtype: 'f32', shape });
  const x = f32([batch, widths[0]]), labels: TensorType = { dtype: 'i32', shape: [batch] };
  const weights = widths.slice(1).flatMap((n, i) => [f32([widths[i], n]), f32([n])]);
  lossGraph(b, [x, labels, ...weights]);
  const types = [x, labels, { dtype: 'i32', shape: [] } as TensorType, ...weights, ...weights, ...weights];
  const params = types.map((t, i) => b.parameter('main', i, nameOf(i, weights.length), t));
  const [px, py, count] = params, n = weights.length;
  const part = (k: number): readonly Node[] => params.slice(3 + k * n, 3 + (k + 1) * n);
  const one = b.constant(f32([]), 1);
  const derived = b.resultsOf(b.node('transform', { kind: 'vjp', graph: 'loss', wrt: weights.map((_, i) => i + 2) }, [px, py, ...part(0), one, b.constant(f32([]), 0)]));
  const next = b.map('add', [count, b.like(count, 1)]);
  const updates = derived.slice(2).map((g, i) => adam(b, part(0)[i], g, part(1)[i], part(2)[i], b.convert(next, 'f32')));
  b.addGraph({ name: 'main', params, results: [next, ...[0, 1, 2].flatMap((k) => updates.map((u) => u[k])), derived[0], derived[1]] });
  return b.finish('main');
};
const nameOf = (i: number, n: number): string => (i < 3 ? ['x', 'labels', 'step'][i] : `${['w', 'm', 'v'][Math.floor((i - 3) / n)]}${(i - 3) % n}`);

/** (x, labels, weights…) → (mean cross-entropy, right answers) */
const lossGraph = (b: Builder, types: readonly TensorType[]): void => {
  const params = types.map((t, i) => b.parameter('loss', i, `p${i}`, t)), [x, labels] = params;
  let h: Node = x;
  for (let i = 2; i < params.length; i += 2) {
    const z = b.dotGeneral(h, params[i], { batch: [[], []], contract: [[1], [0]] });
    const biased = b.map('add', [z, b.broadcastInDim(params[i + 1], z.type.shape, [1])]);
    h = i + 2 < params.length ? b.map('max', [biased, b.like(biased, 0)]) : biased;
  }
  const shape = h.type.shape, spread = (row: Node): Node => b.broadcastInDim(row, shape, [0]);
  const e = b.map('exp', [b.map('sub', [h, b.map('stopGradient', [spread(b.reduce('max', h, [1]))])])]);
  const p = b.map('div', [e, spread(b.reduce('add', e, [1]))]);
  const hot = b.map('eq', [spread(labels), b.iota({ dtype: 'i32', shape }, 1)]);
  const own = b.reduce('add', b.map('select', [hot, b.map('log', [p]), b.like(p, 0)]), [1]);
  const count = b.convert(b.getDimensionSize(x, 0), 'f32');
  const right = b.convert(b.map('eq', [b.reduce('argMax', h, [1]), labels]), 'f32');
  b.addGraph({ name: 'loss', params, results: [b.map('neg', [b.map('div', [b.reduce('add', own, [0]), count])]), b.reduce('add', right, [0])] });
};

const adam = (b: Builder, w: Node, g: Node, m: Node, v: Node, t: Node): readonly [Node, Node, Node] => {
  const scalar = (x: number): Node => b.constant(t.type, x), all = (x: Node): Node => b.broadcastInDim(x, w.type.shape, []);
  const decay = (beta: number): Node => b.map('sub', [scalar(1), b.map('pow', [scalar(beta), t])]);
  const rate = b.map('div', [b.map('mul', [scalar(1e-3), b.map('sqrt', [decay(0.999)])]), decay(0.9)]);
  const mix = (old: Node, beta: number, fresh: Node): Node => b.map('add', [b.map('mul', [old, b.like(old, beta)]), b.map('mul', [fresh, b.like(fresh, 1 - beta)])]);
  const m2 = mix(m, 0.9, g), v2 = mix(v, 0.999, b.map('mul', [g, g]));
  const step = b.map('div', [b.map('mul', [all(rate), m2]), b.map('add', [b.map('sqrt', [v2]), b.like(v2, 1e-7)])]);
  return [b.map('sub', [w, step]), m2, v2];
};

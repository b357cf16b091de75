import type { Builder } from '../../../src/ir/graph/build.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Module, Node } from '../../../src/ir/graph/syntax.ts';
import type { Float } from '../../../src/core/dtype.ts';
import type { Pass } from '../../../src/passes/pass.ts';

export type Write = (b: Builder, x: Node) => Node;

export const apply = (module: Module, passes: readonly Pass[], fired: (rule: string) => void = () => undefined): Module =>
  passes.reduce((m, pass) => pass.run(m, fired), module);

/** a graph of one operand as a composite */
export const asComposite = (name: string, body: Write): Write => (b, x) => {
  const graph = b.freshName(name), p = b.parameter(graph, 0, 'x', x.type);
  b.addGraph({ name: graph, params: [p], results: [body(b, p)] });
  return b.node('composite', { name, attributes: {}, body: graph }, [x]);
};

// ── softmax along the last axis

const last = (x: Node): number => x.type.shape.length - 1;
const kept = (x: Node): Node['type']['shape'] => [...x.type.shape.slice(0, -1), 1];
/** a reduction along the last axis that keeps it with size 1, repeated along it */
const along = (b: Builder, monoid: 'max' | 'add', x: Node, wrap: (x: Node) => Node = (r) => r): Node => {
  const narrow = wrap(b.reshape(b.reduce(monoid, x, [last(x)]), kept(x)));
  return b.broadcastInDim(narrow, x.type.shape, x.type.shape.map((_, i) => i));
};
const ratio: Write = (b, x) => { const e = b.map('exp', [x]); return b.map('div', [e, along(b, 'add', e)]); };
const body: Write = (b, x) => ratio(b, b.map('sub', [x, along(b, 'max', x, (m) => b.map('stopGradient', [m]))]));
export const softmaxes = {
  composite: asComposite('softmax', body),
  bare: ratio,
  shifted: body,
  'shifted with its derivative': (b, x) => ratio(b, b.map('sub', [x, along(b, 'max', x)])),
} as const satisfies Record<string, Write>;

const logSum: Write = (b, x) => along(b, 'add', b.map('exp', [x]), (s) => b.map('log', [s]));
export const logSoftmaxes = {
  composite: asComposite('logSoftmax', (b, x) => { const s = b.map('sub', [x, along(b, 'max', x, (m) => b.map('stopGradient', [m]))]); return b.map('sub', [s, logSum(b, s)]); }),
  'log of softmax': (b, x) => b.map('log', [softmaxes.composite(b, x)]),
  'max taken away with its derivative': (b, x) => { const s = b.map('sub', [x, along(b, 'max', x)]); return b.map('sub', [s, logSum(b, s)]); },
} as const satisfies Record<string, Write>;

// ── the element of each row at its label

export type Pick = (b: Builder, x: Node, labels: Node) => Node;
const hits = (b: Builder, x: Node, labels: Node): Node =>
  b.map('eq', [b.broadcastInDim(labels, x.type.shape, [0]), b.broadcastInDim(b.iota({ dtype: 'i32', shape: [x.type.shape[1]] }, 0), x.type.shape, [1])]);
export const pick: Pick = (b, x, labels) => b.reduce('add', b.map('select', [hits(b, x, labels), x, b.like(x, 0)]), [1]);
const oneHot: Pick = (b, x, labels) => b.reduce('add', b.map('mul', [b.convert(hits(b, x, labels), x.type.dtype), x]), [1]);
const contraction: Pick = (b, x, labels) => b.dotGeneral(b.convert(hits(b, x, labels), x.type.dtype), x, { batch: [[0], [0]], contract: [[1], [1]] });
export const crossEntropies = {
  'log, then pick': (b, p, labels) => pick(b, b.map('log', [p]), labels),
  'log times one-hot': (b, p, labels) => oneHot(b, b.map('log', [p]), labels),
  'one-hot times log': (b, p, labels) => b.reduce('add', b.map('mul', [b.map('log', [p]), b.convert(hits(b, p, labels), p.type.dtype)]), [1]),
  'log contracted with one-hot': (b, p, labels) => contraction(b, b.map('log', [p]), labels),
} as const satisfies Record<string, Pick>;

/** main(z, labels) = (loss, its gradient): the mean of what is picked, negated, of f(z) */
export const lossModule = (write: (b: Builder, z: Node, labels: Node) => Node, rows: number, columns: number, dtype: Float = 'f32'): Module => {
  const b = createBuilder(), z = { dtype, shape: [rows, columns] }, labels = { dtype: 'i32', shape: [rows] } as const;
  const own = [b.parameter('loss', 0, 'z', z), b.parameter('loss', 1, 'labels', labels)];
  const sum = b.reduce('add', write(b, own[0], own[1]), [0]);
  b.addGraph({ name: 'loss', params: own, results: [b.map('neg', [b.map('div', [sum, b.like(sum, rows)])])] });
  const params = [b.parameter('main', 0, 'z', z), b.parameter('main', 1, 'labels', labels)];
  const both = b.node('transform', { kind: 'vjp', graph: 'loss', wrt: [0] }, [...params, b.constant({ dtype, shape: [] }, 1)]);
  b.addGraph({ name: 'main', params, results: b.resultsOf(both) });
  return b.finish('main');
};
/** main(x) = (Σ f(x), its gradient) */
export const gradientOf = (write: Write, size: number, dtype: Float = 'f32'): Module => {
  const b = createBuilder(), type = { dtype, shape: [size] }, own = b.parameter('f', 0, 'x', type), x = b.parameter('main', 0, 'x', type);
  const y = write(b, own);
  b.addGraph({ name: 'f', params: [own], results: [y] });
  const both = b.node('transform', { kind: 'vjp', graph: 'f', wrt: [0] }, [x, b.constant(y.type, 1)]);
  b.addGraph({ name: 'main', params: [x], results: b.resultsOf(both) });
  return b.finish('main');
};

import { isSym } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Attrs, Node, OpName } from '../../../ir/graph/syntax.ts';
import { graphOver } from '../../../ir/graph/walk.ts';
import type { Refusal } from '../derivatives/rule.ts';
import { axesOf } from '../facts.ts';
import { mapped, spread, type Batch, type BatchRule, type Values } from './rule.ts';

/** the examples behind the runs, or before them again */
const exchanged = (b: Builder, x: Node): Node => b.transpose(x, [1, 0, ...axesOf(x.type.shape).slice(2)]);
const every = (values: Values): readonly boolean[] => values.map((v) => v.isMapped);

/** One run of all examples after the other. Its carries are mapped, whatever they begin as. */
export const scan: BatchRule<'scan'> = (node, values, c) => {
  const { b } = c, { graph, carries, slices } = node.attrs, state = values.slice(0, carries).map((v) => mapped(spread(c, v))), rows = values.slice(carries, carries + slices), others = values.slice(carries + slices);
  const body = c.graph(graph, every([...state, ...rows, ...others]), 'all');
  const operands = [...state.map((v) => v.node), ...rows.map((v) => (v.isMapped ? exchanged(b, v.node) : v.node)), ...others.map((v) => v.node)];
  const made = b.node('scan', { ...node.attrs, graph: body.name }, operands, { origins: node.origins });
  return b.resultsOf(made).map((x, i) => mapped(i < carries ? x : exchanged(b, x)));
};

/** It runs while the test holds of any example; those of which it fails stay as they are. */
export const whileLoop: BatchRule<'while'> = (node, values, c) => {
  const { b } = c, { test, body, carries } = node.attrs, operands = [...values.slice(0, carries).map((v) => mapped(spread(c, v))), ...values.slice(carries)], types = operands.map((v) => v.node.type);
  const asked = c.graph(test, every(operands), 'all'), run = c.graph(body, every(operands), 'all');
  const made = b.node('while', {
    test: graphOver(b, `${test}_any`, types, (params) => [b.reduce('or', b.call(asked.name, params), [0])]),
    body: graphOver(b, `${body}_each`, types, (params) => {
      const goes = b.call(asked.name, params);
      return b.resultsOf(b.call(run.name, params)).map((x, i) => chosen(b, goes, x, params[i]));
    }), carries,
  }, operands.map((v) => v.node), { origins: node.origins });
  return b.resultsOf(made).map(mapped);
};

/** The same branch for all examples, where they share the number; else all branches, and of each example's results those of its own. */
export const choice: BatchRule<'case'> = (node, [number, ...args], c) => {
  const { b } = c, branches = node.attrs.branches.map((name) => c.graph(name, every(args), 'all').name), operands = args.map((v) => v.node);
  if (!number.isMapped) return b.resultsOf(b.node('case', { branches }, [number.node, ...operands], { origins: node.origins })).map(mapped);
  return chosenBy(c, number.node, branches.map((name) => b.resultsOf(b.call(name, operands)))).map(mapped);
};
const chosenBy = ({ b }: Batch, number: Node, all: readonly (readonly Node[])[]): readonly Node[] =>
  all[all.length - 1].map((last, i) => all.slice(0, -1).reduceRight<Node>((rest, results, k) => chosen(b, b.map('eq', [number, b.like(number, k)]), results[i], rest), last));
/** of each example the one or the other */
const chosen = (b: Builder, test: Node, x: Node, y: Node): Node => b.map('select', [b.broadcastInDim(test, x.type.shape, [0]), x, y]);

/** Example by example, where what each reads lies elsewhere: a loop over them. */
export const oneByOne = <K extends OpName>(node: Node<K>, values: Values, c: Batch): Values | Refusal => {
  const { b, size } = c;
  if (isSym(size)) return { refused: 'each example reads or writes other places, and their number is a named dimension; give it one size' };
  const rows = values.flatMap((v, i) => (v.isMapped ? [i] : [])), others = values.flatMap((v, i) => (v.isMapped ? [] : [i])), order = [...rows, ...others];
  const graph = graphOver(b, node.op, order.map((i) => node.inputs[i].type), (params) => {
    // SAFETY: a node's attributes are those of its operation
    const made: Node = b.node<OpName>(node.op, node.attrs as Attrs[K], node.inputs.map((_, i) => params[order.indexOf(i)]), { origins: node.origins });
    return b.resultsOf(made);
  });
  return b.resultsOf(b.node('scan', { graph, carries: 0, slices: rows.length, length: size, reverse: false }, order.map((i) => values[i].node))).map(mapped);
};

import type { Dim } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Attrs, Node, OpName } from '../../../ir/graph/syntax.ts';
import type { Refusal } from '../derivatives/rule.ts';
import { axesOf, splatOf } from '../facts.ts';

/** A value of many examples: one for each along its axis 0, or (not mapped) one for all. */
export interface Value { readonly node: Node; readonly isMapped: boolean }
export type Values = readonly Value[];

/** A graph over many examples at once: which of its results hold one for each. */
export interface MappedGraph { readonly name: string; readonly isMapped: readonly boolean[] }
/** What the rules are given beside the node. */
export interface Batch {
  readonly b: Builder;
  /** how many examples */
  readonly size: Dim;
  /** a named graph over mapped inputs where `isMapped` says so; with `all`, every result is mapped */
  readonly graph: (name: string, isMapped: readonly boolean[], results?: 'all') => MappedGraph;
  /** a composite's own derivative, over inputs of which some are mapped, and over results that all are */
  readonly derivative: (kind: 'vjp' | 'jvp', name: string, node: Node<'composite'>, isMapped: readonly boolean[]) => string;
}

/** From a node and its inputs, at least one of them mapped: its results. What all examples share is computed once. */
export type BatchRule<K extends OpName> = (node: Node<K>, inputs: Values, c: Batch) => Values | Refusal;

/** the row of what has no inputs, or is read by the sweep */
export const none = (): Values => [];

export const mapped = (node: Node): Value => ({ node, isMapped: true });
export const shared = (node: Node): Value => ({ node, isMapped: false });

/** the value for each example */
export const spread = ({ b, size }: Pick<Batch, 'b' | 'size'>, { node, isMapped }: Value): Node => {
  if (isMapped) return node;
  const { dtype, shape } = node.type, splat = splatOf(node);
  if (splat !== undefined) return b.constant({ dtype, shape: [size, ...shape] }, splat);
  return b.broadcastInDim(node, [size, ...shape], axesOf(shape).map(next));
};
/** an axis of one example, counted among those of all */
export const next = (axis: number): number => axis + 1;

/** the same operation with other attributes and inputs; what is wrong with it later is told of the original's place */
export const again = <K extends OpName>({ b }: Batch, node: Node<K>, attrs: Attrs[K], inputs: readonly Node[]): Values => {
  const made: Node = b.node<OpName>(node.op, attrs, inputs, { origins: node.origins });
  return b.resultsOf(made).map(mapped);
};

/** The operation itself over all inputs spread: its attributes leave the first axis alone. */
export const alike = <K extends OpName>(attrsOf: (attrs: Attrs[K], c: Batch, node: Node<K>) => Attrs[K]): BatchRule<K> => (node, inputs, c) => {
  // SAFETY: a node's attributes are those of its operation
  const attrs = node.attrs as Attrs[K];
  return again(c, node, attrsOf(attrs, c, node), inputs.map((x) => spread(c, x)));
};

/** x with its axis `from` at the front, or what is at the front put there */
export const toFront = (b: Builder, x: Node, from: number): Node => moved(b, x, [from, ...axesOf(x.type.shape).filter((i) => i !== from)]);
export const fromFront = (b: Builder, x: Node, to: number): Node => {
  const rest = axesOf(x.type.shape).slice(1);
  return moved(b, x, [...rest.slice(0, to), 0, ...rest.slice(to)]);
};
const moved = (b: Builder, x: Node, perm: readonly number[]): Node => (perm.every((axis, i) => axis === i) ? x : b.transpose(x, perm));

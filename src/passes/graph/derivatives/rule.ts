import { isFloat } from '../../../core/dtype.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Graph, Node, OpName } from '../../../ir/graph/syntax.ts';

/** A cotangent or a tangent; undefined stands for zero. */
export type Change = Node | undefined;
export type Changes = readonly Change[];

/** Why an operation has no derivative: a row like any other, and the text of its diagnostic. */
export interface Refusal { readonly refused: string }
export const isRefusal = (x: Changes | Refusal): x is Refusal => 'refused' in x;
export const refused = (reason: string) => (): Refusal => ({ refused: reason });
/** the row of what has no float operand, or is constant between its jumps */
export const none = (): Changes => [];

/** What the rules of operations that hold graphs need: the derivative of such a graph, written in place. */
export interface Derive {
  readonly b: Builder;
  /** one cotangent per parameter of the graph (those at `wrt`; others are undefined), from one per result; of the graph's values, some may be `known` */
  readonly vjp: (graph: Graph, args: readonly Node[], cotangents: Changes, wrt: readonly number[], known?: ReadonlyMap<Node, Node>) => Changes;
  /** one tangent per result of the graph, from one per parameter */
  readonly jvp: (graph: Graph, args: readonly Node[], tangents: Changes) => Changes;
}

/**
 * From a node and a cotangent for each of its results: one for each of its inputs, of which those at `wanted` are used.
 * It runs where at least one cotangent is not zero.
 */
export type VjpRule<K extends OpName> = (node: Node<K>, cotangents: Changes, d: Derive, wanted: readonly number[]) => Changes | Refusal;
/** From a node and a tangent for each of its inputs: one for each of its results; it runs where at least one is not zero. */
export type JvpRule<K extends OpName> = (node: Node<K>, tangents: Changes, d: Derive) => Changes | Refusal;

export const zeros = (b: Builder, x: Node): Node => b.like(x, 0);
export const orZeros = (b: Builder, change: Change, x: Node): Node => change ?? zeros(b, x);
/** the sum of changes, none of which need be there */
export const sum = (b: Builder, changes: Changes): Change =>
  changes.reduce((total, change) => (total === undefined ? change : change === undefined ? total : b.map('add', [total, change])), undefined);
export const areFloats = (x: Node): boolean => x.results.some((type) => isFloat(type.dtype));

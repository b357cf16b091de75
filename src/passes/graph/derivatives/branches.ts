import { isFloat } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import { graphOver, inlineGraph } from '../../../ir/graph/walk.ts';
import { orZeros, type Change, type Changes, type Derive } from './rule.ts';

const isFloating = (x: Node): boolean => isFloat(x.type.dtype);
const places = (all: readonly unknown[]): readonly number[] => all.flatMap((t, i) => (t === undefined ? [] : [i]));
const present = (all: Changes): readonly Node[] => all.filter((t) => t !== undefined);

/** Reverse mode: the branch that was taken pulls the cotangents back. */
export const vjpOfCase = (node: Node<'case'>, cotangents: Changes, d: Derive, wanted: readonly number[]): Changes => {
  const { b } = d, [index, ...args] = node.inputs, given = places(cotangents), wrt = wanted.map((i) => i - 1), seeds = present(cotangents);
  const branches = node.attrs.branches.map((name) => graphOver(b, `${name}_vjp`, [...args, ...seeds].map((x) => x.type), (params) => {
    const graph = b.graph(name), own = params.slice(0, args.length), changes = d.vjp(graph, own, graph.results.map((_, i) => (given.includes(i) ? params[args.length + given.indexOf(i)] : undefined)), wrt);
    return wrt.map((i) => orZeros(b, changes[i], own[i]));
  }));
  const made = b.resultsOf(b.node('case', { branches }, [index, ...args, ...seeds]));
  return node.inputs.map((_, i): Change => made[wrt.indexOf(i - 1)]);
};

/** Forward mode: the same branch of the tangents. */
export const jvpOfCase = (node: Node<'case'>, tangents: Changes, d: Derive): Changes => {
  const { b } = d, [index, ...args] = node.inputs, moving = places(tangents.slice(1)), seeds = present(tangents.slice(1)), floats = node.results.flatMap((t, i) => (isFloat(t.dtype) ? [i] : []));
  const branches = node.attrs.branches.map((name) => graphOver(b, `${name}_jvp`, [...args, ...seeds].map((x) => x.type), (params) => {
    const graph = b.graph(name), own = params.slice(0, args.length), values = inlineGraph(b, graph, own), changes = d.jvp(graph, own, own.map((_, i) => (moving.includes(i) ? params[args.length + moving.indexOf(i)] : undefined)));
    return floats.map((i) => orZeros(b, changes[i], values[i]));
  }));
  const made = floats.length === 0 ? [] : b.resultsOf(b.node('case', { branches }, [index, ...args, ...seeds]));
  return node.results.map((_, i): Change => made[floats.indexOf(i)]);
};

/** Forward mode: values and tangents run together, as long as the test holds of the values. */
export const jvpOfWhile = ({ attrs }: Node<'while'>, inputs: readonly Node[], tangents: Changes, d: Derive): { readonly values: readonly Node[]; readonly tangents: Changes } => {
  const { b } = d, { carries } = attrs, state = inputs.slice(0, carries), others = inputs.slice(carries), body = b.graph(attrs.body);
  const floats = state.flatMap((x, i) => (isFloating(x) ? [i] : [])), moving = places(tangents.slice(carries)), still = present(tangents.slice(carries));
  const operands = [...state, ...floats.map((i) => orZeros(b, tangents[i], state[i])), ...others, ...still], types = operands.map((x) => x.type), first = carries + floats.length;
  const valuesIn = (params: readonly Node[]): readonly Node[] => [...params.slice(0, carries), ...params.slice(first, first + others.length)];
  const test = graphOver(b, `${attrs.test}_jvp`, types, (params) => inlineGraph(b, b.graph(attrs.test), valuesIn(params)));
  const run = graphOver(b, `${attrs.body}_jvp`, types, (params) => {
    const own = valuesIn(params), values = inlineGraph(b, body, own), changes = d.jvp(body, own, own.map((_, i): Change => {
      if (i < carries) return floats.includes(i) ? params[carries + floats.indexOf(i)] : undefined;
      return moving.includes(i - carries) ? params[first + others.length + moving.indexOf(i - carries)] : undefined;
    }));
    return [...values, ...floats.map((i) => orZeros(b, changes[i], values[i]))];
  });
  const made = b.resultsOf(b.node('while', { test, body: run, carries: first }, operands));
  return { values: made.slice(0, carries), tangents: state.map((_, i): Change => (floats.includes(i) ? made[carries + floats.indexOf(i)] : undefined)) };
};

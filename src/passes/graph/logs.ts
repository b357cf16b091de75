import type { Module, Node } from '../../ir/graph/syntax.ts';
import { calleesFirst, topological } from '../../ir/graph/walk.ts';
import { applies, isSplat, sameButUnits, splatOf } from './facts.ts';
import { pickOf } from './picks.ts';

/** What the stabilising rules ask: whether a logarithm would simplify, and whether an exponent is safe. */

/** values that a logarithm passes through on its way to an exponential */
const passes = (x: Node): boolean => {
  switch (x.op) {
    case 'broadcastInDim': case 'reshape': case 'transpose': case 'slice': case 'reverse': case 'gather': case 'get': return true;
    case 'reduce': return x.attrs.monoid === 'add';
    case 'map': return (['add', 'sub', 'mul', 'div', 'neg', 'select'] as readonly unknown[]).includes(x.attrs.fn);
    default: return false;
  }
};

/** how far the rules look below a logarithm */
const depth = 12;
/** Whether log x has a better form than computing x: x is built from exponentials by products, picks and views. */
export const isExponential = (x: Node, left = depth): boolean => {
  if (left === 0) return false;
  const down = (y: Node): boolean => isExponential(y, left - 1);
  switch (x.op) {
    case 'broadcastInDim': case 'reshape': case 'transpose': case 'slice': case 'reverse': case 'gather': return down(x.inputs[0]);
    case 'reduce': return x.attrs.monoid === 'add' && (applies(x.inputs[0], 'exp') || (pickOf(x) !== undefined && down(x.inputs[0].inputs[1])));
    case 'map':
      switch (x.attrs.fn) {
        case 'exp': case 'logistic': return true;
        case 'div': case 'mul': return x.inputs.some(down);
        case 'select': return x.inputs.slice(1).every((y) => down(y) || isPositive(y)) && x.inputs.slice(1).some(down);
        case 'sub': return splatOf(x.inputs[0]) === 1 && applies(x.inputs[1], 'logistic');
        case 'add': return x.inputs.some((y) => applies(y, 'exp')) && x.inputs.every((y) => applies(y, 'exp') || isPositive(y));
        default: return false;
      }
    default: return false;
  }
};

const isPositive = (x: Node): boolean => (splatOf(x) ?? 0) > 0;

/** Whether the shift is at least the largest of x along the axes: `stopGradient` of that, or of it where it is finite. */
export const isTop = (shift: Node, x: Node, axes: readonly number[]): boolean => {
  if (!applies(shift, 'stopGradient')) return false;
  const [y] = shift.inputs;
  return isMaxOf(y, x, axes) || (applies(y, 'select') && isSplat(y.inputs[1]) && isMaxOf(y.inputs[2], x, axes));
};
export const isMaxOf = (m: Node, x: Node, axes: readonly number[]): boolean =>
  m.op === 'reduce' && m.attrs.monoid === 'max' && m.inputs[0] === x && m.attrs.axes.join() === axes.join();
/** whether an exponent has had its largest along the axes taken away */
export const isShifted = (x: Node, axes: readonly number[]): boolean => {
  if (!applies(x, 'sub')) return false;
  const [z, top] = x.inputs;
  if (top.op === 'broadcastInDim' ? axes.some((axis) => top.attrs.dims.includes(axis)) : top.op !== 'reshape') return false;
  // along axes of size 1 it is no more than a reshape
  const of = top.op === 'broadcastInDim' ? top.inputs[0] : top;
  return isTop(of, z, axes) || (of.op === 'reshape' && sameButUnits(of.type.shape, of.inputs[0].type.shape) && isTop(of.inputs[0], z, axes));
};
/** whether x ≤ 0 by the way it is written */
export const isNonPositive = (x: Node): boolean => {
  if (applies(x, 'neg')) return applies(x.inputs[0], 'abs');
  if (applies(x, 'min')) {
    const [a, b] = x.inputs;
    return (applies(a, 'neg') && a.inputs[0] === b) || (applies(b, 'neg') && b.inputs[0] === a) || isNonPositiveNumber(a) || isNonPositiveNumber(b);
  }
  return false;
};
const isNonPositiveNumber = (x: Node): boolean => x.op === 'constant' && typeof x.attrs.value === 'number' && x.attrs.value <= 0;

/**
 * The composites that stand under a logarithm with nothing between but products, picks and views, and those whose body
 * takes the logarithm of an operand in this way: where the rules must see through. One with derivatives of its own stays.
 */
export const underLogarithms = (module: Module): ReadonlySet<Node> => {
  const nodes = calleesFirst(module).flatMap((graph) => topological(graph.results));
  const sites = nodes.filter((x) => x.op === 'composite');
  const found = new Set<Node>(), seen = new Set<Node>();
  const pending = nodes.flatMap((x) => (applies(x, 'log') || applies(x, 'log1p') ? x.inputs : []));
  for (let x = pending.pop(); x !== undefined; x = pending.pop()) {
    if (seen.has(x)) continue;
    seen.add(x);
    pending.push(...belowInModule(x, module, sites, found));
  }
  return found;
};
/** what the logarithm meets next, across the borders of composites; those crossed are found */
const belowInModule = (x: Node, module: Module, sites: readonly Node<'composite'>[], found: Set<Node>): readonly Node[] => {
  if (passes(x)) return x.inputs;
  if (x.op === 'composite' && isOpen(x)) {
    found.add(x);
    return module.graphs.get(x.attrs.body)?.results ?? [];
  }
  if (x.op !== 'parameter') return [];
  const { graph, index } = x.attrs, callers = sites.filter((s) => s.attrs.body === graph && isOpen(s));
  for (const site of callers) found.add(site);
  return callers.map((site) => site.inputs[index]);
};
const isOpen = (x: Node<'composite'>): boolean => x.attrs.vjp === undefined && x.attrs.jvp === undefined;

import { isFloat } from '../../core/dtype.ts';
import { maxCount } from '../../core/dim.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { isView } from './access.ts';

/**
 * The values that are better never stored: a product that outgrows its factors, what is made of it elementwise, and what that is
 * made with, where a reduction of them comes back to them, as the largest and the sum of a row do (or where they are computed a
 * second time so as not to be stored). Contractions and reductions take them a block of rows at a time. `order` lists
 * inputs before users.
 */
export const transientValues = (order: readonly Node[]): ReadonlySet<Node> => {
  const parent = new Map<Node, Node>();
  const rootOf = (node: Node): Node => {
    let at = node;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    if (parent.has(node)) parent.set(node, at);
    return at;
  };
  for (const node of order) {
    if (outgrows(node)) parent.set(node, node);
    else if (node.op === 'map') for (const x of node.inputs) if (parent.has(x)) parent.set(parent.has(node) ? rootOf(node) : node, rootOf(x));
  }
  const passing = new Set([...parent.keys()].filter((node) => node.clone > 0).map(rootOf)), reductionsOf = new Map<Node, ReadonlySet<Node>>();
  for (const node of order) {
    const of = node.op === 'reduce' && maxCount(node.type.shape) > 1 ? node.inputs.filter((x) => parent.has(x)).map(rootOf) : [];
    const through = node.op === 'map' || isView(node) ? node.inputs.filter((x) => !parent.has(x)).flatMap((x) => [...(reductionsOf.get(x) ?? [])]) : [];
    if (parent.has(node)) { if (through.includes(rootOf(node))) passing.add(rootOf(node)); } else if (of.length + through.length > 0) reductionsOf.set(node, new Set([...of, ...through]));
  }
  return new Set([...parent.keys()].filter((node) => passing.has(rootOf(node))));
};

const outgrows = (node: Node): boolean =>
  node.op === 'dotGeneral' && isFloat(node.type.dtype) && node.inputs.every((x) => maxCount(x.type.shape) < maxCount(node.type.shape));

import type { Node } from '../../ir/graph/syntax.ts';
import { scalarName } from '../../ir/scalars.ts';
import { isSplat } from './facts.ts';

/** A place in an order of values that depends on their structure alone, not on the order in which they were made. */
interface Standing { readonly height: number; readonly hash: number }

const mix = (hash: number, x: number): number => Math.imul(hash ^ x, 0x01000193) >>> 0;
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
};
const describe = (node: Node): string => {
  switch (node.op) {
    case 'map': return `${scalarName(node.attrs.fn)} ${node.attrs.dtype}`;
    case 'parameter': return `parameter ${node.attrs.index}`;
    case 'constant': return typeof node.attrs.value === 'number' ? `constant ${node.attrs.value}` : `constant ${node.attrs.value.slice(0, 8).join()}`;
    default: return `${node.op} ${JSON.stringify(node.attrs)}`;
  }
};

/** Compares values: numbers last, else the deeper one first. Keeps what it has found of each node. */
export const structuralOrder = (): ((a: Node, b: Node) => number) => {
  const known = new WeakMap<Node, Standing>();
  const standing = (root: Node): Standing => {
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const waits = known.has(node) ? [] : node.inputs.filter((x) => !known.has(x));
      if (waits.length > 0) { stack.push(...waits); continue; }
      stack.pop();
      if (!known.has(node)) known.set(node, stand(node, node.inputs.map((x) => known.get(x) ?? ground)));
    }
    return known.get(root) ?? ground;
  };
  return (a, b) => {
    if (a === b) return 0;
    const numbers = Number(isSplat(a)) - Number(isSplat(b));
    if (numbers !== 0) return numbers;
    const x = standing(a), y = standing(b);
    return y.height - x.height || x.hash - y.hash;
  };
};
const ground: Standing = { height: 0, hash: 0 };
const stand = (node: Node, inputs: readonly Standing[]): Standing => ({
  height: inputs.reduce((h, x) => Math.max(h, x.height + 1), 0),
  hash: inputs.reduce((h, x) => mix(h, x.hash), hashOf(`${describe(node)} ${JSON.stringify(node.type)}`)),
});

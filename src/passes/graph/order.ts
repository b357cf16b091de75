import type { Node } from '../../ir/graph/syntax.ts';
import { scalarName } from '../../ir/scalars.ts';
import { isSplat } from './facts.ts';

/** A place in an order of values that depends on their structure alone, not on the order in which they were made. */
interface Standing { readonly height: number; hash: number | undefined }

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
  /** inputs before users, of those that `isKnown` does not hold for */
  const upwards = (root: Node, isKnown: (x: Node) => boolean, see: (x: Node) => void): void => {
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const before = stack.length;
      if (!isKnown(node)) for (const x of node.inputs) if (!isKnown(x)) stack.push(x);
      if (stack.length > before) continue;
      stack.pop();
      if (!isKnown(node)) see(node);
    }
  };
  const heightOf = (root: Node): number => {
    upwards(root, (x) => known.has(x), (node) => {
      known.set(node, { height: node.inputs.reduce((h, x) => Math.max(h, (known.get(x)?.height ?? 0) + 1), 0), hash: undefined });
    });
    return known.get(root)?.height ?? 0;
  };
  // most comparisons are decided by the heights
  const hashed = (root: Node): number => {
    upwards(root, (x) => known.get(x)?.hash !== undefined, (node) => {
      const own = known.get(node);
      if (own !== undefined) own.hash = node.inputs.reduce((h, x) => mix(h, known.get(x)?.hash ?? 0), hashOf(`${describe(node)} ${JSON.stringify(node.type)}`));
    });
    return known.get(root)?.hash ?? 0;
  };
  return (a, b) => {
    if (a === b) return 0;
    const numbers = Number(isSplat(a)) - Number(isSplat(b));
    return numbers !== 0 ? numbers : heightOf(b) - heightOf(a) || hashed(a) - hashed(b);
  };
};

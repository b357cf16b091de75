import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { nodesOf, renumbered, transcribe } from '../../ir/graph/walk.ts';
import { scalarName, type ScalarOp } from '../../ir/scalars.ts';
import type { Target } from '../../ir/target.ts';
import type { Pass } from '../pass.ts';

const isSpelled = (fn: ScalarOp, spells: Target['spells']): boolean => typeof fn === 'string' || (spells !== 'none' && fn.spell[spells] !== undefined);

/** Users' scalar functions that a backend cannot spell become what they are defined as. */
export const expandScalars = (spells: Target['spells']): Pass => ({
  name: 'expandScalars',
  run: (module, fired) => {
    const isForeign = (node: Node): node is Node<'map'> => node.op === 'map' && !isSpelled(node.attrs.fn, spells);
    if (![...module.graphs.values()].some((graph) => nodesOf(graph).some(isForeign))) return renumbered(module);
    const b = createBuilder();
    transcribe(module, b, (node, inputs) => (isForeign(node) ? write(b, spells, fired, node.attrs.fn, inputs) : undefined));
    return b.finish(module.main);
  },
});

/** a definition may use other functions of the user's */
const write = (b: Builder, spells: Target['spells'], fired: (rule: string) => void, fn: ScalarOp, inputs: readonly Node[]): Node => {
  if (typeof fn === 'string' || isSpelled(fn, spells)) return b.map(fn, inputs);
  fired(`${scalarName(fn)} = its definition`);
  const nodeOf = (x: Node | number): Node => (typeof x === 'number' ? b.like(inputs[0], x) : x);
  return fn.expand((inner, ...args) => write(b, spells, fired, inner, args.map(nodeOf)), ...inputs);
};

import { sameType, showType } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { scalarName } from '../../ir/scalars.ts';
import { copyNode } from '../../ir/graph/walk.ts';
import { badRule } from '../badRule.ts';
import type { Rule } from './rewrite.ts';

/** applications allowed for one node of the source program */
const fuelPerNode = 1000;

/**
 * Rewrites a node of the builder, whose operands are in normal form or not, until no rule matches it or anything below it.
 * Nodes wait on a stack: a node is grey while its operands, or what it was rewritten to, are being normalised. To meet a grey
 * node again is to have gone in a circle. Rules that are known not to match the node itself are `spared`.
 */
export const normaliser = (b: Builder, rules: readonly Rule[], fired: (rule: string) => void, pass: string): ((root: Node, spared?: readonly Rule[]) => Node) => {
  const byHead = indexed(rules), withoutSpared = new Map<readonly Rule[], typeof byHead>(), normal = new Map<Node, Node>(), next = new Map<Node, Node>(), grey = new Set<Node>();
  let fuel = 0;
  let recent: string[] = [];

  const rulesWithout = (spared: readonly Rule[]): typeof byHead => {
    const known = withoutSpared.get(spared) ?? indexed(rules.filter((r) => !spared.includes(r)));
    withoutSpared.set(spared, known);
    return known;
  };
  const step = (node: Node, rulesOf: typeof byHead): Node => {
    for (let i = 0; i < node.inputs.length; i++) {
      const made = normal.get(node.inputs[i]);
      if (made !== undefined && made !== node.inputs[i]) return copyNode(b, node, node.inputs.map((x) => normal.get(x) ?? x));
    }
    if (node.results.length !== 1) return node;
    for (const rule of rulesOf(node)) {
      const made = rule.apply(node, b);
      if (made === undefined || made === node) continue;
      if (!sameType(made.type, node.type)) return badRule(`the rule '${rule.name}' turns ${showType(node.type)} into ${showType(made.type)}`, 'what a node becomes has its type: reshape or convert it');
      fired(rule.name);
      recent = [...recent.slice(-31), rule.name];
      if (--fuel <= 0) return looping();
      return node.origins.length === 0 ? made : b.node(made.op, made.attrs, made.inputs, { origins: node.origins, clone: made.clone });
    }
    return node;
  };
  const looping = (): never => badRule(`${pass}: rules rewrite each other's results for ever: ${[...new Set(recent)].map((name) => `'${name}'`).join(', ')}`, 'leave one of them out, or give it a condition under which it stops: when');

  return (root, spared) => {
    fuel = fuelPerNode;
    recent = [];
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (normal.has(node)) { stack.pop(); continue; }
      grey.add(node);
      const waits = node.inputs.filter((x) => !normal.has(x));
      const made = waits.length > 0 ? undefined : next.get(node) ?? step(node, node === root && spared !== undefined ? rulesWithout(spared) : byHead);
      if (made !== undefined) next.set(node, made);
      const done = made === node ? node : made && normal.get(made);
      if (done !== undefined) { normal.set(node, done); grey.delete(node); stack.pop(); continue; }
      for (const x of made === undefined ? waits : [made]) {
        if (grey.has(x)) return looping();
        stack.push(x);
      }
    }
    return normal.get(root) ?? root;
  };
};

/** what a rule's head names of a node */
export const headOfNode = (node: Node): string => (node.op === 'map' ? `map ${scalarName(node.attrs.fn)}` : node.op);
const indexed = (rules: readonly Rule[]): ((node: Node) => readonly Rule[]) => {
  const heads = new Map<string, readonly Rule[]>();
  const under = (head: string): readonly Rule[] => rules.filter((r) => r.heads.includes(head) || r.heads.includes('*') || (head.startsWith('map ') && r.heads.includes('map')));
  return (node) => {
    const head = headOfNode(node);
    const found = heads.get(head) ?? under(head);
    heads.set(head, found);
    return found;
  };
};

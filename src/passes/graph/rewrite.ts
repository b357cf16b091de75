import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Module, Node, OpName } from '../../ir/graph/syntax.ts';
import { copyNode, nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { headOfNode, normaliser } from './normalise.ts';
import { headOf, instantiate, match, terms, variable, type Match, type Span, type Term, type Terms } from './pattern.ts';

/**
 * `exact`: the same bits. `refining`: nearer to the real value, or the same real value where only a zero's sign can
 * differ. `reassociates`: another order inside reductions and contractions. `fast`: only on request.
 */
export type RuleClass = 'exact' | 'refining' | 'reassociates' | 'fast';

/** A rewrite rule. Its name is its law: it stands in traces, counts and failing tests. */
export interface Rule {
  readonly name: string;
  readonly class: RuleClass;
  /** the operations it may match: `reduce`, `map add`, or `*` for all */
  readonly heads: readonly string[];
  /** what the node becomes; undefined where the rule does not match */
  readonly apply: (node: Node, b: Builder) => Node | undefined;
  /** where the rule is written as two terms: what tests are generated from */
  readonly law?: Law;
  /** where it is not: programs that it must change */
  readonly examples?: readonly Example[];
}
/** a program that a rule must change, over parameters that it declares */
export type Example = (b: Builder, param: (shape: readonly number[], dtype?: Node['type']['dtype']) => Node) => Node;
export interface Law { readonly arity: number; readonly left: Term; readonly right: Term; readonly holds: (m: Match) => boolean }

/** One side of a law: a function of the vocabulary and of pattern variables. */
export type Side = (p: Terms, ...vars: readonly Term[]) => Term;
export interface RuleOptions {
  readonly class: RuleClass;
  /** a condition on what the variables match */
  readonly when?: (...vars: readonly Node[]) => boolean;
  /** a condition on the axes that the law is about, and on what the variables match */
  readonly where?: (span: Span, ...vars: readonly Node[]) => boolean;
}

/**
 * A law, read from left to right. Variables match any value; a variable that occurs twice matches one value. The first
 * argument of a side holds every scalar function, `reduce`, `spread` and the other terms; a user's own function is
 * `map(softsign.scalar, x)`.
 * @example
 * rule('log(exp x) = x', ({ log, exp }, x) => log(exp(x)), (_, x) => x, { class: 'fast' })
 * rule('sum of -x = -sum x', ({ reduce, neg }, x) => reduce('add', neg(x)), ({ reduce, neg }, x) => neg(reduce('add', x)), { class: 'reassociates' })
 */
export const rule = (name: string, lhs: Side, rhs: Side, options: RuleOptions): Rule => {
  const arity = Math.max(lhs.length, rhs.length) - 1;
  const vars = Array.from({ length: arity }, (_, i) => variable(i));
  const left = lhs(terms, ...vars), right = rhs(terms, ...vars);
  const holds = (m: Match): boolean => {
    // SAFETY: a match of the left side binds every variable that stands there; conditions speak of no others
    const bound = m.vars as readonly Node[];
    return (options.when?.(...bound) ?? true) && (options.where === undefined || (m.span !== undefined && options.where(m.span, ...bound)));
  };
  const apply = (node: Node, b: Builder): Node | undefined => {
    const found = match(left, node, { vars: vars.map(() => undefined) }).find(holds);
    return found && instantiate(right, found, b, node);
  };
  return { name, class: options.class, heads: [headOf(left)], apply, law: { arity, left, right, holds } };
};

/** A rule that no pattern can say: about shapes, axes and positions. `fns` narrows `map` to these functions. */
export const procedural = <K extends OpName>(name: string, op: K, ruleClass: RuleClass, apply: (node: Node<K>, b: Builder) => Node | undefined, examples: readonly Example[], fns?: readonly string[]): Rule => ({
  name, class: ruleClass, heads: fns === undefined ? [op] : fns.map((fn) => `map ${fn}`), examples,
  apply: (node, b) => {
    // SAFETY: the heads let only nodes of this operation through
    return apply(node as Node<K>, b);
  },
});

/** Under which rules a node, with all below it, is in normal form: what a pass has settled need not be tried again by the next. */
const settled = new WeakMap<Node, readonly Rule[]>();
const allNodes = (module: Module): readonly Node[] => (module.graphs.size === 1 ? [...module.graphs.values()].map(nodesOf)[0] : [...module.graphs.values()].flatMap(nodesOf));
/** whether one rewriting made all nodes of a module, in one builder, and they are as it left them */
export const isSettled = (module: Module, rules: readonly Rule[] = []): boolean => {
  const nodes = allNodes(module), under = nodes.length === 0 ? undefined : settled.get(nodes[nodes.length - 1]);
  return under !== undefined && nodes.every((n) => settled.get(n) === under) && rules.every((r) => under.includes(r));
};

/** whether some rule names the node among its heads */
const anyFor = (rules: readonly Rule[]): ((node: Node) => boolean) => {
  const heads = new Set(rules.flatMap((r) => r.heads));
  return (node) => heads.has('*') || heads.has(node.op) || heads.has(headOfNode(node));
};

/**
 * A pass that rewrites bottom-up until no rule matches anywhere.
 * @throws FX8012 naming the rules, where they rewrite each other's results for ever or change a type
 */
export const rewrite = (name: string, rules: readonly Rule[]): Pass => ({
  name,
  run: (module, fired) => {
    if (isSettled(module, rules) || !allNodes(module).some(anyFor(rules))) return module;
    const b = createBuilder(), normalise = normaliser(b, rules, fired, name), same = new Set<Node>();
    transcribe(module, b, (node, inputs) => {
      // with all that is below it as it was, rules that did not match do not match now
      const isSame = node.inputs.every((x) => same.has(x)), copy = copyNode(b, node, inputs), made = normalise(copy, isSame ? settled.get(node) : undefined);
      if (isSame && made === copy) same.add(node);
      return made;
    });
    const after = b.finish(module.main);
    for (const node of allNodes(after)) settled.set(node, rules);
    return after;
  },
});

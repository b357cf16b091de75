import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { ScalarName } from '../../../ir/scalars.ts';

/** A tensor, or a number that stands for a tensor of the operands' shape and dtype. */
export type Term = Node | number;

/** Elementwise formulas, to be written as on paper. */
export interface Maths {
  readonly add: (x: Term, y: Term) => Node;
  readonly sub: (x: Term, y: Term) => Node;
  readonly mul: (...factors: readonly Term[]) => Node;
  readonly div: (x: Term, y: Term) => Node;
  readonly neg: (x: Term) => Node;
  readonly abs: (x: Term) => Node;
  readonly pow: (x: Term, y: Term) => Node;
  readonly exp: (x: Term) => Node;
  readonly log: (x: Term) => Node;
  readonly sin: (x: Term) => Node;
  readonly cos: (x: Term) => Node;
  readonly sign: (x: Term) => Node;
  readonly round: (x: Term) => Node;
  readonly eq: (x: Term, y: Term) => Node;
  readonly lt: (x: Term, y: Term) => Node;
  readonly gt: (x: Term, y: Term) => Node;
  readonly ge: (x: Term, y: Term) => Node;
  readonly select: (which: Node, x: Term, y: Term) => Node;
}

/** Formulas over tensors like `x`. */
export const mathsLike = (b: Builder, x: Node): Maths => {
  const node = (term: Term): Node => (typeof term === 'number' ? b.like(x, term) : term);
  const of = (fn: ScalarName) => (...terms: readonly Term[]): Node => b.map(fn, terms.map(node));
  const times = of('mul');
  return {
    add: of('add'), sub: of('sub'), div: of('div'), neg: of('neg'), abs: of('abs'), pow: of('pow'), exp: of('exp'), log: of('log'),
    sin: of('sin'), cos: of('cos'), sign: of('sign'), round: of('round'), eq: of('eq'), lt: of('lt'), gt: of('gt'), ge: of('ge'),
    select: of('select'),
    mul: (first, ...others) => others.reduce<Node>((product, factor) => times(product, factor), node(first)),
  };
};

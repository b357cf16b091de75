import * as E from 'fp-ts/lib/Either.js';
import type { Result } from '../core/diagnostic.ts';
import { attempt } from '../core/render.ts';
import { lower, type Lowered } from '../expr/lower/lower.ts';
import type { Graph, Node } from '../ir/graph/syntax.ts';
import { topological } from '../ir/graph/walk.ts';
import { algebra } from '../passes/graph/algebra.ts';
import { canonicalise } from '../passes/graph/canonical.ts';
import { cse, dce, inlineCalls, removeStopGradient } from '../passes/graph/clean.ts';
import { expandTransforms } from '../passes/graph/expandTransforms.ts';
import { fold } from '../passes/graph/fold.ts';
import { runPasses } from '../passes/run.ts';
import { renderers, type Style } from './maths/render.ts';
import { termOf, type Term } from './maths/terms.ts';

export interface MathOptions { readonly style?: Style }

/** derivatives expanded, simplified by the laws, composites whole */
const passes = [inlineCalls, expandTransforms, inlineCalls, removeStopGradient, canonicalise, algebra, fold, cse, dce];

/**
 * A function as maths, its derivatives worked out: a line for each value that is used more than once, then the results.
 * Shapes are understood, as on paper: a value that is repeated along axes is written as the value.
 * @example orThrow(math(fn([f32(), f32()], (w, x) => grad((v: typeof w) => square(mul(v, x)))(w), { args: ['w', 'x'] })))
 */
export const math = (f: unknown, { style = 'text' }: MathOptions = {}): Result<string> => {
  const lowered = lower(f, { open: true });
  if (E.isLeft(lowered)) return lowered;
  const derived = attempt(() => runPasses(lowered.right.module, passes));
  if (E.isLeft(derived)) return derived;
  const module = derived.right, main = module.graphs.get(module.main);
  return E.right(main === undefined ? '' : written(module.main, main, lowered.right, style));
};

/** a line that nests deeper is cut in two */
const deepest = 40;
const written = (name: string, graph: Graph, { params, outputs }: Lowered, style: Style): string => {
  const render = renderers[style], lines: string[] = [], terms = new Map<Node, Term>(), depth = new Map<Node, number>(), uses = usesOf(graph), letters = lettersBut(new Set([name, ...params.flatMap((p) => [p.name, p.name.split('.')[0]]), ...outputs.map((o) => o.path.join('.'))]));
  const inputs = new Set(params.map((p) => (style === 'typescript' ? p.name.split('.')[0] : p.name)));
  for (const node of topological(graph.results)) {
    const term = termOf(node, node.inputs.map((x) => terms.get(x) ?? { term: 'name', name: '?' }));
    const deep = 1 + Math.max(0, ...node.inputs.map((x) => depth.get(x) ?? 0));
    const isShared = ((uses.get(node) ?? 0) > 1 || deep > deepest) && isCompound(term);
    depth.set(node, isShared ? 0 : deep);
    if (isShared) {
      const letter = letters();
      lines.push(equation(style, letter, render(term)));
      terms.set(node, { term: 'name', name: letter });
    } else terms.set(node, term);
  }
  graph.results.forEach((r, i) => {
    const own = outputs[i].path.join('.');
    lines.push(equation(style, apart(style, own === '' ? name : own, inputs), render(terms.get(r) ?? { term: 'name', name: '?' })));
  });
  return lines.join('\n');
};
/** a result that is called like an input is the next one: w′ */
const apart = (style: Style, name: string, inputs: ReadonlySet<string>): string => {
  const own = style === 'typescript' ? identifier(name) : name;
  return inputs.has(own) ? `${own}${{ text: '′', latex: "'", typescript: 'Next' }[style]}` : own;
};
const identifier = (path: string): string => path.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_');
const equation = (style: Style, left: string, right: string): string =>
  (style === 'latex' ? `${left.length === 1 ? left : `\\mathit{${left.replaceAll('_', '\\_')}}`} = ${right} \\\\` : style === 'typescript' ? `const ${left} = ${right};` : `${left} = ${right}`);

/** how often a value is read, through what is not written (views) too */
const usesOf = (graph: Graph): ReadonlyMap<Node, number> => {
  const uses = new Map<Node, number>(), order = [...topological(graph.results)].reverse();
  for (const r of graph.results) uses.set(r, (uses.get(r) ?? 0) + 1);
  for (const node of order) {
    const times = node.op === 'broadcastInDim' || node.op === 'reshape' ? uses.get(node) ?? 0 : 1;
    // x·x is written as x² and x + x as 2·x, with x once
    const isOnce = node.op === 'map' && (node.attrs.fn === 'mul' || node.attrs.fn === 'add');
    for (const x of isOnce ? new Set(node.inputs) : node.inputs) uses.set(x, (uses.get(x) ?? 0) + times);
  }
  return uses;
};
const isCompound = (t: Term): boolean => t.term !== 'name' && t.term !== 'number' && !(t.term === 'neg' && t.of.term === 'name');

/** a, b, c, … without the names that are taken */
const lettersBut = (taken: ReadonlySet<string>): (() => string) => {
  let next = 0;
  return () => {
    for (;;) {
      const n = next++, letter = `${String.fromCharCode(97 + (n % 26))}${n < 26 ? '' : Math.floor(n / 26)}`;
      if (!taken.has(letter)) return letter;
    }
  };
};

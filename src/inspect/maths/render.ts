import type { MonoidName } from '../../ir/monoids.ts';
import type { Infix, Term } from './terms.ts';

export type Style = 'text' | 'latex' | 'typescript';

/** how tightly an operator binds; a looser term inside a tighter one is put into parentheses */
const binds: { readonly [K in Infix]: number } = { '∨': 1, '⊕': 1, '∧': 2, '=': 3, '≠': 3, '<': 3, '≤': 3, '>': 3, '≥': 3, '+': 4, '−': 4, '·': 5, '×': 5, '/': 5, '^': 7 };
/** a sum over axes holds products and is held by sums: (Σ a)·b and Σ a·b are two things */
const atom = 9, over = 4.5;
const tightness = (t: Term): number => {
  if (t.term === 'infix') return binds[t.op];
  if (t.term === 'neg') return 4;
  if (t.term === 'over') return over;
  return t.term === 'number' && t.value < 0 ? 4 : atom;
};
/** whether what stands on the right needs no parentheses: a + (b − c) is a + b − c */
const joins = (op: Infix, right: Term): boolean => right.term === 'infix' && (right.op === op ? op !== '−' && op !== '/' && op !== '^' : op === '+' && right.op === '−');
/** products of matrices and of elements do not mix */
const mixes = (op: Infix, t: Term): boolean => t.term === 'infix' && (op === '×' ? t.op === '·' || t.op === '/' : (op === '·' || op === '/') && t.op === '×');

const numberText = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(8))) : Number.isNaN(x) ? 'NaN' : x > 0 ? '∞' : '−∞').replace('-', '−');
const signs: { readonly [M in MonoidName]: readonly [text: string, latex: string, code: string] } = {
  add: ['Σ', '\\sum', 'sum'], mul: ['Π', '\\prod', 'prod'], max: ['max', '\\max', 'max'], min: ['min', '\\min', 'min'], and: ['all', '\\bigwedge', 'all'], or: ['any', '\\bigvee', 'any'],
  argMax: ['argmax', '\\arg\\max', 'argmax'], argMin: ['argmin', '\\arg\\min', 'argmin'], maxExpSum: ['maxExpSum', '\\mathrm{maxExpSum}', 'maxExpSum'], welford: ['welford', '\\mathrm{welford}', 'welford'],
};

/** An inner term, in parentheses where it binds less tightly than `needs`. */
const within = (t: Term, needs: number, render: (t: Term) => string): string => (tightness(t) < needs ? `(${render(t)})` : render(t));
const operands = ({ op, left, right }: Extract<Term, { term: 'infix' }>, render: (t: Term) => string): readonly [string, string] => {
  const needs = binds[op];
  return [within(left, op === '^' || mixes(op, left) ? atom : needs, render), within(right, mixes(op, right) ? atom : joins(op, right) ? needs : needs + 1, render)];
};

export const asText = (t: Term): string => {
  switch (t.term) {
    case 'name': return t.name;
    case 'number': return numberText(t.value);
    case 'call': return `${t.name}(${t.args.map(asText).join(', ')})`;
    case 'neg': return `−${within(t.of, 5, asText)}`;
    case 'transposed': return `${within(t.of, atom, asText)}ᵀ`;
    case 'over': return `${signs[t.sign][0]}${t.axes.map((a) => subscript[a] ?? `_${a}`).join('')} ${t.of.term === 'over' ? asText(t.of) : within(t.of, 5, asText)}`;
    case 'cases': return `(${asText(t.test)} ? ${asText(t.then)} : ${asText(t.else)})`;
    case 'truth': return `[${asText(t.of)}]`;
    case 'infix': {
      const [left, right] = operands(t, asText);
      if (t.op === '^') return t.right.term === 'number' && t.right.value === 2 ? `${left}²` : `${left}^${right}`;
      return t.op === '·' || t.op === '/' ? `${left}${t.op}${right}` : `${left} ${t.op} ${right}`;
    }
  }
};
const subscript = ['₀', '₁', '₂', '₃', '₄', '₅'];

const latexOps: { readonly [K in Infix]?: string } = { '−': '-', '·': '\\cdot', '×': '\\,', '≠': '\\neq', '≤': '\\leq', '≥': '\\geq', '∧': '\\wedge', '∨': '\\vee', '⊕': '\\oplus' };
const latexName = (name: string): string => name.replaceAll('_', '\\_');
const latexFunctions: { readonly [name: string]: string } = { exp: '\\exp', log: '\\log', sin: '\\sin', cos: '\\cos', tanh: '\\tanh', max: '\\max', min: '\\min', σ: '\\sigma', '¬': '\\neg' };
const asLatex = (t: Term): string => {
  switch (t.term) {
    case 'name': return t.name.length === 1 ? t.name : `\\mathit{${latexName(t.name)}}`;
    case 'number': return numberText(t.value).replace('−', '-').replace('∞', '\\infty');
    case 'call': {
      if (t.name === '√') return `\\sqrt{${asLatex(t.args[0])}}`;
      if (t.name === 'abs') return `\\left|${asLatex(t.args[0])}\\right|`;
      return `${latexFunctions[t.name] ?? `\\mathrm{${latexName(t.name)}}`}\\left(${t.args.map(asLatex).join(', ')}\\right)`;
    }
    case 'neg': return `-${within(t.of, 5, asLatex)}`;
    case 'transposed': return `${within(t.of, atom, asLatex)}^\\top`;
    case 'over': return `${signs[t.sign][1]}_{${t.axes.join(',')}} ${t.of.term === 'over' ? asLatex(t.of) : within(t.of, 5, asLatex)}`;
    case 'cases': return `\\begin{cases}${asLatex(t.then)} & ${asLatex(t.test)}\\\\${asLatex(t.else)} & \\text{otherwise}\\end{cases}`;
    case 'truth': return `\\left[${asLatex(t.of)}\\right]`;
    case 'infix': {
      if (t.op === '/') return `\\frac{${asLatex(t.left)}}{${asLatex(t.right)}}`;
      const [left, right] = operands(t, asLatex);
      return t.op === '^' ? `${left}^{${asLatex(t.right)}}` : `${left} ${latexOps[t.op] ?? t.op} ${right}`;
    }
  }
};

const codeOps: { readonly [K in Infix]: string } = { '+': 'add', '−': 'sub', '·': 'mul', '/': 'div', '^': 'pow', '×': 'matmul', '=': 'equal', '≠': 'notEqual', '<': 'less', '≤': 'lessEqual', '>': 'greater', '≥': 'greaterEqual', '∧': 'logicalAnd', '∨': 'logicalOr', '⊕': 'logicalXor' };
/** in the words of the library; shapes are left out, as they are on paper */
const asTypeScript = (t: Term): string => {
  switch (t.term) {
    case 'name': return t.name.replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]');
    case 'number': return Number.isFinite(t.value) ? String(t.value) : t.value > 0 ? 'Infinity' : Number.isNaN(t.value) ? 'NaN' : '-Infinity';
    case 'call': return `${t.code}(${[...t.args.map(asTypeScript), ...(t.options === undefined ? [] : [t.options])].join(', ')})`;
    case 'neg': return `neg(${asTypeScript(t.of)})`;
    case 'transposed': return `transpose(${asTypeScript(t.of)})`;
    case 'over': return `${signs[t.sign][2]}(${asTypeScript(t.of)}, [${t.axes.join(', ')}])`;
    case 'cases': return `where(${[t.test, t.then, t.else].map(asTypeScript).join(', ')})`;
    case 'truth': return `convert(${asTypeScript(t.of)}, 'f32')`;
    case 'infix': return t.op === '^' && t.right.term === 'number' && t.right.value === 2 ? `square(${asTypeScript(t.left)})` : `${codeOps[t.op]}(${asTypeScript(t.left)}, ${asTypeScript(t.right)})`;
  }
};
export const renderers: { readonly [S in Style]: (t: Term) => string } = { text: asText, latex: asLatex, typescript: asTypeScript };

/** A way to make a line of code wrong. `where`: in code, in the words of a scalar function, or in the text that an emitter writes. */
export interface Operator {
  readonly name: string;
  readonly pattern: RegExp;
  readonly replace: (match: RegExpExecArray) => string;
}

const pairs = (words: Readonly<Record<string, string>>): ((word: string) => string) => (word) => words[word] ?? word;
const turned = pairs({
  add: 'sub', sub: 'add', mul: 'add', div: 'mul', neg: 'abs', max: 'min', min: 'max', exp: 'expm1', log: 'log1p', sin: 'cos', cos: 'sin', lt: 'le', le: 'lt', gt: 'ge', ge: 'gt',
  eq: 'ne', ne: 'eq', and: 'or', or: 'and', floor: 'ceil', ceil: 'floor', sqrt: 'rsqrt', abs: 'neg', argMax: 'argMin', argMin: 'argMax', sign: 'neg', round: 'floor', tanh: 'sin', logistic: 'tanh', transpose: 'reverse',
});
const words = 'add|sub|mul|div|neg|max|min|exp|log|sin|cos|lt|le|gt|ge|eq|ne|and|or|floor|ceil|sqrt|abs|argMax|argMin|sign|round|tanh|logistic';

/** in code: names, comments and texts are left alone */
export const inCode: readonly Operator[] = [
  { name: 'a sign', pattern: / ([+-]) (?=[\w(-])/g, replace: ([, op]) => (op === '+' ? ' - ' : ' + ') },
  { name: 'a product', pattern: / ([*/%]) (?=[\w(])/g, replace: ([, op]) => (op === '*' ? ' + ' : ' * ') },
  { name: 'a dropped term', pattern: / [+-] [\w.]+(?:\([\w.]*\)|\[\w+\])?(?=[,;)\]])/g, replace: () => '' },
  { name: 'a number', pattern: /(?<![\w.'$])(0\.5|[0-3])(?![\w.'x])/g, replace: ([, n]) => ({ '0': '1', '1': '0', '2': '1', '3': '2', '0.5': '1' })[n] ?? n },
  { name: 'an opcode', pattern: /(?<=[([ ])0x([0-9a-f]{2})(?=[),\] ])/g, replace: ([, op]) => `0x${(Number.parseInt(op, 16) ^ 1).toString(16).padStart(2, '0')}` },
  { name: 'a comparison', pattern: / (<=|>=|<|>) (?=[\w(-])/g, replace: ([, op]) => ` ${{ '<': '<=', '<=': '<', '>': '>=', '>=': '>' }[op] ?? op} ` },
  { name: 'an equality', pattern: / (===|!==) /g, replace: ([, op]) => (op === '===' ? ' !== ' : ' === ') },
  { name: 'a connective', pattern: / (&&|\|\|) /g, replace: ([, op]) => (op === '&&' ? ' || ' : ' && ') },
  { name: 'swapped operands', pattern: /(?<=[[(])([\w.]+(?:\[\w+\])?), ([\w.]+(?:\[\w+\])?)(?=[\])])(?!\]? =[^=>]|\)(?:: [^=]*)? =>)/g, replace: ([, a, b]) => `${b}, ${a}` },
  { name: 'a negation', pattern: /(?<=[\s(])!(?=[\w(])/g, replace: () => '' },
  { name: 'every for some', pattern: /\.(some|every)\(/g, replace: ([, q]) => (q === 'some' ? '.every(' : '.some(') },
  { name: 'a wrong function', pattern: new RegExp(`(?<=\\bm\\.)(${words})(?=\\()`, 'g'), replace: ([, word]) => turned(word) },
  { name: 'an order', pattern: /\.reverse\(\)/g, replace: () => '' },
];
/** the names of functions and monoids, which stand in quotes */
export const inNames: readonly Operator[] = [
  { name: 'a wrong function', pattern: new RegExp(`(?<=')(${words})(?=')`, 'g'), replace: ([, word]) => turned(word) },
];
/** in the text that an emitter writes */
export const inTexts: readonly Operator[] = [
  { name: 'a sign', pattern: /(?<=[\s}(])([+-])(?=[\s$(\w])/g, replace: ([, op]) => (op === '+' ? '-' : '+') },
  { name: 'a comparison', pattern: /(?<=[\s'])(<=|>=|<|>)(?=[\s'])/g, replace: ([, op]) => ({ '<': '<=', '<=': '<', '>': '>=', '>=': '>' })[op] ?? op },
  { name: 'an equality', pattern: /(?<=[\s'])(===|!==)(?=[\s'])/g, replace: ([, op]) => (op === '===' ? '!==' : '===') },
  { name: 'a bit operation', pattern: /(?<=[\s'])(\||&|\^|<<|>>>)(?=[\s'])/g, replace: ([, op]) => ({ '|': '&', '&': '|', '^': '|', '<<': '>>', '>>>': '>>' })[op] ?? op },
  { name: 'a wrong function', pattern: /(?<=Math\.)(sin|cos|floor|ceil|max|min|exp|expm1|log|log1p|abs|sign|sqrt|imul|fround|tanh|pow)\b/g,
    replace: ([, fn]) => ({ sin: 'cos', cos: 'sin', floor: 'ceil', ceil: 'floor', max: 'min', min: 'max', exp: 'expm1', expm1: 'exp', log: 'log1p', log1p: 'log', abs: 'floor', sign: 'abs', sqrt: 'cbrt', imul: 'pow', fround: 'trunc', tanh: 'sinh', pow: 'atan2' })[fn] ?? fn },
];

import { arrays } from '../backends/text.ts';
import { isSym, showShape } from '../core/dim.ts';
import type { LeafType } from '../expr/lower/lower.ts';

/** Stands in a tree for one of its tensors: which of them. */
export interface Place { readonly [place]: number }
const place: unique symbol = Symbol('place');
export const placeOf = (n: number): Place => ({ [place]: n });
const isPlace = (tree: unknown): tree is Place => typeof tree === 'object' && tree !== null && place in tree;

/** A compiled function: the text of its own module, and the trees of its arguments and results with a place for each tensor. */
export interface Saved {
  readonly name: string;
  readonly text: string;
  readonly params: readonly LeafType[];
  readonly outputs: readonly LeafType[];
  readonly args: readonly unknown[];
  readonly results: unknown;
}

const isList = (tree: unknown): tree is readonly unknown[] => Array.isArray(tree);
const entriesOf = (tree: unknown): readonly (readonly [string, unknown])[] => (typeof tree === 'object' && tree !== null ? Object.entries(tree) : []);
const isIdentifier = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);
const property = (name: string): string => (isIdentifier(name) ? name : JSON.stringify(name));
/** JavaScript's words, and what the text of a function calls by name */
const words = new Set(`arguments await break case catch check class const continue count create debugger default delete do else enum eval export extends false finally
  for function if implements import in instanceof interface let new null out package private programs protected public return static super switch this throw true try
  typeof undefined var void while with yield`.split(/\s+/));
const isTaken = (name: string): boolean => words.has(name) || /^(in|size|make_)\d+$|Array$/.test(name);

/** the name of an argument, out of those of its leaves; with a line below where it would be another's */
const argumentNames = ({ args, params }: Saved): readonly string[] => args.reduce<readonly string[]>((before, _, i) => {
  const leaf = params.find((p) => Number(p.path[0]) === i), rest = leaf?.path.slice(1).join('_') ?? '';
  const own = leaf === undefined ? '' : rest === '' ? leaf.name : leaf.name.replace(/\./g, '_').slice(0, -rest.length - 1);
  let name = isIdentifier(own) ? own : `arg${i}`;
  while (isTaken(name) || before.includes(name)) name += '_';
  return [...before, name];
}, []);
const access = (names: readonly string[], path: readonly string[]): string => names[Number(path[0])] + path.slice(1).map((step) => `[${/^\d+$/.test(step) ? step : JSON.stringify(step)}]`).join('');

// ---- The module

/** what is no tensor is passed along, as far as it can be written */
const plain = (value: unknown): string => JSON.stringify(value) ?? 'undefined';
/** a tree as an expression */
const literal = (tree: unknown, leaf: (n: number) => string): string => {
  if (isPlace(tree)) return leaf(tree[place]);
  if (typeof tree !== 'object' || tree === null) return plain(tree);
  if (isList(tree)) return `[${tree.map((t) => literal(t, leaf)).join(', ')}]`;
  return `{ ${entriesOf(tree).map(([k, t]) => `${property(k)}: ${literal(t, leaf)}`).join(', ')} }`;
};

/** Elements for each step of the one bounded dimension, or in all. */
const perStep = ({ type: { shape } }: LeafType): number => shape.reduce<number>((n, d) => n * (isSym(d) ? d.by : d), 1);
const boundOf = ({ type: { shape: [first] } }: LeafType): { readonly name: string; readonly max: number } | undefined => (first !== undefined && isSym(first) ? { name: first.name, max: first.max } : undefined);

const functionText = (saved: Saved): readonly string[] => {
  const { name, params, outputs, results } = saved, names = argumentNames(saved), sizes = new Map<string, string>(), lines: string[] = [];
  params.forEach((leaf, i) => {
    const at = access(names, leaf.path), bound = boundOf(leaf), type = arrays[leaf.type.dtype], each = perStep(leaf), where = JSON.stringify(`${name}: ${leaf.name}`);
    lines.push(`const in${i} = ${at};`);
    if (bound === undefined) lines.push(`check(${where}, in${i}, ${type}, ${each});`);
    else if (sizes.has(bound.name)) lines.push(`check(${where}, in${i}, ${type}, ${sizes.get(bound.name)} * ${each});`);
    else {
      const local = `size${sizes.size}`;
      sizes.set(bound.name, local);
      lines.push(`const ${local} = count(${where}, in${i}, ${type}, ${each}, ${bound.max});`);
    }
  });
  const given = [...sizes].map(([dim, local]) => `${JSON.stringify(dim)}: ${local}`).join(', ');
  const out = (n: number): string => { const bound = boundOf(outputs[n]), local = bound && sizes.get(bound.name); return local === undefined ? `out[${n}]` : `out[${n}].subarray(0, ${local} * ${perStep(outputs[n])})`; };
  lines.push(`const out = programs[${JSON.stringify(name)}].run([${params.map((_, i) => `in${i}`).join(', ')}], { ${given} });`, `return ${literal(results, out)};`);
  return [`    ${property(name)}: (${names.join(', ')}) => {`, ...lines.map((line) => `      ${line}`), '    },'];
};

/** One ES module: each program's own text in a function of its own, and `create`, which names arguments and results. */
export const wrapper = (title: string, all: readonly Saved[]): string => `${[
  `// ${title}: ${all.map((s) => s.name).join(', ')}`,
  'const check = (where, array, Type, length) => {',
  '  if (!(array instanceof Type)) throw new TypeError(`${where} must be a ${Type.name}`);',
  '  if (array.length !== length) throw new RangeError(`${where} must have ${length} elements, but has ${array.length}`);',
  '};',
  'const count = (where, array, Type, each, most) => {',
  '  if (!(array instanceof Type)) throw new TypeError(`${where} must be a ${Type.name}`);',
  '  const n = each === 0 ? 0 : array.length / each;',
  '  if (!Number.isInteger(n) || n > most) throw new RangeError(`${where} must have a multiple of ${each} elements, at most ${most * each}, but has ${array.length}`);',
  '  return n;',
  '};',
  ...all.flatMap(({ text }, i) => [`const make_${i} = () => {`, ...text.trimEnd().split('\n').map((line) => line.replace(/^export const /, 'const ')), 'return create();', '};']),
  'export const create = () => {',
  `  const programs = { ${all.map(({ name }, i) => `${property(name)}: make_${i}()`).join(', ')} };`,
  '  return {', ...all.flatMap(functionText), '  };', '};',
].join('\n')}\n`;

// ---- Its declarations

const typeText = (tree: unknown, leaves: readonly LeafType[], indent: string): string => {
  if (isPlace(tree)) { const { type: { dtype, shape } } = leaves[tree[place]]; return `${arrays[dtype]} /* ${dtype}${showShape(shape)} */`; }
  if (isList(tree)) return `readonly [${tree.map((t) => typeText(t, leaves, indent)).join(', ')}]`;
  if (typeof tree !== 'object' || tree === null) return typeof tree === 'function' ? 'undefined' : plain(tree);
  const inner = `${indent}  `;
  return `{\n${entriesOf(tree).map(([k, t]) => `${inner}readonly ${property(k)}: ${typeText(t, leaves, inner)};`).join('\n')}\n${indent}}`;
};
/** TypeScript's declarations of the module. */
export const declarations = (all: readonly Saved[]): string => `${[
  'export interface Programs {',
  ...all.map((s) => `  readonly ${property(s.name)}: (${argumentNames(s).map((name, i) => `${name}: ${typeText(s.args[i], s.params, '  ')}`).join(', ')}) => ${typeText(s.results, s.outputs, '  ')};`),
  '}',
  '/** Programs with memory of their own: what a call returns for a donated state the next call overwrites, also that of another state. Create one for each. */',
  'export declare const create: () => Programs;',
].join('\n')}\n`;


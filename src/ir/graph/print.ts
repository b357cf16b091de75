import { showName } from '../../core/affine.ts';
import { isSym, type Dim, type TensorType } from '../../core/dim.ts';
import type { TypedArray } from '../../core/dtype.ts';
import { scalarName } from '../scalars.ts';
import { dtypeOfArray, encode, listed, literalAt, showNumber } from './literals.ts';
import type { Attrs, Graph, Module, Node, OpName, Windows } from './syntax.ts';
import { calleesFirst, topological } from './walk.ts';

/*
 * The text form, which parse.ts reads back up to ids and origins:
 *
 *   module   = 'module' name {graph} {data}
 *   graph    = 'graph' name '(' parameter ':' type, … ')' '{' {line} 'return' value, … '}'
 *   line     = '%' int [':' (type | '(' type, … ')')] '=' operation ['clone' int]
 *   type     = dtype '[' dim, … ']'
 *   dim      = int | [int '*'] name ['<=' int]
 *   value    = parameter | '%' int | '%' int '[' int ']'                    -- [k]: the k-th of several results (get)
 *   parameter = name ['@' int]                                              -- @k: the k-th, where the name is no one's own
 *   operand  = value | number                                               -- a number takes the type of its siblings
 *   args     = '(' operand, … ')'
 *
 *   operation = function args | '@' name args                               -- map; @ is a function of a user's
 *             | 'constant' (number | ints | 'data' int) | 'iota' 'axis' int
 *             | 'broadcastInDim' args 'dims' ints | 'reshape' args | 'transpose' args 'perm' ints
 *             | 'slice' args '[' ('all' | int '..' int ['by' int]), … ']'   -- all: of a named dimension
 *             | 'pad' args 'low' ints 'high' ints ['interior' ints] | 'reverse' args 'axes' ints
 *             | 'window' args 'axis' int 'size' int ['stride' int] ['dilation' int]
 *             | 'overlapAdd' args 'axis' int 'length' int ['stride' int] ['dilation' int]
 *             | 'concatenate' args 'axis' int | 'dotGeneral' args ['batch' ints ints] 'contract' ints ints
 *             | 'reduce' monoid args 'axes' ints | 'gather' args | 'scatter' monoid args
 *             | 'dynamicSlice' args 'sizes' ints                             -- -1: of a named dimension
 *             | 'dynamicUpdateSlice' args
 *             | 'argsort' args 'axis' int ['descending']
 *             | 'getDimensionSize' args 'axis' int | 'get' int args | 'call' name args
 *             | 'scan' name args 'carries' int 'slices' int 'length' int ['reverse'] ['save' 'contractions']
 *             | 'while' name name args 'carries' int | 'case' args 'branches' '[' name, … ']'
 *             | 'composite' name args ['{' name ':' attribute, … '}'] 'body' name ['vjp' name] ['jvp' name]
 *             | 'transform' ('vjp' | 'jvp') name args 'wrt' ints
 *             | 'transform' 'vmap' name args 'axes' '[' (int | 'none'), … ']'   -- none: the same for all examples
 *             | 'transform' 'store' name args 'as' ('f16' | 'bf16')
 *   ints     = '[' number, … ']'
 *   attribute = number | 'true' | 'false' | quoted | ints
 *   data     = 'data' int ':' dtype {quoted}                                -- the bytes, in base64
 *
 * A value is named by its place among the lines of its graph, so that a change elsewhere leaves its name alone. Its
 * type may be left out where the operation tells it; constant, iota, broadcastInDim, reshape and convert take theirs
 * from it. Graphs stand before those that name them. `//` begins a comment; odd names stand in backquotes.
 */

export interface PrintOptions {
  /** false leaves the elements of large constants out: shorter to look at, but it does not read back */
  readonly data?: boolean;
}

const list = (items: readonly string[]): string => items.join(', ');
const ints = (items: readonly number[]): string => `[${list(items.map(showNumber))}]`;
const printDim = (d: Dim): string =>
  isSym(d) ? `${d.by === 1 ? '' : `${d.by}*`}${showName(d.name)}${d.max === Infinity ? '' : `<=${d.max}`}` : String(d);
/** `f32[batch<=128, 784]` */
const printType = (t: TensorType): string => `${t.dtype}[${list(t.shape.map(printDim))}]`;
const printTypes = (types: readonly TensorType[]): string => (types.length === 1 ? printType(types[0]) : `(${list(types.map(printType))})`);

// ---- Operations

/** Names of large arrays of numbers, in the order in which they first stand. */
type Data = Map<TypedArray, number>;
/** what stands before the operands and after them */
type Spell<K extends OpName> = (attrs: Attrs[K], data: Data) => readonly [before: string, after?: string];

const spellings: { readonly [K in OpName]: Spell<K> } = {
  parameter: ({ graph, name }) => [`parameter ${showName(graph)} ${showName(name)}`],
  constant: ({ type, value }, data) => [`constant ${typeof value === 'number' ? showNumber(value) : listed(value, type.dtype) ?? `data ${named(data, value)}`}`],
  iota: ({ axis }) => [`iota axis ${axis}`],
  map: ({ fn }) => [typeof fn === 'string' ? fn : `@${showName(scalarName(fn))}`],
  broadcastInDim: ({ dims }) => ['broadcastInDim', `dims ${ints(dims)}`],
  reshape: () => ['reshape'],
  transpose: ({ perm }) => ['transpose', `perm ${ints(perm)}`],
  slice: ({ starts, limits, strides }) => ['slice', `[${list(starts.map((start, i) => printRange(start, limits[i], strides[i])))}]`],
  pad: ({ low, high, interior }) => ['pad', `low ${ints(low)} high ${ints(high)}${interior.every((n) => n === 0) ? '' : ` interior ${ints(interior)}`}`],
  reverse: ({ axes }) => ['reverse', `axes ${ints(axes)}`],
  concatenate: ({ axis }) => ['concatenate', `axis ${axis}`],
  window: (attrs) => ['window', `axis ${attrs.axis} size ${attrs.size}${spaced(attrs)}`],
  overlapAdd: (attrs) => ['overlapAdd', `axis ${attrs.axis} length ${attrs.length}${spaced(attrs)}`],
  dotGeneral: ({ batch, contract }) => ['dotGeneral', `${batch.every((axes) => axes.length === 0) ? '' : `batch ${ints(batch[0])} ${ints(batch[1])} `}contract ${ints(contract[0])} ${ints(contract[1])}`],
  reduce: ({ monoid, axes }) => [`reduce ${monoid}`, `axes ${ints(axes)}`],
  gather: () => ['gather'],
  scatter: ({ monoid }) => [`scatter ${monoid}`],
  dynamicSlice: ({ sizes }) => ['dynamicSlice', `sizes ${ints(sizes)}`],
  dynamicUpdateSlice: () => ['dynamicUpdateSlice'],
  argsort: ({ axis, descending }) => ['argsort', `axis ${axis}${descending ? ' descending' : ''}`],
  getDimensionSize: ({ axis }) => ['getDimensionSize', `axis ${axis}`],
  get: ({ index }) => [`get ${index}`],
  scan: ({ graph, carries, slices, length, reverse, save }) => [`scan ${showName(graph)}`, `carries ${carries} slices ${slices} length ${length}${reverse ? ' reverse' : ''}${save === undefined ? '' : ` save ${save}`}`],
  while: ({ test, body, carries }) => [`while ${showName(test)} ${showName(body)}`, `carries ${carries}`],
  case: ({ branches }) => ['case', `branches [${list(branches.map(showName))}]`],
  call: ({ graph }) => [`call ${showName(graph)}`],
  composite: ({ name, attributes, body, vjp, jvp }) =>
    [`composite ${showName(name)}`, `${printAttributes(attributes)}body ${showName(body)}${vjp === undefined ? '' : ` vjp ${showName(vjp)}`}${jvp === undefined ? '' : ` jvp ${showName(jvp)}`}`],
  transform: (attrs) => [`transform ${attrs.kind} ${showName(attrs.graph)}`, transformed(attrs)],
};
const transformed = (attrs: Attrs['transform']): string => {
  switch (attrs.kind) {
    case 'vmap': return `axes [${list(attrs.axes.map((axis) => (axis === null ? 'none' : showNumber(axis))))}]`;
    case 'store': return `as ${attrs.dtype}`;
    case 'vjp': case 'jvp': return `wrt ${ints(attrs.wrt)}`;
  }
};
const named = (data: Data, value: TypedArray): number => {
  const known = data.get(value) ?? data.size;
  data.set(value, known);
  return known;
};
const spaced = ({ stride, dilation }: Windows): string => `${stride === 1 ? '' : ` stride ${stride}`}${dilation === 1 ? '' : ` dilation ${dilation}`}`;
const printRange = (start: number, limit: number, stride: number): string =>
  (start === 0 && limit === -1 && stride === 1 ? 'all' : `${start}..${limit}${stride === 1 ? '' : ` by ${stride}`}`);

type Attribute = Attrs['composite']['attributes'][string];
const printAttributes = (attributes: Attrs['composite']['attributes']): string => {
  const entries = Object.entries(attributes).map(([key, value]) => `${showName(key)}: ${printAttribute(value)}`);
  return entries.length === 0 ? '' : `{ ${list(entries)} } `;
};
const printAttribute = (value: Attribute): string => {
  switch (typeof value) {
    case 'number': return showNumber(value);
    case 'boolean': return String(value);
    case 'string': return quoted(value);
    default: return ints(value);
  }
};
const quoted = (text: string): string => `\`${text.replace(/[\\`]/g, (c) => `\\${c}`)}\``;

// ---- Lines

type NameOf = (node: Node) => string;
const isInline = (node: Node): boolean => node.op === 'get' && node.clone === 0;

const printOperands = (node: Node, nameOf: NameOf): string =>
  (node.op === 'constant' || node.op === 'iota' || node.op === 'parameter' ? '' : `(${list(node.inputs.map((x, i) => {
    const literal = literalAt(node, i);
    return literal === undefined ? nameOf(x) : showNumber(literal);
  }))})`);

const printLine = (node: Node, nameOf: NameOf, data: Data): string => {
  const spell = <K extends OpName>({ op, attrs }: Node<K>): ReturnType<Spell<K>> => {
    // SAFETY: the row is picked by the node's own operation
    const row = spellings[op] as unknown as Spell<K>;
    return row(attrs, data);
  };
  const [before, after] = spell(node);
  return `${nameOf(node)}: ${printTypes(node.results)} = ${before}${printOperands(node, nameOf)}${after === undefined ? '' : ` ${after}`}${node.clone === 0 ? '' : ` clone ${node.clone}`}`;
};

/** what has a line of its own: not parameters, results of several, and numbers that stand as operands only */
const linesOf = (graph: Graph): readonly Node[] => {
  const order = topological([...graph.params, ...graph.results]), byName = new Set<Node>(graph.results);
  for (const node of order) node.inputs.forEach((x, i) => { if (literalAt(node, i) === undefined) byName.add(x); });
  return order.filter((node) => node.op !== 'parameter' && !isInline(node) && byName.has(node));
};
const parameterNames = ({ params }: Graph): readonly string[] => {
  const names = params.map((p) => p.attrs.name);
  return names.map((name, i) => `${showName(name)}${names.indexOf(name) === names.lastIndexOf(name) ? '' : `@${i}`}`);
};

const graphText = (graph: Graph, data: Data): string => {
  const params = parameterNames(graph), lines = linesOf(graph);
  const names = new Map<Node, string>([...graph.params.map((p, i) => [p, params[i]] as const), ...lines.map((node, i) => [node, `%${i}`] as const)]);
  const nameOf = (node: Node): string => names.get(node) ?? (node.op === 'get' ? `${nameOf(node.inputs[0])}[${node.attrs.index}]` : strangerName(node));
  return [
    `graph ${showName(graph.name)}(${list(graph.params.map((p, i) => `${params[i]}: ${printType(p.type)}`))}) {`,
    ...lines.map((node) => `  ${printLine(node, nameOf, data)}`),
    `  return${graph.results.length === 0 ? '' : ` ${list(graph.results.map(nameOf))}`}`,
    '}', '',
  ].join('\n');
};
/** a parameter of another graph: ill-formed, but an ill-formed module is looked at more than any other */
const strangerName = (node: Node): string => showName(node.op === 'parameter' ? `${node.attrs.graph}:${node.attrs.name}` : node.op);

const dataText = (data: Data): string =>
  [...data].map(([value, i]) => `\ndata ${i}: ${dtypeOfArray(value)}\n${encode(value).map((line) => `  \`${line}\`\n`).join('')}`).join('');

/** callees first from main, then what nothing names */
const everyGraph = (module: Module): readonly Graph[] => {
  const seen = new Set<Graph>();
  for (const main of [module.main, ...module.graphs.keys()]) for (const graph of calleesFirst({ ...module, main })) seen.add(graph);
  return [...seen];
};

/**
 * A module as text, which `parseModule` reads back up to ids and origins. Total: what is ill-formed is printed too.
 * @example printModule(module) // 'module main\n\ngraph main(x: f32[3]) {\n  %0: f32[3] = exp(x)\n  return %0\n}\n'
 */
export const printModule = (module: Module, { data: whole = true }: PrintOptions = {}): string => {
  const data: Data = new Map();
  const graphs = everyGraph(module).map((graph) => `\n${graphText(graph, data)}`);
  return `module ${showName(module.main)}\n${graphs.join('')}${whole ? dataText(data) : ''}`;
};

/** One graph of a module as text, without the elements of its large constants. */
export const printGraph = (graph: Graph): string => graphText(graph, new Map());

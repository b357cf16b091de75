import type { TensorType } from '../../core/dim.ts';
import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import { accept, comes, expect, expected, fail, integer, listUntil, name, next, peek, signedNumber, word, type Cursor, type Token } from '../lexer.ts';
import { monoids, type MonoidName } from '../monoids.ts';
import { isScalarName, type CustomScalar, type ScalarOp } from '../scalars.ts';
import { integers, natural } from './parseTypes.ts';
import type { Attrs, Node, OpName, Windows } from './syntax.ts';

/** What stands as an operand: a value, or a number that takes its type from its siblings. */
export type Operand = { readonly node: Node; readonly token: Token } | { readonly literal: number; readonly token: Token };

/** What an operation is read with. */
export interface Reading {
  readonly c: Cursor;
  readonly scalars: ReadonlyMap<string, CustomScalar>;
  readonly data: ReadonlyMap<number, TypedArray>;
  readonly isGraph: (name: string) => boolean;
  /** `(operand, …)` */
  readonly args: () => readonly Operand[];
  /** the type that the line declares; an error where it declares none, or several */
  readonly type: () => TensorType;
  /** its dtype, if the line declares it */
  readonly dtype: DType | undefined;
}
export interface Read<K extends OpName = OpName> { readonly op: K; readonly attrs: Attrs[K]; readonly args: readonly Operand[] }

type Row<K extends OpName> = (r: Reading) => readonly [attrs: Attrs[K], args: readonly Operand[]];

const labelled = <A>({ c }: Reading, label: string, read: (c: Cursor) => A): A => (expect(c, label), read(c));
const ints = (r: Reading, label: string): readonly number[] => labelled(r, label, integers);
const pair = ({ c }: Reading): readonly [readonly number[], readonly number[]] => [integers(c), integers(c)];
const spaced = ({ c }: Reading): Pick<Windows, 'stride' | 'dilation'> => {
  const optional = (label: string): number => (accept(c, label) ? natural(c) : 1), stride = optional('stride');
  return { stride, dilation: optional('dilation') };
};
const graphName = ({ c, isGraph }: Reading): string => {
  const token = peek(c), called = name(c, 'a graph');
  if (!isGraph(called)) fail(c, 'FX2002', `no graph ${called} stands before this one`, token);
  return called;
};
// SAFETY: the keys of the table are the names
const monoidNames = Object.keys(monoids) as readonly MonoidName[];

/** How each operation is read; parameters stand in a graph's head, functions by their own names. */
const rows: { readonly [K in Exclude<OpName, 'parameter' | 'map'>]: Row<K> } = {
  constant: (r) => { const type = r.type(); return [{ type, value: constantValue(r, type.dtype) }, []]; },
  iota: (r) => [{ type: r.type(), axis: labelled(r, 'axis', natural) }, []],
  broadcastInDim: (r) => { const args = r.args(); return [{ shape: r.type().shape, dims: ints(r, 'dims') }, args]; },
  reshape: (r) => { const args = r.args(); return [{ shape: r.type().shape }, args]; },
  transpose: (r) => { const args = r.args(); return [{ perm: ints(r, 'perm') }, args]; },
  slice: (r) => {
    const args = r.args();
    expect(r.c, '[');
    const ranges = listUntil(r.c, ']', () => range(r.c));
    return [{ starts: ranges.map((x) => x.start), limits: ranges.map((x) => x.limit), strides: ranges.map((x) => x.stride) }, args];
  },
  pad: (r) => {
    const args = r.args(), low = ints(r, 'low'), high = ints(r, 'high');
    return [{ low, high, interior: comes(r.c, 'interior') ? ints(r, 'interior') : low.map(() => 0) }, args];
  },
  reverse: (r) => { const args = r.args(); return [{ axes: ints(r, 'axes') }, args]; },
  concatenate: (r) => { const args = r.args(); return [{ axis: labelled(r, 'axis', natural) }, args]; },
  window: (r) => { const args = r.args(), axis = labelled(r, 'axis', natural), size = labelled(r, 'size', natural); return [{ axis, size, ...spaced(r) }, args]; },
  overlapAdd: (r) => { const args = r.args(), axis = labelled(r, 'axis', natural), length = labelled(r, 'length', natural); return [{ axis, length, ...spaced(r) }, args]; },
  dotGeneral: (r) => {
    const args = r.args(), batch = accept(r.c, 'batch') ? pair(r) : [[], []] as const;
    expect(r.c, 'contract');
    return [{ batch, contract: pair(r) }, args];
  },
  reduce: (r) => { const monoid = word(r.c, monoidNames, 'a monoid'), args = r.args(); return [{ monoid, axes: ints(r, 'axes') }, args]; },
  gather: (r) => [{}, r.args()],
  scatter: (r) => [{ monoid: word(r.c, ['add', 'max', 'min', 'mul', 'set'], 'a monoid') }, r.args()],
  dynamicSlice: (r) => { const args = r.args(); return [{ sizes: ints(r, 'sizes') }, args]; },
  dynamicUpdateSlice: (r) => [{}, r.args()],
  argsort: (r) => { const args = r.args(); return [{ axis: labelled(r, 'axis', natural), descending: accept(r.c, 'descending') }, args]; },
  getDimensionSize: (r) => { const args = r.args(); return [{ axis: labelled(r, 'axis', natural) }, args]; },
  get: (r) => [{ index: natural(r.c) }, r.args()],
  scan: (r) => {
    const graph = graphName(r), args = r.args(), carries = labelled(r, 'carries', natural), slices = labelled(r, 'slices', natural), length = labelled(r, 'length', natural);
    return [{ graph, carries, slices, length, reverse: accept(r.c, 'reverse'), ...(accept(r.c, 'save') && { save: word(r.c, ['contractions'], 'what is saved') }) }, args];
  },
  while: (r) => { const test = graphName(r), body = graphName(r), args = r.args(); return [{ test, body, carries: labelled(r, 'carries', natural) }, args]; },
  case: (r) => {
    const args = r.args();
    return [{ branches: labelled(r, 'branches', (c) => (expect(c, '['), listUntil(c, ']', () => graphName(r)))) }, args];
  },
  call: (r) => [{ graph: graphName(r) }, r.args()],
  composite: (r) => {
    const called = name(r.c, 'the composite\'s name'), args = r.args(), attributes = accept(r.c, '{') ? attributesOf(r.c) : {};
    const body = labelled(r, 'body', () => graphName(r)), optional = (key: 'vjp' | 'jvp') => (accept(r.c, key) ? { [key]: graphName(r) } : {});
    return [{ name: called, attributes, body, ...optional('vjp'), ...optional('jvp') }, args];
  },
  transform: (r) => {
    const kind = word(r.c, ['vjp', 'jvp', 'vmap', 'store'], 'a transformation'), graph = graphName(r), args = r.args();
    if (kind === 'store') return [{ kind, graph, dtype: labelled(r, 'as', (c) => word(c, ['f16', 'bf16'], 'a half')) }, args];
    return [kind === 'vmap' ? { kind, graph, axes: labelled(r, 'axes', mappedAxes) } : { kind, graph, wrt: ints(r, 'wrt') }, args];
  },
};
const mappedAxes = (c: Cursor): readonly (number | null)[] => (expect(c, '['), listUntil(c, ']', () => (accept(c, 'none') ? null : natural(c))));
const isWritten = (op: string): op is keyof typeof rows => Object.hasOwn(rows, op);

const constantValue = ({ c, data }: Reading, dtype: DType): number | TypedArray => {
  if (accept(c, '[')) return typedArray<DType>(dtype, listUntil(c, ']', () => signedNumber(c)));
  if (!accept(c, 'data')) return signedNumber(c);
  const token = peek(c), known = data.get(natural(c));
  if (known === undefined) fail(c, 'FX2002', `the text holds no data ${token.text}`, token);
  return known ?? 0;
};
interface Range { readonly start: number; readonly limit: number; readonly stride: number }
const range = (c: Cursor): Range => {
  if (accept(c, 'all')) return { start: 0, limit: -1, stride: 1 };
  const start = integer(c);
  expect(c, '..');
  return { start, limit: integer(c), stride: accept(c, 'by') ? integer(c) : 1 };
};

type Attributes = Attrs['composite']['attributes'];
const attributesOf = (c: Cursor): Attributes => Object.fromEntries(listUntil(c, '}', () => {
  const key = name(c, 'an attribute');
  expect(c, ':');
  return [key, attribute(c)] as const;
}));
const attribute = (c: Cursor): Attributes[string] => {
  if (accept(c, 'true')) return true;
  if (accept(c, 'false')) return false;
  if (peek(c).kind === 'quoted') return name(c);
  return accept(c, '[') ? listUntil(c, ']', () => signedNumber(c)) : signedNumber(c);
};

/** a function of the vocabulary, or `@name` one of a user's */
const scalarFunction = ({ c, scalars }: Reading): ScalarOp | undefined => {
  const isCustom = accept(c, '@'), token = peek(c);
  if (!isCustom) return isScalarName(token.text) ? next(c) && token.text : undefined;
  const called = name(c, 'a function'), known = scalars.get(called);
  if (known === undefined) fail(c, 'FX2002', `no scalar function ${called} was given to the parser`, token);
  return known;
};

/** An operation with its attributes and operands; undefined after an error. */
export const parseOperation = (r: Reading): Read | undefined => {
  const { c } = r, { kind, text } = peek(c);
  if (kind === 'name' && isWritten(text)) return written(next(c).text as typeof text, r);
  const fn = scalarFunction(r);
  if (fn !== undefined) return { op: 'map', attrs: { fn, dtype: fn === 'convert' ? r.type().dtype : r.dtype ?? 'f32' }, args: r.args() };
  if (c.error === undefined && kind === 'name') fail(c, 'FX2002', `there is no operation ${text}`);
  else expected(c, 'an operation');
  return undefined;
};
const written = <K extends keyof typeof rows>(op: K, r: Reading): Read => {
  // SAFETY: the row is picked by the operation whose attributes it reads
  const row = rows[op] as unknown as Row<K>;
  const [attrs, args] = row(r);
  return { op, attrs, args };
};

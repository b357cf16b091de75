import { sameType, type TensorType } from '../../core/dim.ts';
import { typedArray, type DType, type TypedArray } from '../../core/dtype.ts';
import type { Attrs, Node, OpName } from './syntax.ts';

/*
 * How the text form writes numbers: printer and parser read it here, so that they agree.
 */

/** A number so that it reads back exactly. */
export const showNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
};
/** the fewest digits that round to the same 32-bit float; of every NaN, the one that `nan` reads as */
const fewest = (value: number): number => {
  if (Number.isNaN(value)) return NaN;
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(short), value)) return short;
  }
  return value;
};

/** The dtype that an array is made for. */
export const dtypeOfArray = (value: TypedArray): DType => {
  if (value instanceof Float32Array) return 'f32';
  if (value instanceof Float64Array) return 'f64';
  if (value instanceof Int32Array) return 'i32';
  return value instanceof Uint32Array ? 'u32' : 'bool';
};

/** the most elements that are written as numbers */
const small = 64;
/** The elements as numbers, where these read back as the same bits of the same dtype and are not too many. */
export const listed = (value: TypedArray, dtype: DType): string | undefined => {
  if (value.length > small || dtypeOfArray(value) !== dtype) return undefined;
  const numbers = Array.from(value, (x) => (dtype === 'f32' || Number.isNaN(x) ? fewest(x) : x));
  return sameBytes(typedArray<DType>(dtype, numbers), value) ? `[${numbers.map(showNumber).join(', ')}]` : undefined;
};
const bytesOf = (value: TypedArray): Uint8Array => new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
const sameBytes = (a: TypedArray, b: TypedArray): boolean => {
  const other = bytesOf(b);
  return bytesOf(a).every((byte, i) => byte === other[i]);
};

/** bytes of a line; three of them are four letters */
const lineLength = 72;
/** The bytes of an array (little-endian, as all its hosts are) in base64, line by line. */
export const encode = (value: TypedArray): readonly string[] => {
  const bytes = bytesOf(value), lines: string[] = [];
  for (let at = 0; at < bytes.length; at += lineLength) lines.push(btoa(String.fromCharCode(...bytes.subarray(at, at + lineLength))));
  return lines;
};
/** The array again; undefined where the text is not base64 or not whole elements. */
export const decode = (dtype: DType, lines: readonly string[]): TypedArray | undefined => {
  try {
    const pieces = lines.map(atob), bytes = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0));
    let at = 0;
    for (const piece of pieces) for (let i = 0; i < piece.length; i++) bytes[at++] = piece.charCodeAt(i);
    const { BYTES_PER_ELEMENT: size } = typedArray<DType>(dtype, 0);
    if (bytes.length % size !== 0) return undefined;
    const made = typedArray<DType>(dtype, bytes.length / size);
    bytesOf(made).set(bytes);
    return made;
  } catch {
    return undefined;
  }
};

/**
 * The type of a bare number that stands as operand i, told by the operands that are not numbers (`undefined` stands for
 * a number). Elsewhere a number needs a line of its own.
 */
export const literalType = <K extends OpName>(op: K, attrs: Attrs[K], types: readonly (TensorType | undefined)[], i: number): TensorType | undefined => {
  if (op === 'pad') return i === 1 && types[0] !== undefined ? { dtype: types[0].dtype, shape: [] } : undefined;
  if (!('fn' in attrs)) return undefined;
  const condition = attrs.fn === 'select' ? 0 : -1;
  return i === condition ? undefined : types.find((t, k) => t !== undefined && k !== condition);
};
const isNumber = (x: Node): x is Node<'constant'> & { readonly attrs: { readonly value: number } } =>
  x.op === 'constant' && typeof x.attrs.value === 'number' && x.clone === 0;
/** The number to write as operand i of a node, if a bare one tells its type. */
export const literalAt = (node: Node, i: number): number | undefined => {
  const x = node.inputs[i];
  if (!isNumber(x)) return undefined;
  const type = literalType(node.op, node.attrs, node.inputs.map((y) => (isNumber(y) ? undefined : y.type)), i);
  return type !== undefined && sameType(type, x.type) ? x.attrs.value : undefined;
};

import * as E from 'fp-ts/lib/Either.js';
import { isSym, maxCount, showShape, showType, type Bindings, type TensorType } from '../core/dim.ts';
import { diagnostic, type Diagnostic, type Diagnostics } from '../core/diagnostic.ts';
import { typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { kindOf } from '../core/kind.ts';
import type { Backend, Handle } from '../backends/backend.ts';
import { spread } from '../core/storage.ts';
import { isValue, type Expr } from '../expr/expr.ts';
import { isKey } from '../expr/functions.ts';
import { keyWords } from '../expr/keys.ts';
import { located } from '../expr/lower/inspect.ts';
import type { Key } from '../expr/types/tensor.ts';
import { deviceArrayOf, type DeviceArray } from './arrays.ts';

/** One leaf of a function's arguments. */
export interface Leaf { readonly name: string; readonly path: readonly string[]; readonly type: TensorType; readonly isKey: boolean; readonly donated: boolean }

/** An argument leaf as it was handed in: numbers on the host with the shape they have (a typed array has none), or an array of a run. */
export interface Given { readonly shape: readonly number[] | undefined; readonly data: () => TypedArray; readonly dtype: DType | undefined; readonly device?: DeviceArray; readonly host?: TypedArray }

const wrong = (code: 'FX7001' | 'FX7002' | 'FX7003' | 'FX7005' | 'FX7006', message: string, hint?: string): Diagnostic => diagnostic(code, message, hint === undefined ? {} : { hint });

/** What a leaf's value is, or what is wrong with it. */
export const given = (leaf: Leaf, value: unknown): Given | Diagnostic => {
  if (leaf.isKey) return givenKey(leaf, value);
  const device = deviceArrayOf(value);
  if (device !== undefined) {
    if (device.state === 'consumed') return wrong('FX7003', `${leaf.name}: this array was donated to an earlier call, which has overwritten it`, 'use the array which that call returned');
    if (device.state === 'lent') return wrong('FX7003', `${leaf.name}: this array was donated to a call that has not ended`, 'use the array which that call will return');
    if (device.state === 'disposed') return wrong('FX7003', `${leaf.name}: this array has been disposed of`);
    return dtypeProblem(leaf, device.type.dtype) ?? { shape: device.shape, data: () => device.sync(), dtype: device.type.dtype, device };
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    // SAFETY: of the views, only the five below have a dtype
    const data = value as TypedArray, dtype = dtypeOfArray(data);
    if (dtype === undefined) return wrong('FX7002', `${leaf.name}: a ${data.constructor.name} holds no dtype of ours; ${leaf.type.dtype} is wanted`);
    return dtypeProblem(leaf, dtype) ?? { shape: undefined, data: () => data, dtype, host: data };
  }
  const spoilt = isValue(value) ? problemOf(value) : undefined;
  if (spoilt !== undefined) return spoilt;
  if (isHostArray(value)) return dtypeProblem(leaf, value.dtype) ?? { shape: value.shape, data: () => value.data, dtype: value.dtype, host: value.data };
  if (typeof value === 'number' || typeof value === 'boolean') return { shape: [], data: () => typedArray(leaf.type.dtype, [Number(value)]), dtype: undefined };
  if (Array.isArray(value)) return nested(leaf, value);
  return wrong('FX7001', `${leaf.name}: wanted ${showType(leaf.type)}, but got ${got(value)}`, 'an array, a typed array, nested arrays, or for a scalar a number');
};

/** what is wrong with an array that was given, where it was made */
const problemOf = ({ problem, origin }: Expr): Diagnostic | undefined => problem && located(problem, origin);

/** a key's words as an array, made once: a step that is given the same key again makes none */
const arraysOfKeys = new WeakMap<object, Uint32Array>();
const givenKey = ({ name }: Leaf, value: unknown): Given | Diagnostic => {
  // SAFETY: a value that is a key
  const words = isValue(value) && isKey(value) ? keyWords(value as unknown as Key) : undefined;
  if (words === undefined) return wrong('FX7001', `${name}: wanted a random key, but got ${got(value)}`, 'key(0), or one of split(k)');
  const of: object = Object(value), data = arraysOfKeys.get(of) ?? Uint32Array.from(words);
  arraysOfKeys.set(of, data);
  return { shape: [2], data: () => data, dtype: 'u32', host: data };
};
const got = (value: unknown): string => (value === undefined ? 'nothing' : kindOf(value));
const dtypeOfArray = (data: TypedArray): DType | undefined =>
  data instanceof Float32Array ? 'f32' : data instanceof Float64Array ? 'f64' : data instanceof Int32Array ? 'i32' : data instanceof Uint32Array ? 'u32' : data instanceof Uint8Array ? 'bool' : undefined;
const dtypeProblem = ({ name, type }: Leaf, dtype: DType): Diagnostic | undefined =>
  dtype === type.dtype ? undefined : wrong('FX7002', `${name}: wanted ${type.dtype}, but got ${dtype}`, `convert the data, or declare ${name} as ${dtype}`);

interface HostArray { readonly shape: readonly number[]; readonly dtype: DType; readonly data: TypedArray }
const isHostArray = (value: unknown): value is HostArray =>
  typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value && 'toNested' in value;

const nested = (leaf: Leaf, value: readonly unknown[]): Given | Diagnostic => {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const regular = (level: unknown, depth: number): boolean => {
    if (Array.isArray(level)) return level.length === shape[depth] && level.every((x) => regular(x, depth + 1));
    if (depth !== shape.length || (typeof level !== 'number' && typeof level !== 'boolean')) return false;
    flat.push(Number(level));
    return true;
  };
  if (!regular(value, 0)) return wrong('FX7001', `${leaf.name}: the nested arrays are not regular rows of numbers`);
  return { shape, data: () => typedArray(leaf.type.dtype, flat), dtype: undefined };
};

/** The sizes that the arguments give to the named dimensions, or every leaf that does not fit. */
export const bindSizes = (leaves: readonly Leaf[], values: readonly Given[], start: Bindings = {}): E.Either<readonly Diagnostic[], Bindings> => {
  const bindings: Record<string, number> = { ...start }, problems: Diagnostic[] = [];
  leaves.forEach((leaf, i) => {
    const { shape } = values[i];
    const problem = shape === undefined ? undefined : bindShape(leaf, shape, bindings);
    if (problem !== undefined) problems.push(problem);
  });
  leaves.forEach((leaf, i) => {
    const value = values[i];
    const problem = value.shape === undefined ? bindCount(leaf, value.data().length, bindings) : undefined;
    if (problem !== undefined) problems.push(problem);
  });
  return problems.length > 0 ? E.left(problems) : E.right(bindings);
};

const mismatch = ({ name, type }: Leaf, got: string): Diagnostic => wrong('FX7001', `${name}: wanted ${showShape(type.shape)}, but got ${got}`);
const bindShape = (leaf: Leaf, shape: readonly number[], bindings: Record<string, number>): Diagnostic | undefined => {
  const wanted = leaf.type.shape;
  if (wanted.length !== shape.length) return mismatch(leaf, showShape(shape));
  for (const [i, d] of wanted.entries()) {
    if (!isSym(d)) { if (d !== shape[i]) return mismatch(leaf, showShape(shape)); continue; }
    const value = shape[i] / d.by, known = bindings[d.name];
    if (!Number.isInteger(value)) return mismatch(leaf, showShape(shape));
    if (known !== undefined && known !== value) return wrong('FX7005', `${leaf.name}: '${d.name}' is ${value} here, but ${known} elsewhere`);
    if (value > d.max) return tooLarge(leaf, d.name, value, d.max);
    bindings[d.name] = value;
  }
  return undefined;
};
const tooLarge = (leaf: Leaf, name: string, value: number, max: number): Diagnostic =>
  wrong('FX7006', `${leaf.name}: '${name}' is ${value}, but at most ${max} was declared`, `compile with dims: { ${name}: { max: ${value} } }`);

/** a typed array tells only how many elements there are: enough for one unknown size */
const bindCount = (leaf: Leaf, count: number, bindings: Record<string, number>): Diagnostic | undefined => {
  const open = leaf.type.shape.filter((d) => isSym(d) && bindings[d.name] === undefined);
  const rest = leaf.type.shape.reduce<number>((n, d) => n * (isSym(d) ? d.by * (bindings[d.name] ?? 1) : d), 1);
  if (open.length === 0) return rest === count ? undefined : mismatch(leaf, `${count} elements`);
  const [d] = open;
  if (open.length > 1 || !isSym(d)) return wrong('FX7001', `${leaf.name}: ${count} elements do not tell the sizes of ${showShape(leaf.type.shape)}`, 'hand in an array with a shape: array(data, shape)');
  const value = rest === 0 ? 0 : count / rest;
  if (!Number.isInteger(value)) return mismatch(leaf, `${count} elements`);
  if (value > d.max) return tooLarge(leaf, d.name, value, d.max);
  bindings[d.name] = value;
  return undefined;
};

/** A handle for one run: of an array of this backend as it is, or of numbers of the host, lent or copied. */
export interface Lent { readonly handle: Handle; readonly device?: DeviceArray }

/** `room`: where numbers that fill a bounded dimension only in part are laid out, kept between runs */
export const handleFor = (backend: Backend, leaf: Leaf, value: Given, bindings: Bindings, room: Map<Leaf, TypedArray>): Lent => {
  const { dtype, shape } = leaf.type, size = maxCount(shape), { device } = value;
  if (device !== undefined && device.memory === backend.memory && device.handle.size === size) return { handle: device.handle, device };
  const data = value.data();
  if (leaf.donated || backend.timing === 'async') return { handle: backend.memory.upload(dtype, spread(data, leaf.type, bindings)) };
  if (data.length === size) return { handle: backend.memory.borrow(dtype, data) };
  const whole = spread(data, leaf.type, bindings, room.get(leaf));
  room.set(leaf, whole);
  return { handle: backend.memory.borrow(dtype, whole) };
};

export const asDiagnostics = (all: readonly Diagnostic[]): Diagnostics => {
  // SAFETY: called with at least one diagnostic
  return all as unknown as Diagnostics;
};

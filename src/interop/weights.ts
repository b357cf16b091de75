import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic, Task } from '../core/diagnostic.ts';
import { arrayOf, isKey, keyOf, keyWords, treeLeaves, treeMap, type Arrays, type NDArray, type Tensor } from '../index.ts';
import { problem } from './codes.ts';
import { readWhole, writeWhole } from './files.ts';
import { decode, encode, type Stored, type StoredTensor } from './safetensors.ts';

/** Trees of arrays as named tensors: the name is the path, `params.0.kernel`. */

const nameOf = (path: readonly string[]): string => (path.length === 0 ? 'tensor' : path.join('.'));
const isArray = (x: object): x is NDArray<unknown> => 'toNested' in x && 'read' in x;

/** the numbers of a tree's leaves, fetched from wherever they are */
export const storedTensors = async (what: string, tree: unknown): Promise<E.Either<readonly Diagnostic[], Stored['tensors']>> => {
  const tensors = new Map<string, StoredTensor>(), problems: Diagnostic[] = [];
  for (const { path, value } of treeLeaves(tree)) {
    const name = nameOf(path), stored = await storedLeaf(value);
    if (tensors.has(name)) problems.push(problem('duplicate', `${what}: two tensors are called '${name}'`, { hint: 'keys with dots in them can collide' }));
    else if (stored === undefined) problems.push(problem('notComputed', `${what}: '${name}' is an expression without numbers`, { hint: 'compute(tree) gives arrays' }));
    else tensors.set(name, stored);
  }
  return problems.length > 0 ? E.left(problems) : E.right(tensors);
};
const storedLeaf = async (leaf: Tensor<unknown>): Promise<StoredTensor | undefined> => {
  if (isArray(leaf)) return { dtype: leaf.dtype, shape: sizes(leaf), data: await leaf.read() };
  const words = isKey(leaf) ? keyWords(leaf) : undefined;
  return words && { dtype: 'u32', shape: [2], data: Uint32Array.from(words) };
};
const sizes = (x: NDArray<unknown>): readonly number[] => {
  // SAFETY: an array's sizes are numbers
  return x.shape as readonly number[];
};

/**
 * Writes a tree of arrays as a safetensors file, whole or not at all. A place that cannot be written is FX6101, a tree
 * with expressions in it FX6109, names that collide FX6107.
 * @example await orThrow(saveWeights('mnist.safetensors', trained.variables));
 */
export const saveWeights = (path: string, tree: unknown): Task<void> => async () => {
  const tensors = await storedTensors('saveWeights', tree);
  return E.isLeft(tensors) ? refused(tensors.left) : asTask(await writeWhole(path, encode({ tensors: tensors.right, metadata: {} })));
};
/** Diagnostics as a result. */
export const refused = (problems: readonly Diagnostic[]): E.Left<readonly [Diagnostic, ...Diagnostic[]]> => {
  // SAFETY: called with at least one
  return E.left(problems as readonly [Diagnostic, ...Diagnostic[]]) as E.Left<readonly [Diagnostic, ...Diagnostic[]]>;
};
export const asTask = <A>(e: E.Either<Diagnostic, A>): E.Either<readonly [Diagnostic, ...Diagnostic[]], A> => (E.isLeft(e) ? E.left([e.left]) : e);

const shown = (dtype: string, shape: readonly unknown[]): string => `${dtype} [${shape.join(', ')}]`;
/** every difference between a file and a tree, of which only names, dtypes and sizes are read; named dimensions take any size */
const differences = (file: string, tensors: Stored['tensors'], like: unknown): readonly Diagnostic[] => {
  const wanted = treeLeaves(like).map(({ path, value }) => ({ name: nameOf(path), dtype: value.dtype, shape: value.shape as readonly unknown[] }));
  const names = new Set(wanted.map((w) => w.name));
  const wrong = wanted.flatMap((w) => {
    const got = tensors.get(w.name), want = shown(w.dtype, w.shape);
    if (got === undefined) return [problem('differs', `${file}: '${w.name}', wanted as ${want}, is not in the file`, { shapes: [want] })];
    const fits = got.dtype === w.dtype && got.shape.length === w.shape.length && w.shape.every((d, i) => typeof d === 'string' || d === got.shape[i]);
    const have = shown(got.dtype, got.shape);
    return fits ? [] : [problem('differs', `${file}: '${w.name}' is ${have}, but ${want} is wanted`, { shapes: [have, want] })];
  });
  const extra = [...tensors].filter(([name]) => !names.has(name)).map(([name, t]) => problem('differs', `${file}: '${name}', ${shown(t.dtype, t.shape)}, is in the file, but nothing asks for it`, { shapes: [shown(t.dtype, t.shape)] }));
  return [...wrong, ...extra];
};

/** A tree like the given one out of named tensors, or every difference. */
export const treeFrom = <P>(file: string, tensors: Stored['tensors'], like: P): E.Either<readonly Diagnostic[], Arrays<P>> => {
  const wrong = differences(file, tensors, like);
  if (wrong.length > 0) return E.left(wrong);
  const leaves = treeLeaves(like).values();
  const filled = treeMap((leaf) => arrayFor(leaf, tensors.get(nameOf(leaves.next().value?.path ?? []))), like);
  // SAFETY: every leaf of the tree has become an array of its dtype and sizes, as just compared
  return E.right(filled as unknown as Arrays<P>);
};
const arrayFor = (like: Tensor<unknown>, stored: StoredTensor | undefined): unknown => {
  if (stored === undefined) return like;
  if (isKey(like)) return keyOf(stored.data);
  // SAFETY: the numbers have the dtype that stands beside them
  return arrayOf(stored.dtype, stored.data as never, [...stored.shape]);
};

/** The file's tensors, checked. */
export const readTensors = async (path: string): Promise<E.Either<readonly Diagnostic[], Stored>> => {
  const content = await readWhole(path);
  return E.isLeft(content) ? E.left([content.left]) : decode(path, content.right);
};

/**
 * Reads a safetensors file into a tree like the given one, which says the names, dtypes and sizes that are wanted (its
 * expressions are not computed). A file that differs is refused with every difference (FX6108); an unreadable, cut or
 * damaged one with FX6102 to FX6107.
 * @example const weights = await orThrow(loadWeights('mnist.safetensors', init(net, key(0))));
 */
export const loadWeights = <P>(path: string, like: P): Task<Arrays<P>> => async () => {
  const stored = await readTensors(path);
  if (E.isLeft(stored)) return refused(stored.left);
  const tree = treeFrom(path, stored.right.tensors, like);
  return E.isLeft(tree) ? refused(tree.left) : tree;
};

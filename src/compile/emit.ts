import * as E from 'fp-ts/lib/Either.js';
import type { LoopBackend } from '../backends/backend.ts';
import { wasm } from '../backends/wasm/wasm.ts';
import { isSym, showType } from '../core/dim.ts';
import { diagnostic, type Diagnostic, type Result } from '../core/diagnostic.ts';
import { attempt } from '../core/render.ts';
import { lower, type LeafType, type LowerOptions, type Lowered } from '../expr/lower/lower.ts';
import { dimNames } from '../expr/lower/names.ts';
import { growing, mapTree } from '../expr/tree.ts';
import { stageOptions } from './prepare.ts';
import { stagesOf } from './stages.ts';
import { optionProblems } from './takes.ts';
import { declarations, placeOf, wrapper, type Saved } from './emitText.ts';

export interface EmitOptions {
  /** the file's name, without `.mjs`; 'program' unless told otherwise */
  readonly name?: string;
  /** sizes of named dimensions, as for `compile` */
  readonly dims?: LowerOptions['dims'];
  /** `wasm` on one thread unless told otherwise, or `js` */
  readonly backend?: LoopBackend;
  /** of each function by name: the arguments whose memory its results take over */
  readonly donate?: { readonly [name: string]: readonly number[] };
}
/** The texts of the files: an ES module and its declarations. */
export interface Emitted { readonly files: { readonly [name: string]: string } }

/** What is compiled under a name, and which arguments' memory its results take over. */
interface Part { readonly name: string; readonly f: unknown; readonly donate: readonly number[] }

/**
 * Functions as one ES module that needs neither fluxion nor anything else, and no `eval`: `create()` gives them, over
 * typed arrays in trees like those of the functions (of f16 and bf16 Uint16Arrays of their bits). Donated states are updated where they are: what a call returns for
 * them the next one overwrites. A page that runs it needs `wasm-unsafe-eval` and no more.
 * @returns the module and its `.d.mts`; FX7012 where there is nothing to emit, FX7013 where a bounded dimension is not the first of an input
 * @example
 * const { files } = orThrow(emit({ predict: fn([f32([1, 784])], (x) => relu(x)) }, { name: 'model' }));
 */
export const emit = (functions: Readonly<Record<string, unknown>>, options: EmitOptions = {}): Result<Emitted> =>
  emitParts(Object.entries(functions).map(([name, f]) => ({ name, f, donate: options.donate?.[name] ?? [] })), options, unknownNames(functions, options));

/** sizes and donations of what no function has: each takes of the sizes those that are its own */
const unknownNames = (functions: Readonly<Record<string, unknown>>, { dims = {}, donate = {} }: EmitOptions): readonly Diagnostic[] => {
  const known = new Set(Object.values(functions).flatMap(dimNames));
  return [
    ...Object.keys(dims).filter((d) => !known.has(d)).map((d) => diagnostic('FX1025', `dims: no function has a dimension '${d}'`, { hint: `the dimensions are ${[...known].join(', ')}` })),
    ...Object.keys(donate).filter((name) => !Object.hasOwn(functions, name)).map((name) => diagnostic('FX7008', `donate: no function is called '${name}'`, { hint: `the functions are ${Object.keys(functions).join(', ')}` })),
  ];
};

const emitParts = (parts: readonly Part[], { name = 'program', dims = {}, backend = wasm({ threads: 1 }) }: EmitOptions, unknown: readonly Diagnostic[]): Result<Emitted> => {
  const saved: Saved[] = [], problems = [...unknown];
  for (const part of parts) {
    const made = partOf(part, dims, backend);
    if (E.isLeft(made)) problems.push(...made.left);
    else saved.push(made.right);
  }
  const [first, ...more] = parts.length === 0 ? [diagnostic('FX7012', 'emit: no function is given', { hint: 'emit({ name: fn([…], …) })' })] : problems;
  if (first !== undefined) return E.left([first, ...more]);
  return E.right({ files: { [`${name}.mjs`]: wrapper(name, saved), [`${name}.d.mts`]: declarations(saved) } });
};

const partOf = ({ name, f, donate }: Part, dims: NonNullable<LowerOptions['dims']>, backend: LoopBackend): Result<Saved> => {
  const names = dimNames(f), own = Object.fromEntries(Object.entries(dims).filter(([d]) => names.includes(d))), lowered = lower(f, { dims: own, checkKeys: true });
  if (E.isLeft(lowered)) return lowered;
  const { module, params, outputs } = lowered.right, [refused, ...more] = [...optionProblems(lowered.right, { donate }), ...params.filter(isUneven).map((p) => uneven(name, p)), ...outputs.filter(isUneven).map((p) => uneven(name, p))];
  if (refused !== undefined) return E.left([refused, ...more]);
  const leaves = params.map((leaf) => ({ ...leaf, donated: donate.includes(Number(leaf.path[0])) }));
  const made = attempt(() => stagesOf(module, backend, stageOptions({}, leaves)));
  if (E.isLeft(made)) return made;
  const { program, artifact } = made.right, [cannot, ...others] = backend.refusals(program);
  if (cannot !== undefined) return E.left([cannot, ...others]);
  return E.right({ name, text: Object.values(artifact.files).join('\n'), params, outputs, results: resultTree(lowered.right), args: argumentTrees(lowered.right) });
};

/** elements that are there stand in a row only where the bounded dimension is the outermost */
const isUneven = ({ type: { shape } }: LeafType): boolean => shape.slice(1).some(isSym);
const uneven = (name: string, leaf: LeafType): Diagnostic => diagnostic('FX7013', `emit: ${leaf.name === '' ? 'a result' : leaf.name} of '${name}' is ${showType(leaf.type)}: only its first dimension may be bounded`, { hint: 'give the other dimensions sizes: dims' });

const resultTree = ({ results }: Lowered): unknown => growing(results)(placeOf);
const argumentTrees = ({ example }: Lowered): readonly unknown[] => { let next = 0; return example.map((tree) => mapTree(tree, () => placeOf(next++))); };

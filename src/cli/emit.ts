import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { LoopBackend } from '../backends/backend.ts';
import { wasm } from '../backends/wasm/wasm.ts';
import type { Diagnostics } from '../core/diagnostic.ts';
import { emit, emitTrainer } from '../interop/index.ts';
import { problem } from './codes.ts';
import type { Exported } from './functions.ts';
import type { Dims } from './sizes.ts';

/** Writes a function, or all programs of a trainer, as a module of its own: what was written, or what is wrong. */
export const emitFiles = (chosen: Exported, folder: string, dims: Dims, backend: LoopBackend): E.Either<Diagnostics, string> => {
  const options = { name: chosen.name, dims, backend: backend.name === 'wasm' ? wasm({ threads: 1 }) : backend };
  const made = chosen.trainer === undefined ? emit({ [chosen.name]: chosen.fn }, options) : emitTrainer(chosen.trainer, options);
  if (E.isLeft(made)) return made;
  try {
    mkdirSync(folder, { recursive: true });
    const written = Object.entries(made.right.files).map(([name, text]) => {
      const path = join(folder, name), draft = `${path}.${process.pid}`;
      writeFileSync(draft, text);
      renameSync(draft, path);
      return `${path}  ${text.length} bytes`;
    });
    return E.right(written.join('\n'));
  } catch (error) {
    return E.left([problem('unwritable', `${folder}: cannot be written: ${error instanceof Error ? error.message : String(error)}`)]);
  }
};

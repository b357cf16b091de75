import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic } from '../core/diagnostic.ts';
import { problem } from './codes.ts';

const reason = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

/**
 * Writes a file whole or not at all: to a file beside it, which is brought to the disk and then takes its name. What
 * stood there before stays until then.
 */
export const writeWhole = async (path: string, content: Uint8Array): Promise<E.Either<Diagnostic, void>> => {
  const [{ open, rename, rm }, { randomUUID }, paths] = await Promise.all([import('node:fs/promises'), import('node:crypto'), import('node:path')]);
  const beside = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    await syncFolder(paths.dirname(path));
    return E.right(undefined);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    return E.left(problem('unwritable', `${path}: cannot be written: ${reason(error)}`, { hint: 'the folder must exist and be writable, and the disk have room' }));
  }
};
/** brings a renaming to the disk, where the system lets a folder be opened */
const syncFolder = async (path: string): Promise<void> => {
  const { open } = await import('node:fs/promises');
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
};

export const readWhole = async (path: string): Promise<E.Either<Diagnostic, Uint8Array>> => {
  const { readFile } = await import('node:fs/promises');
  try {
    return E.right(await readFile(path));
  } catch (error) {
    return E.left(problem('unreadable', `${path}: cannot be read: ${reason(error)}`));
  }
};

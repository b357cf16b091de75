import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic } from '../core/diagnostic.ts';
import { problem } from './codes.ts';

/** Bytes in the IDX format of the MNIST files: two zeros, an element type, a rank, big-endian sizes, then the elements. */
export interface Idx { readonly shape: readonly number[]; readonly bytes: Uint8Array }

/** the element types of the format; the files of digits hold unsigned bytes */
const elements: Readonly<Record<number, string>> = { 0x08: 'unsigned bytes', 0x09: 'signed bytes', 0x0b: '16-bit integers', 0x0c: '32-bit integers', 0x0d: 'floats', 0x0e: 'doubles' };

/**
 * Reads an IDX file of unsigned bytes of the given rank (http://yann.lecun.com/exdb/mnist, "the IDX file format").
 * The elements are a view of the file's bytes, not a copy.
 */
export const parseIdx = (file: string, content: Uint8Array, rank: number): E.Either<Diagnostic, Idx> => {
  const header = 4 + 4 * rank;
  if (content.length < 4) return E.left(problem('truncated', `${file}: ${content.length} bytes are too few for an IDX file`));
  const wrong = magicProblem(file, content, rank);
  if (wrong) return E.left(wrong);
  if (content.length < header) return E.left(problem('truncated', `${file}: the file ends inside its header, after ${content.length} of ${header} bytes`));
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const wanted = header + shape.reduce((n, d) => n * d, 1), shown = `[${shape.join(', ')}]`;
  if (content.length < wanted) return E.left(problem('truncated', `${file}: the file ends after ${content.length} bytes, but its sizes ${shown} need ${wanted}`, { shapes: [shown], hint: 'download the file again' }));
  if (content.length > wanted) return E.left(problem('sizes', `${file}: ${content.length - wanted} bytes are left over after the ${wanted} that its sizes ${shown} need`, { shapes: [shown], hint: 'download the file again' }));
  return E.right({ shape, bytes: content.subarray(header) });
};

const magicProblem = (file: string, content: Uint8Array, rank: number): Diagnostic | undefined => {
  const [zero, alsoZero, element, axes] = content;
  const hint = `an IDX file of bytes with ${rank} ${rank === 1 ? 'axis' : 'axes'} starts with 00 00 08 0${rank}`;
  const shown = [...content.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
  if (zero !== 0 || alsoZero !== 0 || !(element in elements)) return problem('magic', `${file}: not an IDX file: it starts with ${shown}`, { hint });
  if (element !== 0x08) return problem('magic', `${file}: holds ${elements[element]}, not unsigned bytes`, { hint });
  return axes === rank ? undefined : problem('magic', `${file}: has ${axes} ${axes === 1 ? 'axis' : 'axes'}, not ${rank}`, { hint });
};

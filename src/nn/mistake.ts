import type { Mistake } from '../index.ts';
import { codes } from './codes.ts';

/** A mistake in a network: carried by the tensors that it spoils, and told when the program is lowered. */
export const mistake = (what: keyof typeof codes, message: string, details: Pick<Mistake, 'shapes' | 'hint'> = {}): Mistake => ({ code: codes[what], message, ...details });

import { isSpoiled, spoil, type Mistake, type Origin, type Tensor } from '../index.ts';
import { codes } from './codes.ts';

/** A mistake in a network: carried by the tensors that it spoils, and told when the program is lowered. */
export const mistake = (what: keyof typeof codes, message: string, details: Pick<Mistake, 'shapes' | 'hint'> = {}): Mistake => ({ code: codes[what], message, ...details });

/** What comes of a layer that is wrong whatever its input is: told also where that is spoiled already. */
export const unusable = (x: Tensor<unknown>, wrong: Mistake, at: Origin): never =>
  (isSpoiled(x) ? spoil([x, spoil([], wrong, at)], wrong) : spoil([x], wrong, at));

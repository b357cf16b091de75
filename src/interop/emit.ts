import { emit, type EmitOptions, type Emitted, type Result } from '../index.ts';
import { evaluationOf, inferenceOf, initialOf, stepOf, type Trainer } from '../train/index.ts';

/**
 * A trainer as one ES module without dependencies: `create()` gives `init(key)`, a state; `step(state, x, y, key)`, the next
 * state and the loss; `infer(variables, x)`; and `evaluate(variables, totals, x, y)`. Numbers are those of `fit` bit for bit.
 * @example
 * const { files } = orThrow(emitTrainer(trainer, { name: 'mnist', dims: { batch: { max: 128 } } }));
 */
export const emitTrainer = (trainer: Trainer, options: Omit<EmitOptions, 'donate'> = {}): Result<Emitted> => emit(
  { init: initialOf(trainer), step: stepOf(trainer), infer: inferenceOf(trainer), evaluate: evaluationOf(trainer) },
  { ...options, donate: { step: [0], evaluate: [1] } },
);

/** 'fluxion/nn': layers, losses and initialisers, as pure values. */
export { activation, activations, type Activation, type ActivationName } from './activations.ts';
export { block } from './block.ts';
export { chain, residual } from './compose.ts';
export { dense, flatten, type DenseOptions } from './dense.ts';
export {
  constantly, glorotNormal, glorotUniform, heNormal, heUniform, initializer, initializers, lecunNormal, lecunUniform, randomNormal, randomUniform,
  type Initializer, type InitializerName,
} from './initializers.ts';
export { layer, type Layer, type Part, type Variables } from './layer.ts';
export {
  binaryCrossentropy, binaryCrossentropyFromLogits, categoricalCrossentropy, categoricalCrossentropyFromLogits, loss, meanAbsoluteError, meanSquaredError,
  sparseCategoricalCrossentropy, sparseCategoricalCrossentropyFromLogits, type DenseLoss, type Loss, type SparseLoss,
} from './losses.ts';
export { apply, applyTrain, init, input, model, sequential, type Input, type Model } from './model.ts';
export { summary } from './summary.ts';
export type { LayerType } from './types.ts';

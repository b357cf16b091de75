/** 'fluxion/optim': optimisers and learning rates, as pure expressions. */
export { adam, adamw, type AdamOptions } from './adam.ts';
export { clipByGlobalNorm, clipByValue } from './clip.ts';
export { chain, optimizer, type Optimizer, type Proposal, type Propose, type Rule, type Slots, type State } from './optimizer.ts';
export { rmsprop, type RmspropOptions } from './rmsprop.ts';
export { constant, cosineDecay, piecewise, stepDecay, warmUp, type Rate, type Schedule } from './schedules.ts';
export { sgd } from './sgd.ts';

/** What checking the library alone costs: taken off the budget of instantiations. */
export type * as library from 'fluxion';
export type * as networks from 'fluxion/nn';
export type * as optimisers from 'fluxion/optim';
export type * as training from 'fluxion/train';
export type * as sets from 'fluxion/data';
export type * as weights from 'fluxion/interop';
export type * as engines from 'fluxion/backends';
export type * as gpu from 'fluxion/gpujs';

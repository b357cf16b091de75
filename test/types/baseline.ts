/** What checking the library alone costs: taken off the budget of instantiations. */
export type * as library from 'fluxion';

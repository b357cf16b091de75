import { typedArray, type DType, type TypedArray } from '../../src/core/dtype.ts';
import type { Module } from '../../src/ir/graph/syntax.ts';
import { derivativeOf, floatPlaces, mainOf, sizeOfNode, weights, type Kind } from '../../src/testing/derivatives.ts';

/** a program and numbers for it */
export interface Given { readonly module: Module; readonly args: readonly TypedArray[] }

/** the derivative of a derivative…, for the program's own float inputs; and arguments for it, its seeds among them */
export const derived = ({ module, args }: Given, kinds: readonly Kind[], wrt: readonly number[] = floatPlaces(mainOf(module).params)): Given => {
  const made = kinds.reduce((m, kind) => derivativeOf(m, kind, wrt), module);
  const seeds = mainOf(made).params.slice(args.length).map((p, i) => typedArray<DType>(p.type.dtype, weights(sizeOfNode(p), i)));
  return { module: made, args: [...args, ...seeds] };
};

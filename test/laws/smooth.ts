import type fc from 'fast-check';
import { undifferentiable } from '../../src/passes/graph/expandTransforms.ts';
import { scalarNames } from '../../src/testing/grow.ts';
import { derivativeOf, floatPlaces, mainOf } from '../../src/testing/derivatives.ts';
import { programs, type GeneratedProgram, type GraphOptions } from '../../src/testing/index.ts';

/** operations that derivatives go through */
const ops: GraphOptions['ops'] = ['map', 'map', 'map', 'dotGeneral', 'reduce', 'reshape', 'broadcastInDim', 'transpose', 'slice', 'pad', 'reverse', 'concatenate', 'gather', 'scatter', 'dynamicSlice', 'dynamicUpdateSlice', 'call', 'composite', 'transform', 'get', 'map', 'dotGeneral', 'reduce'];

/** what differences know nothing of: a derivative that is told not to flow, and what rounds */
const fns = scalarNames.filter((name) => name !== 'stopGradient' && name !== 'reducePrecision');

/** programs with float inputs and float results that have derivatives; with `refused` also those that have none */
export const differentiable = ({ refused = false, ...options }: GraphOptions & { readonly refused?: boolean } = {}): fc.Arbitrary<GeneratedProgram> =>
  programs({ ops, fns, dtypes: ['f32', 'f32', 'f32', 'i32', 'bool'], steps: 8, ...options }).filter(({ module }) => {
    const { params, results } = mainOf(module);
    if (floatPlaces(params).length === 0 || floatPlaces(results).length === 0) return false;
    return refused || (['vjp', 'jvp'] as const).every((kind) => undifferentiable(derivativeOf(module, kind)).length === 0);
  });

import { describe, it } from 'vitest';
import { readGraphs } from '../texts.ts';
import { checkForward, checkTwice, sampleOf } from './laws.ts';
import { choices, scans, whiles } from './loopPrograms.ts';

describe('loops over rows have derivatives of both orders in both modes', () => {
  it.each(Object.entries(scans))('%s', (_, text) => checkTwice(sampleOf(readGraphs(text))));
});
describe('choices have them, whichever branch is taken', () => {
  it.each(Object.entries(choices).flatMap(([name, text]) => [0, 1, 2].map((branch) => [name, branch, text] as const)))('%s, %i', (_, branch, text) => checkTwice(sampleOf(readGraphs(text), branch)));
});
describe('loops with a test have a forward mode', () => {
  it.each(Object.entries(whiles))('%s', (_, text) => { for (const inner of [[], ['jvp']] as const) checkForward(sampleOf(readGraphs(text)), inner); });
});

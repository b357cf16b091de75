import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { orThrow } from '../../../src/core/render.ts';
import { parseModule } from '../../../src/ir/graph/parse.ts';
import { printModule } from '../../../src/ir/graph/print.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { verify } from '../../../src/ir/graph/verify.ts';
import { defaultPipeline } from '../../../src/passes/graph/pipeline.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { trainingStep } from '../../programs/tutorial.ts';

const step = trainingStep([784, 128, 128, 10], 128);
const golden: { readonly [file: string]: () => Module } = {
  'trainStep.graph': () => step,
  'trainStep.optimised.graph': () => runPasses(step, defaultPipeline),
};
const folder = new URL('../../golden/graph/', import.meta.url);

describe('the tutorial\'s step', () => {
  it.each(Object.entries(golden))('%s', async (file, module) => {
    await expect(printModule(module())).toMatchFileSnapshot(new URL(file, folder).pathname);
  });
  it.each(Object.keys(golden))('%s reads back as it was written', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8'), module = orThrow(parseModule(text, { file }));
    expect(verify(module)).toEqual([]);
    expect(printModule(module)).toBe(text);
  });
  it('is all that the folder holds', () => expect(readdirSync(folder).sort()).toEqual(Object.keys(golden).sort()));
});

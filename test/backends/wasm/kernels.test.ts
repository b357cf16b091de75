import { describe, expect, it } from 'vitest';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { difference } from '../../ir/loop/golden.ts';
import { passes, textOf } from '../../passes/loop/kernels.ts';
import { inputsOf, meaning } from '../../passes/loop/programs.ts';
import { runTiled } from './run.ts';

/** What vectors and tiles make of the small kernels computes what the kernels mean. */
describe.each(['vectorise', 'tileInVectors', 'tile', 'hoist', 'scalarReplace'])('kernels after %s', (pass) => {
  const { run, cases } = passes[pass];
  it.each(Object.entries(cases).filter(([, c]) => c.twice === undefined))('%s', (_, c) => {
    const naive = parsed(parseProgram(textOf(c))), sizes = { n: c.n ?? 6 }, results = runTiled(run(naive), inputsOf(naive), sizes);
    for (const [id, wanted] of Object.entries(meaning(naive, { text: '', sizes }, 'f64'))) expect([id, difference(Array.from(results.get(id) ?? []), wanted) < 2e-6]).toEqual([id, true]);
  });
});

import { f32, fn, neg, orThrow } from 'fluxion';
import { lower, parse, verify } from 'fluxion/ir';
import * as E from 'fp-ts/lib/Either.js';
import { isNonEmpty } from 'fp-ts/lib/ReadonlyArray.js';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { Stage } from '../../../src/ir/loop/syntax.ts';
import { verifyProgram } from '../../../src/ir/loop/verify.ts';
import { rendered, type Triggers } from './trigger.ts';

const graph = (lines: string): string => rendered(parse(`module main graph main(x: f32[2, 3], ids: i32[2]) { ${lines} return x }`, { file: 'm.graph' }));
const program = (body: string): string => `program p buffer x: f32[16] input buffer out: f32[16] output
kernel k(x: read f32[16], out: write f32[16]) { ${body} } steps { run k(x, out) }`;
const loop = (body: string): string => rendered(parseProgram(program(body), { file: 'k.loop' }));
const verified = (body: string, stage: Stage = 'naive'): string => {
  const wrong = verifyProgram(parsed(parseProgram(program(body))), stage);
  return isNonEmpty(wrong) ? rendered(E.left(wrong)) : 'nothing is wrong';
};

/** graphs and loops as text; the same as data */
export const texts: Triggers = {
  FX2001: () => graph('%0 exp(x)'),
  FX2002: () => graph('%0 = exp(z)'),
  FX2003: () => graph('%0 = exp(x) %0 = neg(x)'),
  FX2004: () => graph('%0 = add(x, ids)'),
  FX2005: () => graph('%0: f32[6] = exp(x)'),
  FX2006: () => rendered(parse('module m graph m() { return } data 0: f32 `?!`', { file: 'm.graph' })),
  FX2101: () => rendered(verify({ ...orThrow(lower(fn([f32([2])], (x) => neg(x)))), main: 'nowhere' })),
  FX3001: () => loop('let v 3'),
  FX3002: () => loop('for i < 4 { for j < 4 { store out[i*j] = 0.0 } }'),
  FX3003: () => loop('let v = y[3]'),
  FX3004: () => loop('let v = exp(3.0, 4.0)'),
  FX3005: () => rendered(parseProgram('program p buffer x: f32[2] input buffer x: f32[2] input steps {}', { file: 'k.loop' })),
  FX3101: () => verified('store out[i] = 0.0'),
  FX3102: () => verified('store out[0] = 1:i32'),
  FX3103: () => verified('for i < 17 { store out[i] = 0.0 }'),
  FX3104: () => verified('let v = out[0]'),
  FX3105: () => verified('contract m() n() k(i < 4) c = x[i] * x[i] { store out[0] = c }', 'tiled'),
  FX3106: () => verified('alloc register r: f32[2, 3] store r[0] = 0.0'),
};

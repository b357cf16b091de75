import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reasons } from '../../src/backends/gpujs/refusals.ts';
import { spellings } from '../../src/backends/gpujs/spell.ts';
import type { Node, OpName } from '../../src/ir/graph/syntax.ts';
import { monoids } from '../../src/ir/monoids.ts';
import { scalarRow, scalars, type ScalarName } from '../../src/ir/scalars.ts';
import { applyBatch } from '../../src/passes/graph/batching/rules.ts';
import { jvp } from '../../src/passes/graph/derivatives/jvp.ts';
import { isFlat } from '../../src/passes/graph/derivatives/scalars.ts';
import { reductions } from '../../src/passes/graph/derivatives/reductions.ts';
import { vjp } from '../../src/passes/graph/derivatives/vjp.ts';

const page = fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), root = fileURLToPath(new URL('../../', import.meta.url));
const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const tableOf = (head: readonly string[], rows: readonly string[]): string => [row(...head), row(...head.map(() => '---')), ...rows].join('\n');

/** what a table's row says without operands: a refusal with its reason, nothing, or it wants them: then it is a rule */
const said = (ask: () => unknown): string => {
  try {
    const answer = ask();
    if (typeof answer === 'object' && answer !== null && 'refused' in answer) { const { refused } = answer as { refused: string }; return refused.endsWith('as a whole') ? 'yes, with its values' : `refused: ${refused}`; }
    return '–';
  } catch { return 'yes'; }
};
/** the words that stand before an operation in the syntax */
const wordsIn = (source: string, op: string): string => {
  const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*readonly ${op}:`).exec(source);
  return comment === null ? '' : comment[1].replace(/\s*\n\s*\*\s?/g, ' ').trim();
};

const operations = (): string => {
  const source = readFileSync(`${root}src/ir/graph/syntax.ts`, 'utf8');
  // SAFETY: the table's keys are the operations
  const names = (Object.keys(vjp) as readonly OpName[]).filter((op) => op !== 'parameter' && op !== 'transform');
  const ask = (table: typeof vjp | typeof jvp, op: OpName): string => said(() => (table[op] as () => unknown)());
  return tableOf(['operation', 'what it is', 'reverse', 'forward', 'over examples', 'gpujs'], names.map((op) => row(
    `\`${op}\``, wordsIn(source, op), ask(vjp, op), ask(jvp, op), said(() => applyBatch({ op } as Node, [] as never, undefined as never)),
    op === 'while' ? `refused: ${reasons.control}` : op === 'scan' || op === 'case' ? 'written out' : 'yes')));
};
const onGpu = (name: ScalarName): string => {
  const spelled = spellings[name];
  if ('refused' in spelled) return `refused: ${spelled.refused}`;
  const parts = [spelled.integers && `integers refused: ${spelled.integers.refused}`, spelled.unsigned && `u32 refused: ${spelled.unsigned.refused}`, spelled.signed && `i32 refused: ${spelled.signed.refused}`].filter((part) => part !== undefined);
  return parts.length === 0 ? 'yes' : parts.join('; ');
};
const functions = (): string => tableOf(['function', 'operands', 'takes', 'gives', 'derivative', 'gpujs'],
  // SAFETY: the table's keys are the functions
  (Object.keys(scalars) as readonly ScalarName[]).map((name) => { const { arity, takes, gives } = scalarRow(name); return row(`\`${name}\``, String(arity), takes, gives, isFlat(name) ? 'none: it is flat between its jumps, or no float' : 'yes', onGpu(name)); }));
const folds = (): string => tableOf(['monoid', 'takes', 'numbers kept', 'reverse', 'forward', 'gpujs'], Object.entries(monoids).map(([name, { takes, state }]) => {
  const of = reductions[name as keyof typeof reductions];
  return row(`\`${name}\``, takes, String(state), said(() => (of.vjp as () => unknown)()), said(() => (of.jvp as () => unknown)()), name === 'maxExpSum' || name === 'welford' ? `refused: ${reasons.states}` : 'yes');
}));
const written = (): string => `# Operations

This page is written from the compiler's own tables (\`UPDATE_DOCS=1 npx vitest run test/docs\`). Type rules stand in \`src/ir/graph/rules.ts\`,
the meaning in \`src/ir/graph/interpret.ts\`. \`reference\`, \`js\` and \`wasm\` run everything; what \`gpujs\` refuses, it says before anything
runs, with the reason given here, and f64, halves and integers beyond 2^24 for all operations: ${reasons.f64}; ${reasons.half}. Of integers that were handed in, such as random
keys, the host computes for it what it refuses, and what it could only do below 2^24, and uploads it. Composites (softmax,
convolution, reduceWindow, attention and the like) are made of these, and have their derivatives and their backends.

## Graph operations

${operations()}

## Elementwise functions (\`map\`)

${functions()}

## Reductions (\`reduce\`)

${folds()}
`;

describe('docs/operations.md', () => {
  it('is what the tables say', () => {
    const text = written();
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, text);
    expect(readFileSync(page, 'utf8')).toBe(text);
  });
  it('finds words for each operation but those that speak for themselves', () => {
    const wordless = written().split('\n').filter((line) => /^\| `\w+` \|  \|/.test(line)).map((line) => /`(\w+)`/.exec(line)?.[1]);
    expect(wordless).toEqual(['iota', 'reshape', 'reverse', 'concatenate', 'call']);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What the lint configuration must refuse and must let through: [the importing file, the import]. */
const refused = [
  ['src/core/dim.ts', `import '../ir/scalars.ts'`],
  ['src/core/deep/dim.ts', `import '../../compile.ts'`],
  ['src/core/dim.ts', `export { a } from '../index.ts'`],
  ['src/ir/graph/verify.ts', `import '../../passes/run.ts'`],
  ['src/ir/graph/verify.ts', `import '../../expr/expr.ts'`],
  ['src/ir/graph/interpret.ts', `import { add } from '../../core/affine.ts'`],
  ['src/ir/graph/interpret.ts', `import { rule } from './rules.ts'`],
  ['src/ir/graph/interpretWindows.ts', `import '../loop/syntax.ts'`],
  ['src/ir/graph/interpret/windows.ts', `import { add } from '../../../core/affine.ts'`],
  ['src/ir/index.ts', `export * from '../nn/index.ts'`],
  ['src/ir/index.ts', `import '../backends/backend.ts'`],
  ['src/ir/graph/verify.ts', `import '../index.ts'`],
  ['src/ir/loop/interpret.ts', `import { add } from '../../core/affine.ts'`],
  ['src/ir/loop/interpret.ts', `import '../graph/syntax.ts'`],
  ['src/ir/loop/interpret.ts', `import '../../passes/loop/tile.ts'`],
  ['src/expr/expr.ts', `import type { Pass } from '../passes/pass.ts'`],
  ['src/expr/expr.ts', `import '../backends/backend.ts'`],
  ['src/passes/run.ts', `import '../expr/expr.ts'`],
  ['src/passes/graph/algebra.ts', `import { plan } from '../plan/plan.ts'`],
  ['src/passes/graph/derivatives/vjp.ts', `import { plan } from '../../plan/plan.ts'`],
  ['src/passes/plan/plan.ts', `import { tile } from '../loop/tile.ts'`],
  ['src/passes/loop/tile.ts', `import { clean } from '../graph/clean.ts'`],
  ['src/passes/loop/tile.ts', `import '../../backends/backend.ts'`],
  ['src/backends/js/js.ts', `import '../../passes/run.ts'`],
  ['src/backends/js/js.ts', `import '../gpujs/spell.ts'`],
  ['src/backends/js/js.ts', `import 'gpu.js'`],
  ['src/backends/js/js.ts', `await import('gpu.js')`],
  ['src/backends/index.ts', `export * from './gpujs/index.ts'`],
  ['src/backends/gpujs/gpu.ts', `import '../../expr/expr.ts'`],
  ['src/compile.ts', `import './nn/index.ts'`],
  ['src/compile.ts', `import './backends/gpujs/index.ts'`],
  ['src/compile/stages.ts', `import '../train/index.ts'`],
  ['src/nn/dense.ts', `import { add } from '../expr/elementwise.ts'`],
  ['src/nn/dense.ts', `import type { Pass } from '../passes/pass.ts'`],
  ['src/nn/dense.ts', `import { build } from '../ir/graph/build.ts'`],
  ['src/nn/dense.ts', `import { scalarRow } from '../ir/scalars.ts'`],
  ['src/train/fit.ts', `import { gpujs } from '../backends/gpujs/index.ts'`],
  ['src/train/fit.ts', `import '../cli/main.ts'`],
  ['src/optim/adam.ts', `import 'fluxion'`],
  ['src/inspect/explain.ts', `import '../backends/gpujs/index.ts'`],
  ['src/testing/graphs.ts', `import 'gpu.js'`],
  ['src/index.ts', `export * from './nn/index.ts'`],
  ['src/cli/main.ts', `import 'gpu.js'`],
] as const;

const allowed = [
  ['src/core/dim.ts', `import './dtype.ts'`],
  ['src/ir/graph/verify.ts', `import '../../core/affine.ts'`],
  ['src/ir/index.ts', `export { lower } from '../expr/lower/lower.ts'`],
  ['src/ir/index.ts', `export { rule } from '../passes/graph/rewrite.ts'`],
  ['src/ir/graph/interpret.ts', `import '../../core/dtype.ts'`],
  ['src/ir/graph/interpret.ts', `import '../scalars.ts'`],
  ['src/ir/loop/interpret.ts', `import type { Index } from '../../core/affine.ts'`],
  ['src/ir/loop/interpret.ts', `import './syntax.ts'`],
  ['src/expr/expr.ts', `import '../ir/graph/build.ts'`],
  ['src/passes/loop/tile.ts', `import '../../ir/graph/syntax.ts'`],
  ['src/passes/plan/plan.ts', `import '../../ir/loop/syntax.ts'`],
  ['src/passes/loop/tile.ts', `import type { Plan } from '../plan/plan.ts'`],
  ['src/passes/graph/derivatives/vjp.ts', `import '../../pass.ts'`],
  ['src/backends/gpujs/gpu.ts', `import 'gpu.js'`],
  ['src/backends/js/js.ts', `import '../backend.ts'`],
  ['src/compile.ts', `import './passes/run.ts'`],
  ['src/compile/stages.ts', `import '../backends/backend.ts'`],
  ['src/nn/dense.ts', `import { matmul } from '../index.ts'`],
  ['src/nn/dense.ts', `import type { Check } from '../expr/types/tensor.ts'`],
  ['src/nn/dense.ts', `import { isFloat } from '../core/dtype.ts'`],
  ['src/train/fit.ts', `import '../backends/index.ts'`],
  ['src/train/fit.ts', `import '../nn/index.ts'`],
  ['src/interop/emit.ts', `import '../ir/index.ts'`],
  ['src/inspect/explain.ts', `import '../passes/plan/plan.ts'`],
  ['src/index.ts', `export * from './expr/expr.ts'`],
  ['src/cli/main.ts', `await import('../backends/gpujs/index.ts')`],
] as const;

const root = fileURLToPath(new URL('..', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'floors-'));
const cases: readonly (readonly [file: string, text: string])[] = [...refused, ...allowed];
const textOf = (file: string): readonly string[] => cases.filter(([f]) => f === file).map(([, text]) => text);
const lineOf = (file: string, text: string): string => `${file}:${textOf(file).indexOf(text) + 1}`;
let reported: ReadonlySet<string>;

beforeAll(() => {
  // the floors are read from the import alone: no types, and so no type checker beside the copy
  const config = readFileSync(join(root, '.oxlintrc.json'), 'utf8').replace('"typeAware": true', '"typeAware": false');
  writeFileSync(join(place, '.oxlintrc.json'), config);
  for (const [file] of cases) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), textOf(file).map((text) => `${text};\n`).join(''));
  }
  reported = lint();
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

interface Report {
  readonly diagnostics: readonly {
    readonly code: string; readonly filename: string; readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

const lint = (): ReadonlySet<string> => {
  const oxlint = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '-f', 'json', 'src'], { cwd: place, encoding: 'utf8' });
  const report = JSON.parse(stdout) as Report; // SAFETY: the linter's own format
  return new Set(report.diagnostics.filter((d) => d.code === 'eslint(no-restricted-imports)')
    .map((d) => `${d.filename}:${d.labels[0].span.line}`));
};

describe('the floors', () => {
  it.each(refused)('%s may not: %s', (file, text) => { expect(reported).toContain(lineOf(file, text)); });
  it.each(allowed)('%s may: %s', (file, text) => { expect(reported).not.toContain(lineOf(file, text)); });
});

/** Tables whose rows are made wrong, and the tests that are there to notice, the quickest first. */
export interface Target { readonly name: string; readonly files: readonly string[]; readonly tests: readonly string[]; readonly emits?: true }

const graph = (...names: readonly string[]): readonly string[] => names.map((n) => `src/passes/graph/${n}.ts`);
const derivative = (...names: readonly string[]): readonly string[] => graph(...names.map((n) => `derivatives/${n}`));
const plan = (...names: readonly string[]): readonly string[] => names.map((n) => `src/passes/plan/${n}.ts`);
const wasm = (...names: readonly string[]): readonly string[] => names.map((n) => `src/backends/wasm/${n}.ts`);
const loop = (...names: readonly string[]): readonly string[] => names.map((n) => `src/passes/loop/${n}.ts`);

const derivativeTests = ['test/passes/graph/derivatives/pages.test.ts', 'test/passes/graph/derivatives/scalars.test.ts', 'test/passes/graph/derivatives/operations.test.ts', 'test/passes/graph/expandTransforms.test.ts', 'test/laws/derivatives.test.ts'];
const ruleTests = ['test/passes/graph/reciprocals.test.ts', 'test/passes/graph/pages.test.ts', 'test/passes/graph/rules.test.ts', 'test/passes/graph/stabilise.test.ts', 'test/passes/graph/rewrite.test.ts', 'test/laws/passes.test.ts', 'test/laws/coverage.test.ts', 'test/passes/graph/pipeline.test.ts'];
const planTests = ['golden', 'seeds', 'held', 'stream', 'merge', 'fit'].map((n) => `test/passes/plan/${n}.test.ts`).concat('test/passes/plan', 'test/laws/loops.test.ts', 'test/programs', 'test/laws/backends.test.ts', 'test/samples', 'test/laws/choices.test.ts');
const loopTests = ['test/passes/loop/pack.test.ts', 'test/passes/loop/regions.test.ts', 'test/passes/loop/kernels.test.ts', 'test/passes/loop/assignPhases.test.ts', 'test/passes/loop', 'test/passes/plan/golden.test.ts', 'test/programs', 'test/laws/loops.test.ts', 'test/backends/js/emit.test.ts'];
const wasmTests = ['test/backends/wasm/kernels.test.ts', 'test/backends/wasm/registers.test.ts', 'test/backends/wasm/golden.test.ts', 'test/backends/wasm/maths.test.ts', 'test/laws/wasm.test.ts', 'test/backends/wasm', 'test/laws/threads.test.ts'];

const controlTests = ['test/passes/graph/loops.test.ts', 'test/passes/graph/derivatives/pages.test.ts', 'test/passes/graph/derivatives/loops.test.ts', 'test/passes/graph/dropUnread.test.ts', 'test/passes/graph/sinkBranches.test.ts', 'test/passes/graph/derivatives/operations.test.ts', 'test/expr/control.test.ts', 'test/expr/segments.test.ts', 'test/expr/mappedLoops.test.ts', 'test/passes/graph/pages.test.ts', 'test/passes/graph/batching.test.ts', 'test/laws/control.test.ts', 'test/laws/passes.test.ts', 'test/laws/backends.test.ts', 'test/laws/derivatives.test.ts', 'test/laws/vmap.test.ts'];
const sumTests = ['test/passes/graph/sums.test.ts', 'test/passes/graph/splitSums.test.ts', 'test/passes/graph/rules.test.ts', 'test/laws/passes.test.ts'];
const partTests = ['test/passes/graph/parts.test.ts', 'test/passes/graph/boxes.test.ts', 'test/passes/graph/onHost.test.ts', 'test/passes/graph/trim.test.ts', 'test/passes/graph/windows.test.ts', 'test/passes/graph/rules.test.ts', 'test/passes/graph/exchange.test.ts', 'test/passes/graph/pages.test.ts', 'test/passes/plan/convGradients.test.ts', 'test/expr/halves.test.ts', 'test/laws/halves.test.ts', 'test/expr/convolution.test.ts', 'test/laws/passes.test.ts', 'test/laws/derived.test.ts', 'test/backends/gpujs/random.test.ts'];

export const targets: readonly Target[] = [
  { name: 'type rules', files: ['src/ir/graph/rules.ts'], tests: ['test/ir/graph/rules.test.ts', 'test/ir/graph/interpretTables.test.ts', 'test/expr/diagnostics.test.ts', 'test/expr/operations.test.ts', 'test/laws/passes.test.ts'] },
  { name: 'reverse mode', files: derivative('vjp', 'reductions', 'rowPicks', 'shapes', 'sweeps'), tests: derivativeTests },
  { name: 'forward mode', files: derivative('jvp', 'scalars', 'indices', 'maths'), tests: derivativeTests },
  { name: 'many examples', files: graph('batching/rules', 'batching/indices', 'batching/rule', 'batching/sweep'), tests: ['test/passes/graph/batching.test.ts', 'test/expr/vmap.test.ts', 'test/laws/vmap.test.ts'] },
  { name: 'rewrite rules', files: graph('algebra', 'canonical', 'logs', 'reductions', 'contractions', 'views', 'picks', 'stabilise', 'moveViews', 'reassociateDots', 'reciprocals'), tests: ruleTests },
  { name: 'loops and choices', files: [...derivative('scans', 'branches', 'copies'), ...graph('batching/control', 'hoistRuns', 'sinkBranches', 'dropUnread')], tests: controlTests },
  { name: 'sums', files: graph('splitSums', 'sumProducts'), tests: sumTests },
  { name: 'parts and windows', files: graph('trim', 'boxes', 'halves', 'onHost', 'windows', 'overlaps', 'gatherOverlaps', 'spread', 'spreadDots', 'exchange'), tests: partTests },
  { name: 'access and planning', files: plan('access', 'fit', 'fitRows', 'order'), tests: planTests },
  { name: 'borders and updates', files: plan('borders', 'updates', 'realise/borders'), tests: ['test/passes/plan/parts.test.ts', 'test/passes/plan/borders.test.ts', 'test/passes/plan/updates.test.ts', ...planTests] },
  { name: 'realisation', files: plan('realise/accumulate', 'realise/value', 'realise/nests', 'realise/stores', 'realise/rows', 'realise/flat', 'realise/realise', 'realise/control', 'realise/sorts'), tests: [...planTests, 'test/laws/control.test.ts'] },
  { name: 'loop passes', files: loop('collapse', 'hoist', 'jam', 'peelGuards', 'planMemory', 'scalarReplace', 'share', 'simplifyIndex', 'tile', 'unroll', 'bounds'), tests: loopTests },
  { name: 'planning in blocks', files: plan('align', 'anchors', 'seeds', 'merge', 'pieces', 'fitBlocks', 'stream', 'reach', 'held', 'transients', 'recompute', 'recomputeWide'), tests: planTests },
  { name: 'realising blocks', files: plan('realise/blocks', 'realise/blockContext', 'realise/blockPieces', 'realise/running', 'realise/held'), tests: planTests },
  { name: 'packing', files: loop('pack', 'microTile', 'blockK'), tests: [...loopTests, 'test/laws/wasm.test.ts', 'test/backends/wasm/contractions.test.ts'] },
  { name: 'vectors', files: loop('vectorise', 'vectors', 'neighbours'), tests: [...loopTests, 'test/backends/wasm', 'test/laws/wasm.test.ts'] },
  { name: 'division among threads', files: loop('schedule', 'splitFolds', 'regions', 'assignPhases'), tests: [...loopTests, 'test/laws/phases.test.ts', 'test/laws/threads.test.ts'] },
  { name: 'wasm encoder', files: wasm('code', 'module', 'spell', 'lanes', 'values', 'writer', 'kernel', 'folds', 'outline', 'driver', 'grid', 'control', 'given', 'halves'), tests: wasmTests },
  { name: 'wasm functions', files: wasm('maths', 'maths64', 'lanes64', 'inPlace', 'power64', 'series', 'sums', 'trigonometry', 'turns'), tests: wasmTests },
  { name: 'js spellings', files: ['spell', 'folds', 'values', 'indices', 'kernel'].map((n) => `src/backends/js/${n}.ts`), tests: ['test/backends/js', 'test/laws/backends.test.ts'], emits: true },
  { name: 'gpu.js spellings', files: ['src/backends/gpujs/spell.ts'], tests: ['test/backends/gpujs', 'test/laws/gpujs.test.ts'], emits: true },
];

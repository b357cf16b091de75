import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  // the package by its own name, without a build: the same table as `paths` in tsconfig.json
  resolve: { alias: [
    { find: /^fluxion$/, replacement: src('index.ts') },
    { find: /^fluxion\/gpujs$/, replacement: src('backends/gpujs/index.ts') },
    { find: /^fluxion\/(\w+)$/, replacement: `${src('')}$1/index.ts` },
  ] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // processes, not threads: headless GL is a native module that loads once per process
    pool: 'forks',
    maxWorkers: Math.min(4, availableParallelism()),
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});

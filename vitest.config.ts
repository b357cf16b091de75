import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));
export default defineConfig({
  resolve: { alias: [
    { find: /^fluxion$/, replacement: src('index.ts') },
    { find: /^fluxion\/gpujs$/, replacement: src('backends/gpujs/index.ts') },
    { find: /^fluxion\/(\w+)$/, replacement: `${src('')}$1/index.ts` },
  ] },
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 },
});

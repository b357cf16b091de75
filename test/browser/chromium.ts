import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from 'puppeteer-core';
import { rolldown } from 'rolldown';
import { loadConfig } from 'rolldown/config';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const executable = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
/** why there is no browser, or undefined */
export const missingChromium = executable === undefined ? 'there is no chromium' : undefined;

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Writes the package as it is published, and the scripts of the page, which import it from beside them. */
export const writeSite = async (folder: string): Promise<void> => {
  const config = await loadConfig(at('../../rolldown.config.mjs'));
  if (Array.isArray(config) || typeof config === 'function') throw new Error('one configuration is expected');
  const { output, ...input } = config;
  await using library = await rolldown({ ...input, cwd: at('../..') });
  await library.write({ ...output, dir: join(folder, 'dist') });
  await using pages = await rolldown({ input: { page: at('fixtures/page.ts'), worker: at('fixtures/worker.ts') }, external: /^fluxion|training\.mjs$/, tsconfig: false, platform: 'browser' });
  await pages.write({ dir: folder, format: 'esm', paths: (id) => id.replace(/^fluxion$/, './dist/index.js').replace(/^fluxion\/(\w+)$/, './dist/$1/index.js') });
};

const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const policy = (scripts: string, workers: string): Readonly<Record<string, string>> => ({ 'Content-Security-Policy': `default-src 'self'; script-src ${scripts}; worker-src ${workers}` });
/** the headers of the same files in each of the folders that they are served from */
const ways = {
  isolated: { ...isolation, ...policy("'self' 'wasm-unsafe-eval'", "'self' blob:") },
  open: policy("'self' 'wasm-unsafe-eval'", "'self' blob:"),
  withoutBlobs: { ...isolation, ...policy("'self' 'wasm-unsafe-eval'", "'self'") },
  withoutWasm: { ...isolation, ...policy("'self'", "'self'") },
} as const satisfies Record<string, Readonly<Record<string, string>>>;
export type Way = keyof typeof ways;
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };

interface Site { readonly url: (way: Way, task: string) => string; readonly close: () => Promise<void> }
export const serve = async (folder: string): Promise<Site> => {
  const server = createServer((request, response) => {
    const [, way = '', ...rest] = normalize(new URL(request.url ?? '/', 'http://localhost').pathname).split('/'), path = rest.join('/');
    const headers = Object.entries(ways).find(([name]) => name === way)?.[1];
    const text = path === 'page.html' ? Promise.resolve('<!doctype html><script type="module" src="page.js"></script>') : readFile(join(folder, path));
    text.then((body) => response.writeHead(200, { ...headers, 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(body), () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  // SAFETY: it listens on a port
  const { port } = server.address() as AddressInfo;
  return {
    url: (way, task) => `http://127.0.0.1:${port}/${way}/page.html?${task}`,
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
};

export interface Visits { readonly visit: (way: Way, task: string) => Promise<unknown>; readonly close: () => Promise<void> }
/** A browser ends with this process at the latest: it reads its orders from a pipe, and sees that its end is gone. */
export const openBrowser = async (site: Site): Promise<Visits> => {
  // it shows nothing but our own pages, and for root there is no sandbox
  const browser = await launch({ executablePath: executable ?? names[0], pipe: true, timeout: 30_000, protocolTimeout: 50_000, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
  return {
    visit: async (way, task) => {
      const page = await browser.newPage(), said: string[] = [];
      page.on('pageerror', (error) => said.push(String(error)));
      page.on('requestfailed', (request) => said.push(`${request.url()}: ${request.failure()?.errorText}`));
      try {
        await page.goto(site.url(way, task));
        const found: unknown = await page.evaluate('globalThis.found');
        if (found === undefined) throw new Error(`the page has found nothing: ${said.join('; ')}`);
        return found;
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
};

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasm } from '../../src/backends/index.ts';
import { orThrow } from '../../src/index.ts';
import { emitTrainer } from '../../src/interop/index.ts';
import { missingChromium, openBrowser, serve, writeSite, type Visits, type Way } from './chromium.ts';
import type { Tasks } from './fixtures/page.ts';
import { compiled, dims, fitted, small, type Found, type Numbers } from './fixtures/training.ts';

const isRequired = process.env['FLUXION_REQUIRE_BROWSER'] === '1', isSkipped = missingChromium !== undefined && !isRequired;
const numbers = ({ losses, weights }: Numbers): Numbers => ({ losses, weights });
const one = wasm({ threads: 1 });

describe.skipIf(isSkipped)(`chromium${isSkipped ? ` (${missingChromium})` : ''}`, () => {
  const closers: (() => unknown)[] = [];
  let visits: Visits, inNode: Numbers, fittedInNode: Found;
  beforeAll(async () => {
    expect(missingChromium).toBeUndefined();
    const folder = mkdtempSync(join(tmpdir(), 'fluxion-site-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    await writeSite(folder);
    writeFileSync(join(folder, 'training.mjs'), orThrow(emitTrainer(small, { name: 'training', dims })).files['training.mjs']);
    const site = await serve(folder);
    closers.push(site.close);
    visits = await openBrowser(site);
    closers.push(visits.close);
    inNode = compiled(one).train();
    fittedInNode = await fitted(one, 2);
  });
  afterAll(async () => { for (const close of closers.reverse()) await close(); });
  // SAFETY: the page's own script answers, by the task's name
  const visit = <K extends keyof Tasks>(way: Way, task: K) => visits.visit(way, task) as ReturnType<Tasks[K]>;

  describe.concurrent('where no text may become code', () => {
    it('a page is told so, and may compile WebAssembly', async () => {
      expect(await visit('isolated', 'about')).toEqual({ isolated: true, text: 'EvalError', js: 'FX5002', wasm: 'compiled' });
      expect(await visit('open', 'about')).toEqual({ isolated: false, text: 'EvalError', js: 'FX5002', wasm: 'compiled' });
    });
    it('nor bytes, that is a diagnostic', async () => {
      expect(await visit('withoutWasm', 'about')).toEqual({ isolated: true, text: 'EvalError', js: 'FX5002', wasm: 'FX5204' });
    });
    it('fit gives the bits of Node, on a page by one thread', async () => {
      const found = await visit('isolated', 'fitted');
      expect(numbers(found)).toEqual(numbers(fittedInNode));
      expect(found.device).toMatchObject({ threads: '1', oneThread: 'a page may not wait: run it in a worker' });
    });
    it.each(['isolated', 'open'] as const)('an emitted module gives the bits of its trainer: %s', async (way) => {
      expect(await visit(way, 'emitted')).toEqual(inNode);
    });
  });

  describe.concurrent('in a worker', () => {
    it('two threads give the bits of one', async () => {
      const found = await visit('isolated', 'two');
      expect(numbers(found)).toEqual(inNode);
      expect(found.device).toMatchObject({ threads: '2' });
      expect(numbers(await visit('isolated', 'one'))).toEqual(inNode);
    });
    it('they come while fit is at work', async () => {
      const found = await visit('isolated', 'fittedByTwo');
      expect(numbers(found.two)).toEqual(numbers(found.one));
      expect(found.epochsByTwo).toBe(2);
    });
    it.each([
      ['open', 'no memory can be shared: the page is not isolated from other origins'],
      ['withoutBlobs', 'thread 2 stopped: it could not be started: a content security policy needs worker-src blob:'],
    ] as const)('there is one thread, and a reason: %s', async (way, oneThread) => {
      const found = await visit(way, 'two');
      expect(numbers(found)).toEqual(inNode);
      expect(found.device).toMatchObject({ threads: '1', oneThread });
    });
    it('a thread that is gone is a diagnostic, and another takes over', async () => {
      const { message, next, later } = await visit('isolated', 'lost');
      expect(message).toContain('FX5202: wasm: thread 2 did not answer in time, while 2 ran init');
      expect(next).toEqual(inNode);
      expect(numbers(later)).toEqual(inNode);
      expect(later.device).toMatchObject({ threads: '2' });
    });
  });
});

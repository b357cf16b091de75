import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url)), folder = mkdtempSync(join(tmpdir(), 'fluxion-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran { readonly code: number; readonly out: string; readonly err: string }
const run = (file: string, args: readonly string[] = []): Promise<Ran> => new Promise((done) => {
  const loader = join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs'), env = { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') };
  execFile(process.execPath, ['--import', loader, join(root, 'examples', file), ...args], { cwd: folder, env, maxBuffer: 1 << 24 }, (error, out, err) => {
    done({ code: error === null ? 0 : Number(error.code), out, err });
  });
});
const number = (text: string, name: string): number => Number(new RegExp(`${name} (-?[\\d.]+)`).exec(text)?.[1]);

/** every example, and what must be seen of it */
const examples: { readonly [file: string]: (r: () => Promise<Ran>) => Promise<void> } = {
  'mnist.ts': async (r) => {
    const { out, err } = await r();
    expect(number(out, 'accuracy')).toBeGreaterThan(0.97);
    expect(err.match(/^epoch /gm)).toHaveLength(10);
  },
  'start.ts': async () => {
    const { code, out, err } = await run('start.ts', ['--epochs', '2', '--limit', '2000', '--seed', '3', '--json', 'report.json', '--out', 'run']);
    expect([code, err.replace(/^epoch.*\n/gm, '')]).toEqual([0, '']);
    expect(out).toMatch(/^test loss \d\.\d{4}, accuracy 0\.\d{4}\nwasm: \d+\.\d\d ms a step/);
    // SAFETY: the report's own fields are compared below
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual(expect.arrayContaining(['testAccuracy', 'testLoss', 'history', 'msPerStep', 'kernels', 'backend', 'device', 'seed', 'peakBytes']));
    expect(report).toMatchObject({ backend: 'wasm', seed: 3, kernels: expect.any(Number) as number, device: { engine: 'WebAssembly' } });
    expect(report['testAccuracy']).toBeGreaterThan(0.8);
    expect(report['history']).toHaveLength(2);
    for (const file of ['mnist.safetensors', 'loss.svg']) expect(existsSync(join(folder, 'run', file))).toBe(true);
    expect(readFileSync(join(folder, 'run', 'loss.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
  },
  'twoClasses.ts': async (r) => {
    const { out } = await r();
    expect(number(out, 'softmax of two: accuracy')).toBeGreaterThan(0.98);
    expect(number(out, 'sigmoid: accuracy')).toBeGreaterThan(0.98);
  },
  'regression.ts': async (r) => {
    const { out } = await r();
    expect(number(out, 'mean squared error')).toBeLessThan(0.002);
    expect(out.match(/^f\(.*predicted/gm)).toHaveLength(3);
  },
  'activations.ts': async (r) => {
    const { out } = await r(), files = out.trim().split('\n');
    expect(files).toEqual(['step', 'sigmoid', 'tanh', 'relu'].map((name) => `out/${name}.svg`));
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).toContain('derivative');
  },
  'neuron.ts': async (r) => {
    const { out } = await r();
    for (const [, derived, byHand] of out.matchAll(/^dL\/d[wb]: (\S+), by hand (\S+)$/gm)) expect(Number(derived)).toBeCloseTo(Number(byHand), 12);
    expect(out.match(/by hand/g)).toHaveLength(2);
  },
  'research/fusionRule.ts': async (r) => {
    const { out } = await r(), [before, after] = out.split("with rules of one's own");
    expect([before.includes('by the rule'), after.match(/^contract_0 {2}\(contract\) {2}(.*)$/m)?.[1]]).toEqual([false, 'dotGeneral']);
    expect(after).toMatch(/^ {5}not fused with \w+: by the rule 'products alone': to see what the epilogue costs \([\d,]+ bytes would be saved\)$/m);
    expect(after).toMatch(/^ {5}fused by the rule 'target first': both read the target: /m);
    expect(after).toMatch(/^validated: \d+ kernels$/m);
  },
  'research/schedule.ts': async (r) => {
    const { out } = await r(), [before, after] = out.split('the quickest of these');
    expect(before.match(/^.+: \d+\.\d{3} ms$/gm)).toHaveLength(6);
    expect([before.includes('scheduled:'), after.match(/^ {5}scheduled: .*(?:tile|packed|vectors)/m) !== null]).toEqual([false, true]);
    for (const part of [before, after]) expect(part).toMatch(/ % of the roofline$/m);
    expect(after).toContain('validated: 1 kernel');
  },
  'research/pass.ts': async (r) => {
    const { out } = await r(), [, after, before] = /validated: (\d+) operations instead of (\d+)/.exec(out) ?? [];
    expect(out).toContain('exponentials: changed the program exp x · exp y = exp(x + y)');
    expect(out).toContain('writeOutShortLoops: changed the program');
    expect(Number(after)).toBeLessThan(Number(before));
  },
};

describe('every example runs', () => {
  it('and stands in this list', () => expect(readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).map((f) => f.replaceAll('\\', '/')).sort()).toEqual(Object.keys(examples).sort()));
  it.each(Object.entries(examples))('%s', async (file, check) => {
    await check(async () => {
      const ran = await run(file);
      expect([ran.code, ran.code === 0 ? '' : ran.err]).toEqual([0, '']);
      return ran;
    });
  }, 600_000);
});

describe('npm start refuses', () => {
  it('what it does not know', async () => {
    const { code, err } = await run('start.ts', ['--backend', 'abacus']);
    expect([code, err]).toEqual([1, expect.stringContaining("option '--backend <name>' argument 'abacus' is invalid. Allowed choices are wasm, js, gpujs, reference.")]);
  });
  it('a GPU mode that is not here, before training', async () => {
    const { code, err } = await run('start.ts', ['--backend', 'gpujs', '--mode', 'headlessgl', '--limit', '200', '--epochs', '1']);
    // where GL can be had it trains; where not it says so
    if (code !== 0) expect(err).toMatch(/FX5102: gpujs: the mode 'headlessgl' is not available here/);
    else expect(err).toMatch(/^epoch 1\/1 /);
  });
});

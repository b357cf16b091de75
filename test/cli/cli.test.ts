import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
interface Ran { readonly code: number; readonly out: string; readonly err: string }
const fluxion = (...args: readonly string[]): Promise<Ran> => new Promise((done) => {
  execFile(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { cwd: root, maxBuffer: 1 << 26 }, (error, out, err) => {
    done({ code: error === null ? 0 : Number(error.code), out: out.replaceAll(/\d+\.\d ms/g, '… ms'), err });
  });
});
const functions = 'test/cli/fixtures/functions.ts';

describe('fluxion', () => {
  it('traces every step, the rules that fired among them', async () => {
    const { code, out, err } = await fluxion('trace', functions, 'slope');
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot('../golden/cli/trace.txt');
    const brief = await fluxion('trace', functions, 'slope', '--no-text');
    expect(brief.out.split('\n').every((line) => line === '' || /^(──| {3}\d+ × )/.test(line))).toBe(true);
    expect((await fluxion('trace', functions, 'slope', '--pass', 'expandTransforms', '--no-text')).out).toBe('── graph expandTransforms  … ms\n   1 × expand vjp\n');
  }, 60_000);
  it('explains kernels', async () => {
    const { code, out } = await fluxion('explain', functions, 'hidden', '--dims', 'batch=128');
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot('../golden/cli/explain.txt');
  }, 60_000);
  it('prints graphs and maths', async () => {
    expect((await fluxion('math', functions, 'slope')).out).toMatch(/^slope = /);
    expect((await fluxion('print', functions, 'hidden', '--dims', 'batch<=8')).out).toMatch(/^module hidden[\s\S]*f32\[batch<=8, 4\]/);
    expect((await fluxion('print', functions, 'slope', '--after', 'simplify')).out).not.toContain('transform');
  }, 60_000);
  it('takes a trainer for its training step', async () => {
    const { code, out } = await fluxion('explain', 'examples/mnist.ts', 'mnistTrainer', '--dims', 'batch<=128');
    expect([code, out.split('\n')[0]]).toEqual([0, expect.stringMatching(/^\d+ kernels, \d+ launches; /)]);
  }, 60_000);
  it('says what is wrong', async () => {
    const said = async (...args: readonly string[]): Promise<string> => { const { code, out, err } = await fluxion(...args); expect([code, out]).toEqual([1, '']); return err; };
    const all = await Promise.all([
      said('trace', 'absent.ts'), said('trace', 'test/cli/fixtures/broken.ts'), said('trace', 'test/cli/fixtures/nothing.ts'), said('trace', functions), said('trace', functions, 'sloop'),
      said('trace', functions, 'slope', '--pass', 'nothing'), said('explain', functions, 'hidden', '--dims', 'batch'), said('explain', functions, 'hidden'), said('explain', functions, 'hidden', '--backend', 'abacus'),
    ]);
    await expect(all.join('\n').replaceAll(root, '')).toMatchFileSnapshot('../golden/cli/errors.txt');
  }, 120_000);
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { exportedFunctions } from '../../src/cli/functions.ts';
import { parse } from '../../src/ir/index.ts';
import { runProgram } from '../../src/cli/program.ts';

// figures of this machine go where they are thrown away
const cache = mkdtempSync(join(tmpdir(), 'fluxion-cli-'));
vi.stubEnv('XDG_CACHE_HOME', cache);
afterAll(() => { rmSync(cache, { recursive: true, force: true }); });

const root = fileURLToPath(new URL('../..', import.meta.url));
interface Ran { readonly code: number; readonly out: string; readonly err: string }
const settled = (text: string): string => text.replaceAll(/\d+\.\d ms/g, '… ms').replaceAll(root, '');
const fluxion = async (...args: readonly string[]): Promise<Ran> => {
  let out = '', err = '';
  const code = await runProgram(args, { out: (text) => { out += text; }, err: (text) => { err += text; } });
  return { code, out: settled(out), err: settled(err) };
};
/** the same as a process, in a shell */
const shell = (command: string): Promise<Ran> => new Promise((done) => {
  execFile('bash', ['-c', `set -o pipefail; fluxion() { "${process.execPath}" --import tsx src/cli/main.ts "$@"; }; ${command}`], { cwd: root, maxBuffer: 1 << 26 }, (error, out, err) => {
    done({ code: error === null ? 0 : Number(error.code), out: settled(out), err: settled(err) });
  });
});
const functions = 'test/cli/fixtures/functions.ts';

describe('fluxion', () => {
  it('traces every step, the rules that fired among them', async () => {
    const { code, out, err } = await fluxion('trace', functions, 'slope', '--backend', 'js');
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot('../golden/cli/trace.txt');
    const brief = await fluxion('trace', functions, 'slope', '--no-text');
    expect(brief.out.split('\n').every((line) => line === '' || /^(──| {3}\d+ × )/.test(line))).toBe(true);
    expect((await fluxion('trace', functions, 'slope', '--pass', 'expandTransforms', '--no-text')).out).toBe('── graph expandTransforms  … ms\n   1 × expand vjp\n');
  });
  it('explains kernels', async () => {
    const { code, out } = await fluxion('explain', functions, 'hidden', '--dims', 'batch=128', '--no-measure');
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot('../golden/cli/explain.txt');
    expect((await fluxion('explain', 'examples/mnist.ts', '--no-measure', '--all')).out).toMatch(/^ {5}refused by epilogue: contract:\d+ into contract:\d+, two contractions \(\d+ bytes would be saved\)$/m);
  });
  it('times kernels, and keeps what it found out of the machine', async () => {
    const time = String.raw`[\d.]+ (?:ms|µs|ns)`, args = ['explain', functions, 'hidden', '--dims', 'batch=128'];
    const { code, out } = await fluxion(...args);
    expect([code, out.split('\n').length]).toEqual([0, (await fluxion(...args, '--no-measure')).out.split('\n').length + 2]);
    expect(out).toMatch(new RegExp(String.raw`^wasm on this machine, at best: [\d.]+ operations a nanosecond; of bytes .*; a launch ${time}$`, 'm'));
    expect(out).toMatch(new RegExp(String.raw`^ {5}predicted ${time} \((?:arithmetic|memory|the launch) bound: arithmetic ${time}, memory ${time}\), measured ${time}, \d+ % of the roofline$`, 'm'));
    expect(Object.keys(JSON.parse(readFileSync(join(cache, 'fluxion', 'calibration.json'), 'utf8')) as object)).toEqual([expect.stringMatching(/, wasm, 1 thread$/)]);
  });
  it('shows the kernels of gpu.js too, in the mode that is named', async () => {
    const flat = await fluxion('explain', functions, 'hidden', '--dims', 'batch=128', '--backend', 'gpujs', '--mode', 'webasm');
    expect([flat.code, flat.out.split('\n')[0]]).toEqual([0, expect.stringMatching(/^\d+ kernels, \d+ launches; /)]);
    expect((await fluxion('trace', functions, 'hidden', '--dims', 'batch=128', '--backend', 'gpujs', '--mode', 'headlessgl')).out).toMatch(/── source \w+\.js\nfunction\(v_x, v_w/);
    expect((await fluxion('trace', functions, 'hidden', '--mode', 'vulkan')).err).toMatch(/Allowed choices are cpu, webasm, headlessgl/);
  });
  it('prints graphs and maths', async () => {
    expect((await fluxion('math', functions, 'slope')).out).toMatch(/^slope = /);
    expect((await fluxion('print', functions, 'hidden', '--dims', 'batch<=8')).out).toMatch(/^module hidden[\s\S]*f32\[batch<=8, 4\]/);
    expect((await fluxion('print', functions, 'slope', '--after', 'simplify')).out).not.toContain('transform');
  });
  it('takes a trainer for its training step', async () => {
    const named = await fluxion('explain', 'examples/mnist.ts', 'mnistTrainer', '--dims', 'batch<=128', '--no-measure');
    expect([named.code, named.out.split('\n')[0]]).toEqual([0, expect.stringMatching(/^\d+ kernels, \d+ launches; /)]);
    // without sizes it takes the batches that `emit` takes, and says so
    const assumed = 'batches of at most 128 examples; --dims "batch<=64" for another number\n', trainer = 'examples/mnist.ts';
    const [explained, traced, printed, maths] = [await fluxion('explain', trainer, '--no-measure'), await fluxion('trace', trainer, '--no-text'), await fluxion('print', trainer), await fluxion('math', trainer)];
    expect(explained).toEqual({ code: 0, out: `${named.out}\n${assumed}`, err: '' });
    expect([traced.code, traced.out.endsWith(`\n\n${assumed}`)]).toEqual([0, true]);
    expect([printed.code, printed.out.endsWith(`}\n// ${assumed}`), printed.out.includes('f32[batch<=128, 784]')]).toEqual([0, true, true]);
    expect([maths.code, maths.out.includes('batches of')]).toEqual([0, false]);
    expect(E.isRight(parse(printed.out))).toBe(true);
  });
  it('says what is wrong', async () => {
    const said = async (...args: readonly string[]): Promise<string> => { const { code, out, err } = await fluxion(...args); expect([code, out]).toEqual([1, '']); return err; };
    const all: string[] = [];
    for (const args of [
      ['trace', 'absent.ts'], ['trace', 'test/cli/fixtures/broken.ts'], ['trace', 'test/cli/fixtures/nothing.ts'], ['trace', functions], ['trace', functions, 'sloop'],
      ['trace', functions, 'slope', '--pass', 'nothing'], ['explain', functions, 'hidden', '--dims', 'batch'], ['explain', functions, 'hidden', '--dims', 'bacth=3'], ['explain', functions, 'slope', '--dims', 'n=3'],
      ['explain', functions, 'hidden', '--backend', 'abacus'],
    ]) all.push(await said(...args));
    await expect(all.join('\n')).toMatchFileSnapshot('../golden/cli/errors.txt');
  });
});

it('a module that waits for ever is given up', async () => {
  const found = await exportedFunctions('test/cli/fixtures/waiting.ts', 300);
  expect(E.isLeft(found) && found.left).toMatchObject({ code: 'FX8202', message: 'test/cli/fixtures/waiting.ts: cannot be loaded: it has not ended after 0.3 s' });
});

describe('as a process', () => {
  it('ends well where its reader stops reading, ill where something is wrong', async () => {
    const [piped, wrong] = await Promise.all([shell(`fluxion trace ${functions} slope | head -1`), shell('fluxion trace absent.ts')]);
    expect(piped).toEqual({ code: 0, out: '── graph lower\n', err: '' });
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^error FX8201/) as string });
  });
  it('says where in the user’s own file: of a trainer, where its model was written', async () => {
    const [own, trainer] = await Promise.all([shell(`fluxion explain ${functions} hidden`), shell('fluxion explain test/cli/fixtures/sequence.ts')]);
    expect(own.err).toMatch(/^error FX1021: the dimension 'batch' has no size\n {2}at test\/cli\/fixtures\/functions\.ts:3:23\n/);
    expect(trainer.err).toMatch(/^error FX1021: the dimension 'time' has no size\n {2}at test\/cli\/fixtures\/sequence\.ts:[56]:\d+\n/);
  });
  it('does not wait for timers of the module that it looks into', async () => {
    const { code, out } = await shell('fluxion math test/cli/fixtures/busy.ts twice');
    expect([code, out]).toEqual([0, 'twice = x·2\n']);
  });
});

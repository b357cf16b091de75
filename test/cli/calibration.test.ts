import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrationFile, calibrationKey, keptMachine } from '../../src/cli/calibration.ts';
import type { Machine } from '../../src/inspect/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluxion-cache-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const machine = (operations: number): Machine => ({ operations, bytes: [{ of: 1, rate: 2 }], launch: 3 });
const never = (): Machine => { throw new Error('measured again'); };

describe('figures of a machine are kept', () => {
  it('in the user’s folder for such things', () => {
    expect(calibrationFile({ XDG_CACHE_HOME: '/somewhere' })).toBe(join('/somewhere', 'fluxion', 'calibration.json'));
    expect(calibrationFile({ XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache', 'fluxion', 'calibration.json'));
    expect(calibrationKey('js, 1 thread')).toMatch(/^fluxion \d+\.\d+\.\d+, node v\d+.*, js, 1 thread$/);
  });
  it('each under its key, and measured once', () => {
    const file = join(folder, 'deep', 'calibration.json');
    expect(keptMachine(file, 'a', () => machine(1))).toEqual(machine(1));
    expect(keptMachine(file, 'b', () => machine(2))).toEqual(machine(2));
    expect([keptMachine(file, 'a', never), keptMachine(file, 'b', never)]).toEqual([machine(1), machine(2)]);
    expect(keptMachine(file, 'b', () => machine(3), true)).toEqual(machine(3));
    expect([keptMachine(file, 'a', never), keptMachine(file, 'b', never)]).toEqual([machine(1), machine(3)]);
  });
  it.each(['', '{', 'null', '[1]', '{"a": null}', '{"a": {"operations": 1, "launch": 1, "bytes": []}}', '{"a": {"operations": "1", "launch": 1, "bytes": [{"of": 1, "rate": 1}]}}', '{"a": {"operations": 1, "launch": 0, "bytes": [{"of": 1, "rate": 1}]}}'])('but %j is measured anew, and replaced', (text) => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, text);
    expect(keptMachine(file, 'a', () => machine(4))).toEqual(machine(4));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: machine(4) });
  });
  it('unless they cannot be', () => {
    const inTheWay = join(folder, 'file');
    writeFileSync(inTheWay, '');
    mkdirSync(join(folder, 'taken', 'calibration.json'), { recursive: true });
    for (const file of [join(inTheWay, 'fluxion', 'calibration.json'), join(folder, 'taken', 'calibration.json')]) {
      expect(keptMachine(file, 'a', () => machine(5))).toEqual(machine(5));
    }
  });
});

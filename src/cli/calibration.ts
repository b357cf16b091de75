import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from '../inspect/index.ts';

/** where figures of this machine are kept from one call of the command line to the next */
export const calibrationFile = (env: NodeJS.ProcessEnv): string => {
  const own = env['XDG_CACHE_HOME'];
  return join(own === undefined || own === '' ? join(homedir(), '.cache') : own, 'fluxion', 'calibration.json');
};
/** what figures of a backend depend on */
export const calibrationKey = (backend: string): string =>
  [`fluxion ${versionIn(new URL('../../package.json', import.meta.url))}`, `node ${process.version}`, cpus()[0]?.model ?? process.arch, backend].join(', ');
const versionIn = (file: URL): string => {
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return isRecord(manifest) ? String(manifest['version']) : '';
};

/** The figures in the file, or measured and put there, also where they are to be taken anew. A file that cannot be read or written is none. */
export const keptMachine = (file: string, key: string, measure: () => Machine, anew = false): Machine => {
  const known = entriesOf(file), own = known[key];
  if (isMachine(own) && !anew) return own;
  const machine = measure();
  try {
    const draft = `${file}.${process.pid}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, JSON.stringify({ ...known, [key]: machine }, undefined, 1));
    renameSync(draft, file);
  } catch { /* the next call measures again */ }
  return machine;
};

const entriesOf = (file: string): Readonly<Record<string, unknown>> => {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(found) ? found : {};
  } catch { return {}; }
};
const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x);
const isRate = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && x > 0;
const isMachine = (x: unknown): x is Machine => isRecord(x) && isRate(x['operations']) && isRate(x['launch'])
  && Array.isArray(x['bytes']) && x['bytes'].length > 0 && x['bytes'].every((b: unknown) => isRecord(b) && isRate(b['of']) && isRate(b['rate']));

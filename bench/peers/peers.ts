import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Lane, Running, Results, Timed } from '../measure.ts';
import type { Problem } from '../problems.ts';

/** Libraries that npm brings, each in a process of its own: they do not share what they change of the engine. */
interface Peer { readonly subject: string; readonly backend: string; readonly threads: number; readonly flags?: readonly string[] }
const all: readonly Peer[] = [
  { subject: 'tfjs-wasm', backend: 'wasm', threads: 1 }, { subject: 'tfjs-cpu', backend: 'cpu', threads: 1 },
  // its attention needs a proposal that this flag brings to Node 20
  { subject: 'jax-js', backend: 'wasm', threads: 1, flags: ['--harmony-iterator-helpers'] },
  ...[1, 2].flatMap((threads): readonly Peer[] => [{ subject: 'onnxruntime-node', backend: 'native', threads }, { subject: 'onnxruntime-web', backend: 'wasm', threads }]),
];

const folder = fileURLToPath(new URL('..', import.meta.url));
/** Installs the libraries where they are missing; says so, and why it could not. */
export const installPeers = (say: (line: string) => void): boolean => {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return true;
  say('installs the libraries to compare with into bench/node_modules (770 MB; --no-peers does without)');
  // without scripts: one of them would download what only GPUs use
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) say(`they could not be installed:\n${stderr}`);
  return status === 0;
};

interface Reply { readonly id: number; readonly answer?: unknown; readonly failed?: string }
interface Connection { readonly ask: (what: string, given?: object) => Promise<unknown>; readonly end: () => void }
const patience = 120_000;

const connect = async ({ subject, threads, flags = [] }: Peer): Promise<Connection> => {
  const child: ChildProcess = fork(fileURLToPath(new URL('child.mjs', import.meta.url)), [subject, String(threads)], { serialization: 'advanced', execArgv: [...flags], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const waiting = new Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (why: Error) => void }>();
  let said = '', next = 1;
  child.stderr?.on('data', (text: Buffer) => { said = (said + text.toString()).slice(-2000); });
  child.on('message', ({ id, answer, failed }: Reply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (failed === undefined) asked?.resolve(answer); else asked?.reject(new Error(failed));
  });
  child.on('exit', (code) => { for (const { reject } of waiting.values()) reject(new Error(`its process ended with ${code}: ${said.trim().split('\n').at(-1) ?? ''}`)); waiting.clear(); });
  const answerTo = (id: number): Promise<unknown> => new Promise((resolve, reject) => {
    const late = setTimeout(() => { reject(new Error(`no answer in ${patience / 1000} s`)); child.kill('SIGKILL'); }, patience);
    waiting.set(id, { resolve: (answer) => { clearTimeout(late); resolve(answer); }, reject: (why) => { clearTimeout(late); reject(why); } });
  });
  // one that cannot begin would wait for ever, and we for it
  await answerTo(0).catch((why: unknown) => { child.kill(); throw why; });
  return {
    ask: (what, given = {}) => { const id = next++, answer = answerTo(id); if (child.connected) child.send({ id, ask: what, ...given }); else waiting.get(id)?.reject(new Error('its process has ended')); return answer; },
    end: () => { child.kill(); },
  };
};

export interface Peers { readonly lanes: (problem: Problem) => readonly Lane[]; readonly close: () => void }
/** Lanes of the libraries for a problem. A process begins when its first lane does, and serves all that follow. */
export const createPeers = (): Peers => {
  const connections = new Map<Peer, Promise<Connection>>();
  let next = 0;
  const start = async (peer: Peer, problem: Problem): Promise<Running> => {
    const connection = connections.get(peer) ?? connect(peer);
    connections.set(peer, connection);
    const { ask } = await connection, number = next++;
    await ask('open', { number, problem });
    return {
      // SAFETY: what child.mjs answers
      results: async () => (await ask('results', { number })) as Results, time: async (runs) => (await ask('time', { number, runs })) as Timed,
      close: () => { ask('close', { number }).catch(() => undefined); },
    };
  };
  return {
    lanes: (problem) => all.map((peer): Lane => ({ ...peer, start: () => start(peer, problem) })),
    close: () => { for (const connection of connections.values()) connection.then(({ end }) => end(), () => undefined); },
  };
};

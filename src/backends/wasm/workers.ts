/** A worker that was started, and does not keep the process from ending. */
export interface Worker { readonly post: (message: unknown) => void; readonly end: () => void }
/** starts a worker on a text; `ended` is told why it stopped */
export type StartWorker = (source: string, ended: (why: string) => void) => Worker;

interface NodeWorker { postMessage(message: unknown): void; terminate(): Promise<number>; unref(): void; on(event: 'error' | 'exit', heard: (x: unknown) => void): void }
interface WebWorker { postMessage(message: unknown): void; terminate(): void; onerror: ((event: { readonly message?: string }) => void) | null }
interface Surroundings {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown; readonly versions?: { readonly node?: string } };
  readonly Worker?: new (url: string) => WebWorker;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly document?: unknown;
  readonly crossOriginIsolated?: boolean;
}
// SAFETY: what of it there is depends on the platform, so each field may be missing
const here = (): Surroundings => globalThis as unknown as Surroundings;
const builtin = <M>(name: string): M | undefined => {
  // SAFETY: asked for with the type of that module of Node
  return here().process?.getBuiltinModule?.(name) as M | undefined;
};
const nodeWorkers = () => builtin<{ readonly Worker: new (source: string, options: { readonly eval: true; readonly execArgv: readonly string[]; readonly env: object; readonly name: string }) => NodeWorker }>('node:worker_threads');

/** Why there can be no threads here, if so. */
export const threadsRefused = (): string | undefined => {
  const { document, crossOriginIsolated, Worker } = here();
  if (crossOriginIsolated === false) return 'no memory can be shared: the page is not isolated from other origins';
  if (document !== undefined) return 'a page may not wait: run it in a worker';
  // the module is asked for when a thread starts: to load it takes as long as to compile a kernel
  return here().process?.getBuiltinModule === undefined && Worker === undefined ? noWorkers() : undefined;
};
/** modules of Node are asked for in a way that a page's bundler does not see, which its older versions do not know */
const noWorkers = (): string => {
  const node = here().process?.versions?.node;
  return node === undefined ? 'there are no workers here' : `Node ${node} has no process.getBuiltinModule: threads need 20.16 or newer`;
};

export const cores = (): number => builtin<{ readonly availableParallelism: () => number }>('node:os')?.availableParallelism() ?? here().navigator?.hardwareConcurrency ?? 1;

/** No eval in either: Node compiles the text as a script, a page fetches it from a blob of its own origin. */
export const startWorker: StartWorker = (source, ended) => {
  const node = nodeWorkers();
  if (node !== undefined) {
    // neither the flags nor the environment of the process: both may load files of its own into every thread
    const worker = new node.Worker(source, { eval: true, execArgv: [], env: {}, name: 'fluxion' });
    worker.on('error', (error) => ended(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => ended('it has ended'));
    worker.unref();
    return { post: (message) => worker.postMessage(message), end: () => void worker.terminate() };
  }
  const { Worker } = here();
  if (Worker === undefined) throw new Error(noWorkers());
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), worker = new Worker(url);
  // an error without a message comes of the worker's text, which was not fetched
  worker.onerror = ({ message }) => ended(message ?? "it could not be started: a content security policy needs worker-src blob:");
  return { post: (message) => worker.postMessage(message), end: () => { worker.terminate(); URL.revokeObjectURL(url); } };
};

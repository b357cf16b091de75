// One library in a process of its own: `node child.mjs SUBJECT THREADS`. It is asked over IPC to open a problem, for its
// results, for so many runs, and to close it; the time is taken here.
const [subject, threads] = process.argv.slice(2);
const libraries = {
  'tfjs-wasm': async () => (await import('./tfjs.mjs')).tfjs('wasm'),
  'tfjs-cpu': async () => (await import('./tfjs.mjs')).tfjs('cpu'),
  'jax-js': async () => (await import('./jaxjs.mjs')).jaxjs(),
  'onnxruntime-node': async () => (await import('./onnxruntime.mjs')).onnxruntime('node', Number(threads)),
  'onnxruntime-web': async () => (await import('./onnxruntime.mjs')).onnxruntime('web', Number(threads)),
};
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };

/** problems by number, each with `results`, `run`, and where it needs them `begin` and `close` */
const opened = new Map();
const answers = {
  open: async ({ number, problem }) => { opened.set(number, await library(problem)); },
  results: ({ number }) => opened.get(number).results(),
  time: async ({ number, runs }) => {
    const { begin, run } = opened.get(number);
    await begin?.();
    const before = cpu(), start = performance.now();
    for (let i = 0; i < runs; i++) {
      const waited = run(i);
      if (waited instanceof Promise) await waited;
    }
    return { ms: performance.now() - start, cpu: cpu() - before };
  },
  close: ({ number }) => { opened.get(number)?.close?.(); opened.delete(number); },
};
const said = (error) => (error instanceof Error ? error.message : String(error));

let library;
process.on('message', async ({ id, ask, ...given }) => {
  try { process.send({ id, answer: await answers[ask](given) }); } catch (error) { process.send({ id, failed: said(error) }); }
});
process.on('disconnect', () => process.exit());
try { library = await libraries[subject](); process.send({ id: 0, answer: 'ready' }); } catch (error) { process.send({ id: 0, failed: said(error) }); }

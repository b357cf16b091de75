// One fresh process over the built package, in the order in which `fit` works: milliseconds since the process began, as JSON.
// Data are made, not loaded.
const started = performance.now();
const [{ array, compile, compute, intArray, key, orThrow }, { dense, init, input, sequential, sparseCategoricalCrossentropy }, { adam }, { stepOf, trainer }] =
  await Promise.all(['index', 'nn/index', 'optim/index', 'train/index'].map((door) => import(`../dist/${door}.js`)));

const loaded = performance.now();
const model = sequential(input([784]), dense(128, 'relu'), dense(128, 'relu'), dense(10, 'softmax'));
const t = trainer({ model, optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] });
const variables = init(model, key(0));
// the first kernels: those that draw the weights
const made = orThrow(compute({ variables, slots: t.optimizer.init(variables.params) }));
const firstKernel = performance.now();
// the data: no part of compiling
const pixels = new Float32Array(128 * 784), labels = new Int32Array(128);
for (let i = 0; i < pixels.length; i++) pixels[i] = (i % 251) / 251;
for (let i = 0; i < labels.length; i++) labels[i] = i % 10;
const begun = performance.now();
const run = orThrow(compile(stepOf(t), { donate: [0], dims: { batch: { max: 128 } } }));
const compiled = performance.now();
const none = () => array(new Float32Array(1), []);
const x = array(pixels, [128, 784]), y = intArray(labels, [128]);
const loss = run({ ...made, totals: { loss: none(), accuracy: none() } }, x, y, key(1)).loss.item();
const firstStep = performance.now(), { user, system } = process.cpuUsage(), { backend, device } = run.report;
console.log(JSON.stringify({ started, loaded, firstKernel, begun, compiled, firstStep, loss, backend, threads: Number(device.threads ?? 1), cpu: (user + system) / 1000 }));

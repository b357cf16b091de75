import { describe, expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import type { JsModule } from '../../../src/backends/js/load.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { ready } from './run.ts';

const step = ready(parsed(parseProgram(`program step
buffer x: f32[64] input
buffer w: f32[64] state
buffer t: f32[64] temporary
buffer next: f32[64] output = w
buffer loss: f32[] output
kernel scale(x: read f32[64], w: read f32[64], t: write f32[64]) {
  for i < 64 {
    store t[i] = x[i] * w[i]
  }
}
kernel update(t: read f32[64], next: update f32[64], loss: write f32[1]) {
  alloc scratch part: f32[8]
  for q < 8 {
    store part[q] = 0.0
  }
  for i < 8 {
    for q < 8 {
      fold add into part[q] with t[8*i + q]
    }
  }
  alloc register sum: f32[1]
  store sum[0] = 0.0
  for q < 8 {
    fold add into sum[0] with part[q]
  }
  for i < 64 {
    store next[i] = next[i] - 0.5 * t[i]
  }
  store loss[0] = sum[0]
}
steps {
  run scale(x, w, t)
  run update(t, next, loss)
}
`)));

/** counts the buffers and arrays that are made while `run` runs */
const made = (run: () => void): number => {
  const names = ['ArrayBuffer', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array', 'Uint8Array'] as const;
  const world: Record<string, unknown> = globalThis as unknown as Record<string, unknown>, kept = names.map((name) => world[name]);
  let count = 0;
  names.forEach((name, i) => {
    world[name] = new Proxy(kept[i] as new (...args: unknown[]) => object, { construct: (target, args) => { count++; return new target(...args); } });
  });
  try { run(); } finally { names.forEach((name, i) => { world[name] = kept[i]; }); }
  return count;
};

describe('memory', () => {
  it('steady steps construct no array', () => {
    const backend = js(), loaded = backend.load(step, backend.emit(step)), x = new Float32Array(64).fill(0.5);
    let w = backend.memory.upload('f32', new Float32Array(64).fill(1));
    const once = (): void => {
      const [next, loss] = loaded.run([backend.memory.borrow('f32', x), w], {});
      w = next;
      backend.memory.free(loss);
    };
    expect(made(() => js().load(step, backend.emit(step)).run([backend.memory.borrow('f32', x), backend.memory.upload('f32', x)], {}))).toBeGreaterThan(0);
    once();
    expect(made(() => { for (let i = 0; i < 5; i++) once(); })).toBe(0);
    expect(backend.memory.read(w)[0]).toBeCloseTo(0.75 ** 6, 6);
  });

  it('a donated state keeps its memory and its handle is spent', () => {
    const backend = js(), loaded = backend.load(step, backend.emit(step));
    const w = backend.memory.upload('f32', new Float32Array(64).fill(2)), before = backend.memory.stats();
    const x = backend.memory.borrow('f32', new Float32Array(64).fill(1)), [next, loss] = loaded.run([x, w], {});
    expect(backend.memory.read(loss)).toEqual(Float32Array.of(128));
    expect(backend.memory.read(next)[63]).toBe(1);
    expect(() => backend.memory.read(w)).toThrow('freed');
    expect(backend.memory.stats().uploadedBytes).toBe(before.uploadedBytes);
    expect(backend.memory.stats().liveBytes).toBe(before.liveBytes + 4);
  });

  it('two programs pass a state to each other with nothing copied', () => {
    const backend = js(), first = backend.load(step, backend.emit(step)), second = backend.load(step, backend.emit(step));
    const x = backend.memory.borrow('f32', new Float32Array(64).fill(1)), w = backend.memory.upload('f32', new Float32Array(64).fill(2));
    const { uploadedBytes } = backend.memory.stats(), [one] = first.run([x, w], {}), [two] = second.run([x, one], {});
    expect(backend.memory.read(two)[0]).toBe(0.5);
    expect(backend.memory.stats().uploadedBytes).toBe(uploadedBytes);
  });

  it('a freed array is used for the next of its kind, never for two', () => {
    const { memory } = js(), a = memory.upload('f32', Float32Array.of(1, 2));
    memory.free(a);
    memory.free(a);
    const b = memory.upload('f32', Float32Array.of(3, 4)), c = memory.upload('f32', Float32Array.of(5, 6));
    expect([memory.read(b), memory.read(c)]).toEqual([Float32Array.of(3, 4), Float32Array.of(5, 6)]);
    expect(memory.stats().liveBytes).toBe(16);
  });

  it('where text may not be run, an imported module runs', () => {
    const artifact = js().emit(step), [text] = Object.values(artifact.files);
    // SAFETY: the text is what `emit` wrote
    const module = new Function(`${text.replaceAll(/^export const /gm, 'const ')}\nreturn { create, fingerprint };`)() as JsModule;
    const { Function: original } = globalThis;
    const forbidden = function () { throw new EvalError('Refused to evaluate a string as JavaScript'); } as unknown as FunctionConstructor;
    try {
      globalThis.Function = forbidden;
      expect(() => js().load(step, artifact)).toThrow('FX5002');
      expect(js({ modules: [module] }).load(step, artifact).launches).toBe(2);
    } finally { globalThis.Function = original; }
  });
});

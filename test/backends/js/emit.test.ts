import type { TypedArray } from '../../../src/core/dtype.ts';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { emit } from '../../../src/backends/js/emit.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import type { JsModule } from '../../../src/backends/js/load.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import { golden, goldenNames, smaller, stageOf } from '../../ir/loop/golden.ts';
import { contractions, inputsOf, loops, meaning, programOf, type Case } from '../../passes/loop/programs.ts';
import { ready, runText, textOf } from './run.ts';
import { runs } from '../../laws/runs.ts';

type Results = Readonly<Record<string, readonly number[]>>;
/** js holds running values in doubles where the interpreter rounds what lies in scratch: a few ulp of the sums */
const close = (actual: Results, wanted: Results): void => {
  expect(Object.keys(actual)).toEqual(Object.keys(wanted));
  for (const [name, values] of Object.entries(wanted)) {
    const far = values.findIndex((x, i) => !Object.is(x + 0, actual[name][i] + 0) && !(Math.abs(x - actual[name][i]) <= 4e-6 * Math.max(1, Math.abs(x))));
    expect([name, far, far < 0 ? 0 : actual[name][far]]).toEqual([name, -1, 0]);
    expect(actual[name].length).toBe(values.length);
  }
};

describe('the text computes what the interpreter says', () => {
  const run = (c: Case): readonly [Results, Results] => {
    const program = ready(programOf(c));
    return [runText(program, inputsOf(program), c.sizes), meaning(program, c, 'native')];
  };
  it('of contractions, to the bit', () => fc.assert(fc.property(contractions, (c) => { const [text, wanted] = run(c); expect(text).toEqual(wanted); }), runs(150, 83)));
  it('of loops', () => fc.assert(fc.property(loops, (c) => close(...run(c))), runs(100, 84)));

  it.each(goldenNames.filter((name) => stageOf(name) !== 'flat'))('of %s', (name) => {
    const source = golden(name, smaller[name.slice(0, name.indexOf('.'))]);
    const passes = loopPipeline(jsTarget), after = stageOf(name) === 'naive' ? passes : passes.slice(passes.findIndex((p) => p.name === 'tile'));
    const program = runLoopPasses(source, after, jsTarget, { verify: true }), sizes = { batch: Math.min(77, source.syms.get('batch') ?? 77) };
    // small numbers: exponentials of large ones would leave nothing of what they are added to
    const inputs = new Map([...inputsOf(program)].map(([id, x]) => [id, x instanceof Float32Array ? x.map((v) => v / 8) : x]));
    const wanted = interpretProgram(source, inputs, { precision: 'native', sizes });
    close(runText(program, inputs, sizes), Object.fromEntries([...wanted].map(([output, values]) => [output, Array.from(values)])));
  });
});

it('the same program gives the same text', () => fc.assert(fc.property(contractions, (c) => {
  expect(textOf(ready(programOf(c)))).toBe(textOf(ready(programOf(c))));
}), runs(20, 85)));

it.each([
  ['branches', 'if guard(mod(i + 2*j, 3) == 0) { store y[mod(5*i + 3*j, 7) + 9*i] = 1.0 } else { store y[mod(5*i + 3*j, 7) + 9*i] = 2.0 }'],
  ['a store behind a guard and one that follows', 'store y[mod(5*i + 3*j, 7) + 9*i] = 1.0 if mod(i + 2*j, 3) == 0 store y[mod(5*i + 3*j, 7) + 9*i + 1] = 2.0'],
])('an index that %s share stands before them', (_, body) => {
  const program = parsed(parseProgram(`program shared
buffer y: f32[36] output
kernel k(y: update f32[36]) { for z < 36 { store y[z] = 0.0 } for i < 4 { for j < 3 { ${body} } } }
steps { run k(y) }`));
  expect(runText(ready(program), new Map())).toEqual({ y: Array.from(interpretProgram(program, new Map(), { precision: 'native', sizes: {} }).get('y') ?? []) });
});

describe('steps', () => {
  const text = `program steps (n <= 9)
buffer x: f32[4] input
buffer which: i32[1] input
buffer go: bool[1] temporary
buffer sum: f32[4] output
buffer turns: f32[9] output
kernel begin(x: read f32[4], go: write bool[1], sum: write f32[4]) {
  store go[0] = true
  for i < 4 {
    store sum[i] = x[i]
  }
}
kernel turn(sum: update f32[4], turns: write f32[9], go: write bool[1]) {
  for i < 4 {
    store sum[i] = sum[i] * 2.0 + index(t):f32
  }
  store turns[t] = sum[0]
  store go[0] = lt(sum[0], 100.0)
}
kernel negate(sum: update f32[4]) {
  for i < 4 {
    store sum[i] = neg(sum[i])
  }
}
kernel halve(sum: update f32[4]) {
  for i < 4 {
    store sum[i] = sum[i] * 0.5
  }
}
steps {
  run begin(x, go, sum)
  loop t < %n while go {
    run turn(sum, turns, go)
  }
  branch on which {
    case {
      run negate(sum)
    }
    case {
      run halve(sum)
    }
  }
}
`;
  it.each([[0, 9], [1, 9], [2, 9], [-1, 3], [0, 0]])('branch %i, at most %i turns', (which, n) => {
    const program = ready(parsed(parseProgram(text))), inputs = new Map<string, TypedArray>([['x', Float32Array.of(3, 1, 0, -2)], ['which', Int32Array.of(which)]]);
    const wanted = interpretProgram(program, inputs, { precision: 'native', sizes: { n } });
    expect(runText(program, inputs, { n })).toEqual(Object.fromEntries([...wanted].map(([k, v]) => [k, Array.from(v)])));
  });
});

describe('the artifact as a file', () => {
  const source = golden('boundedBatch.naive'), program = ready(source), [[name, text]] = Object.entries(emit(program).files);
  it('runs by import alone', async () => {
    expect(text).not.toMatch(/\beval\b|new Function|import/);
    const folder = mkdtempSync(join(tmpdir(), 'artifact-'));
    try {
      writeFileSync(join(folder, name), text);
      const { create } = await import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href) as JsModule;
      const inputs = inputsOf(program), [h, loss] = create().run(program.inputs.map((id) => inputs.get(id) ?? new Float32Array()), { batch: 5 });
      const wanted = interpretProgram(program, inputs, { precision: 'native', sizes: { batch: 5 } });
      close({ h: Array.from(h), loss: Array.from(loss) }, Object.fromEntries([...wanted].map(([k, v]) => [k, Array.from(v)])));
    } finally { rmSync(folder, { recursive: true }); }
  });
});

it('no product and no rounding stands in the innermost loop of a contraction', () => {
  const text = textOf(ready(parsed(parseProgram(`program mm
buffer a: f32[32, 16] input
buffer b: f32[16, 8] input
buffer y: f32[32, 8] output
kernel mm(a: read f32[512], b: read f32[128], y: write f32[256]) {
  contract m(i < 32) n(j < 8) k(p < 16) c = a[16*i + p] * b[8*p + j] {
    store y[8*i + j] = max(c, 0.0)
  }
}
steps {
  run mm(a, b, y)
}
`))));
  const inner = text.slice(text.indexOf('for (let i_p'), text.indexOf('const v_c'));
  expect(inner.match(/ \* /g)?.length).toBe(8);
  expect(inner).not.toMatch(/fround|imul|Math/);
  expect(text).toMatchInlineSnapshot(`
    "// mm: 1 kernels, 0 bytes of temporaries

    const k_mm = (b_a, b_b, b_y) => {
      let p0 = 0;
      for (let i_j_0 = 0; i_j_0 < 4; i_j_0++) {
        let p2 = 0;
        let p4 = p0;
        for (let i_i_0 = 0; i_i_0 < 16; i_i_0++) {
          let r_acc_0_0 = 0, r_acc_0_1 = 0, r_acc_1_0 = 0, r_acc_1_1 = 0;
          r_acc_0_0 = 0;
          r_acc_0_1 = 0;
          r_acc_1_0 = 0;
          r_acc_1_1 = 0;
          let p1 = p0;
          let p3 = p2;
          for (let i_p_0 = 0; i_p_0 < 8; i_p_0++) {
            let r_b_1_0 = 0, r_b_1_1 = 0;
            r_b_1_0 = b_b[p1];
            r_b_1_1 = b_b[p1 + 1];
            const v_a_4 = b_a[p3];
            r_acc_0_0 += v_a_4 * r_b_1_0;
            r_acc_0_1 += v_a_4 * r_b_1_1;
            const v_a_3 = b_a[p3 + 16];
            r_acc_1_0 += v_a_3 * r_b_1_0;
            r_acc_1_1 += v_a_3 * r_b_1_1;
            let r_b_2_0 = 0, r_b_2_1 = 0;
            r_b_2_0 = b_b[p1 + 8];
            r_b_2_1 = b_b[p1 + 9];
            const v_a_6 = b_a[p3 + 1];
            r_acc_0_0 += v_a_6 * r_b_2_0;
            r_acc_0_1 += v_a_6 * r_b_2_1;
            const v_a_5 = b_a[p3 + 17];
            r_acc_1_0 += v_a_5 * r_b_2_0;
            r_acc_1_1 += v_a_5 * r_b_2_1;
            p1 += 16;
            p3 += 2;
          }
          const v_c_3 = r_acc_0_0;
          b_y[p4] = Math.max(v_c_3, 0);
          const v_c_2 = r_acc_0_1;
          b_y[p4 + 1] = Math.max(v_c_2, 0);
          const v_c_5 = r_acc_1_0;
          b_y[p4 + 8] = Math.max(v_c_5, 0);
          const v_c_4 = r_acc_1_1;
          b_y[p4 + 9] = Math.max(v_c_4, 0);
          p2 += 32;
          p4 += 16;
        }
        p0 += 2;
      }
    };

    export const create = ({ arena = new ArrayBuffer(0) } = {}) => {
      const run = (inputs, sizes, outputs) => {
        const m_a = inputs[0];
        const m_b = inputs[1];
        const m_y = outputs?.[0] ?? new Float32Array(256);
        k_mm(m_a, m_b, m_y);
        return [m_y];
      };
      return { run };
    };

    export const fingerprint = 'abf6993a';
    "
  `);
});

import { describe, expect, it } from 'vitest';
import { barChart } from '../../bench/chart.ts';
import { interleaved, local, type Effort, type Lane, type Row, type Workload } from '../../bench/measure.ts';
import { beyondHand, perThousand, rates, ratios, reportOf, table } from '../../bench/report.ts';
import { attentionWorkload } from '../../bench/workloads/attention.ts';
import { compileCurveWorkload } from '../../bench/workloads/compileCurve.ts';
import { convForwardWorkload, convStepWorkload } from '../../bench/workloads/convNetwork.ts';
import { convolutionWorkload } from '../../bench/workloads/convolution.ts';
import { inferenceWorkload } from '../../bench/workloads/inference.ts';
import { linearWorkload } from '../../bench/workloads/linalg.ts';
import { productWorkload } from '../../bench/workloads/product.ts';
import { rowsWorkload } from '../../bench/workloads/rows.ts';
import { scanWorkload } from '../../bench/workloads/scan.ts';
import { stepWorkload } from '../../bench/workloads/step.ts';

const least: Effort = { warmUp: 0, timed: 0, rounds: 1 };
const byHand = (workload: Workload): Workload => ({ ...workload, lanes: workload.lanes.filter((l) => l.subject === 'hand') });
const small: readonly Workload[] = [
  stepWorkload('step', [21, 13, 9, 3], 7), byHand(stepWorkload('step of many classes', [10, 8, 16, 26], 5)), inferenceWorkload('inference', [21, 13, 9, 3], 5),
  productWorkload('NN', 9, 7, 16), productWorkload('NN in blocks', 12, 520, 264), productWorkload('NT', 10, 13, 8, 'NT'), productWorkload('TN', 11, 6, 24, 'TN'),
  rowsWorkload('softmax', 'softmax', 5, 32), rowsWorkload('layer-norm', 'layerNorm', 4, 48), rowsWorkload('gelu', 'gelu', 3, 16),
  attentionWorkload('attention', 3, 64, 16), attentionWorkload('attention causal backward', 2, 128, 8, { causal: true, backward: true }),
  convStepWorkload('convolutions, valid', 'valid', 4, 2), convStepWorkload('convolutions, same', 'same', 4, 1), convForwardWorkload('convolutions forward', 'valid', 8),
  convolutionWorkload('3x3', 8, 5, 16, 3), convolutionWorkload('3x3 of odd sides', 7, 4, 16, 3), convolutionWorkload('1x1', 6, 9, 8, 1), convolutionWorkload('depthwise', 8, 16, 16, 3, { depthwise: true }),
  linearWorkload('cholesky', 'cholesky', 9, 1), linearWorkload('triangular-solve', 'triangularSolve', 10, 18), linearWorkload('solve', 'solve', 34, 2),
  scanWorkload('scan', 20), compileCurveWorkload('compile-curve chain', 'chain', 20), compileCurveWorkload('compile-curve layers', 'layers', 20),
];

describe('the benchmarks', () => {
  it.each(small)('$name: every lane computes what the reference does', async (workload) => {
    const { rows, leftOut } = await interleaved(workload, least);
    expect(leftOut).toEqual([]);
    expect(rows.filter((r) => !r.checked)).toEqual([]);
    expect(rows).toHaveLength(workload.lanes.length);
  });

  const lane = (subject: string, value: number): Lane => ({ subject, backend: 'js', threads: 1, start: () => local({ run: () => undefined, results: () => ({ y: [1, value] }) }) });
  const invented: Workload = {
    name: 'invented', tolerance: 1e-3, reference: () => ({ y: [1, 2] }),
    lanes: [lane('fluxion', 2), lane('hand', 2), lane('wrong', 2.1), lane('lost', NaN), { ...lane('absent', 2), start: () => { throw new Error('it is not installed'); } }],
  };
  it('do not time what computes something else, and say what is left out and why', async () => {
    const { rows, leftOut } = await interleaved(invented, least);
    expect(rows.map((r) => [r.subject, r.checked, r.median === null, r.runs > 0])).toEqual([['fluxion', true, false, true], ['hand', true, false, true], ['wrong', false, true, false], ['lost', false, true, false]]);
    expect(leftOut.map(({ lane: { subject }, why }) => [subject, why])).toEqual([['absent', 'it is not installed']]);
  });

  it('with less data for the reference, compare lanes with it there, and with each other on all', async () => {
    const odd: Lane = { ...lane('odd on all', 3) }, all = { ...invented, lanes: [lane('fluxion', 2), odd, lane('wrong on less', 2)] };
    const fewer = { ...invented, name: 'less', lanes: [lane('fluxion', 2), lane('odd on all', 2), lane('wrong on less', 5)] };
    const { rows } = await interleaved({ ...all, fewer, reference: () => { throw new Error('it takes too long'); } }, least);
    expect(rows.map((r) => [r.subject, r.checked])).toEqual([['fluxion', true], ['odd on all', false], ['wrong on less', false]]);
  });

  const row = (over: Partial<Row>): Row => ({ workload: 'w', subject: 'fluxion', backend: 'wasm', threads: 1, unit: 'ms', median: 3, min: 2, p25: 2.5, p75: 4, runs: 9, foreign: 0.1, checked: true, ...over });
  const rows = [row({}), row({ subject: 'hand', median: 1.5, min: 1 }), row({ subject: 'tfjs-cpu', backend: 'cpu', median: 150 }), row({ subject: 'wrong', median: null, min: null, p25: null, p75: null, checked: false })];
  it('report in JSON, as a table, as ratios and as a picture', () => {
    expect(JSON.parse(JSON.stringify(reportOf(rows)))).toEqual({ machine: { cpu: expect.any(String), cores: expect.any(Number), memory: expect.any(Number), node: process.version }, rows });
    expect(table(rows).split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 2))).toEqual([['hand wasm', '1.50 ms'], ['fluxion wasm', '3.00 ms'], ['tfjs-cpu', '150.0 ms'], ['wrong', "its results differ from the reference's: not timed"]]);
    expect(ratios(rows)).toEqual(['  fluxion / hand, wasm: 2.00 (of the fastest runs 2.00)']);
    expect(rates(6e6)(rows)).toBe('GFLOP/s of the fastest runs: fluxion wasm 3.0, hand wasm 6.0, tfjs-cpu 3.0');
    expect(beyondHand(1000)(rows.slice(0, 2))).toBe('nanoseconds a step beyond the loop by hand, fastest runs: fluxion wasm 1000.0');
    expect(perThousand(500)(rows.slice(0, 1))).toBe('milliseconds for 1,000 of 500 nodes, fastest runs: fluxion wasm 4.0');
    const svg = barChart('a & b', rows);
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg).toContain('a &amp; b');
    expect([...svg.matchAll(/ ms<\/text>/g)]).toHaveLength(3);
  });
});

import { describe, expect, it } from 'vitest';
import { lineChart } from '../../src/inspect/plot.ts';

const chart = (points: readonly (readonly [number, number])[]): string => lineChart({ title: 'a < b', xLabel: 'x', yLabel: 'y & z', series: [{ name: 'one', points }] });
const lines = (svg: string): readonly string[] => [...svg.matchAll(/<polyline points="([^"]*)"/g)].map((m) => m[1]);

describe('a chart', () => {
  it('puts the extremes of the data between round ticks', () => {
    const svg = chart([[0, 0], [1, 0.9], [2, 3.7]]);
    const labels = [...svg.matchAll(/text-anchor="end">([^<]*)</g)].map((m) => Number(m[1]));
    expect(labels).toEqual([0, 1, 2, 3, 4]);
    // x from the left edge to the right one, y downwards
    expect(lines(svg)[0].split(' ').map((p) => p.split(',').map(Number))).toEqual([[64, 348], [340, 278.7], [616, 63.1]]);
  });
  it('escapes words, and is the same every time', () => {
    expect(chart([[0, 1], [1, 2]])).toContain('a &lt; b');
    expect(chart([[0, 1], [1, 2]])).toContain('y &amp; z');
    expect(chart([[0, 1], [1, 2]])).toBe(chart([[0, 1], [1, 2]]));
  });
  it('leaves gaps where there is no number, and draws a lone point', () => {
    expect(lines(chart([[0, 1], [1, 2], [2, NaN], [3, 1], [4, 0]]))).toHaveLength(2);
    expect(chart([[3, 7]])).toContain('<circle cx="340"');
    expect(chart([])).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    expect(chart([[0, 2], [1, 2]])).not.toContain('NaN');
  });
});

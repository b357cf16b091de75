import type { Row } from './measure.ts';
import { laneName } from './report.ts';

/** distinct also to those who do not tell red from green (Okabe and Ito 2008) */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#999999'] as const;
const width = 820, left = 190, right = 120, bar = 14, gap = 34, top = 64;

/** The medians as bars, a group for each workload, as multiples of its fastest on a logarithmic scale; whiskers are the quartiles. */
export const barChart = (title: string, rows: readonly Row[]): string => {
  const timed = rows.flatMap((row) => (row.median === null || row.p25 === null || row.p75 === null ? [] : [{ ...row, median: row.median, p25: row.p25, p75: row.p75 }]));
  const groups = [...new Set(timed.map((r) => r.workload))].map((name) => {
    const own = timed.filter((r) => r.workload === name).sort((a, b) => a.median - b.median);
    return { name, own, fastest: own[0].median };
  });
  const subjects = [...new Set(timed.map((r) => r.subject))], decades = Math.max(1, Math.ceil(Math.max(0, ...groups.flatMap(({ own, fastest }) => own.map((r) => Math.log10(r.p75 / fastest))))));
  const x = (multiple: number): number => left + (Math.max(0, Math.log10(multiple)) / decades) * (width - left - right);
  const starts = groups.map((_, i) => top + groups.slice(0, i).reduce((sum, { own }) => sum + gap + bar * own.length, 0));
  const height = top + groups.reduce((sum, { own }) => sum + gap + bar * own.length, 0);
  const ticks = Array.from({ length: decades + 1 }, (_, i) => 10 ** i);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(width / 2, 20, title, 'middle', ' font-size="15"'),
    ...subjects.map((subject, i) => `<rect x="${12 + 112 * i}" y="32" width="10" height="10" fill="${colours[i % colours.length]}"/>${text(26 + 112 * i, 41, subject, 'start')}`),
    ...ticks.map((t) => `<line x1="${x(t)}" y1="${top - 6}" x2="${x(t)}" y2="${height - 8}" stroke="#ddd"/>${text(x(t), top - 8, `×${t}`, 'middle')}`),
    ...groups.flatMap(({ name, own, fastest }, g) => [
      text(12, starts[g] + 14, name, 'start', ' font-weight="bold"'),
      ...own.flatMap((row, i) => {
        const y = starts[g] + 20 + bar * i, end = x(row.median / fastest), middle = y + bar / 2 - 1;
        return [
          text(left - 6, y + 9, laneName(row), 'end'),
          `<rect x="${left}" y="${y}" width="${short(Math.max(2, end - left))}" height="${bar - 3}" fill="${colours[subjects.indexOf(row.subject) % colours.length]}"/>`,
          `<line x1="${short(x(row.p25 / fastest))}" y1="${middle}" x2="${short(x(row.p75 / fastest))}" y2="${middle}" stroke="black"/>`,
          text(Math.max(end, x(row.p75 / fastest)) + 5, y + 9, `${Number(row.median.toPrecision(3))} ms`, 'start'),
        ];
      }),
    ]),
    '</svg>\n',
  ].join('\n');
};

const short = (n: number): string => String(Math.round(n * 10) / 10);
const escaped = (s: string): string => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (x: number, y: number, s: string, anchor: string, more = ''): string => `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}"${more}>${escaped(s)}</text>`;

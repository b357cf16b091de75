/** A curve: its points from left to right. A point that is not a number leaves a gap. */
export interface Series { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }
export interface Chart { readonly title: string; readonly xLabel: string; readonly yLabel: string; readonly series: readonly Series[] }

const width = 640, height = 400, left = 64, right = 24, top = 40, bottom = 52;
/** distinct also to those who do not tell red from green (Okabe and Ito 2008) */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

/**
 * A picture of curves as SVG: axes with round ticks, a legend.
 * @example writeFileSync('loss.svg', lineChart({ title: 'Training', xLabel: 'epoch', yLabel: 'loss', series: [{ name: 'loss', points: [[1, 0.5], [2, 0.2]] }] }))
 */
export const lineChart = ({ title, xLabel, yLabel, series }: Chart): string => {
  const points = series.flatMap((s) => s.points).filter(isFinitePoint);
  const xs = ticksOf(points.map(([x]) => x)), ys = ticksOf(points.map(([, y]) => y));
  const atX = scale(xs, left, width - right), atY = scale(ys, height - bottom, top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(width / 2, 22, title, 'middle', ' font-size="15"'),
    ...xs.map((x) => `${line(atX(x), top, atX(x), height - bottom)}${text(atX(x), height - bottom + 16, label(x), 'middle')}`),
    ...ys.map((y) => `${line(left, atY(y), width - right, atY(y))}${text(left - 6, atY(y) + 4, label(y), 'end')}`),
    text((left + width - right) / 2, height - 12, xLabel, 'middle'),
    `<text transform="translate(16 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...series.flatMap((s, i) => curve(s, colours[i % colours.length], atX, atY)),
    ...series.map(({ name }, i) => `<rect x="${width - right - 130}" y="${top + 8 + 18 * i}" width="12" height="3" fill="${colours[i % colours.length]}"/>${text(width - right - 112, top + 14 + 18 * i, name, 'start')}`),
    '</svg>\n',
  ].join('\n');
};

const isFinitePoint = ([x, y]: readonly [number, number]): boolean => Number.isFinite(x) && Number.isFinite(y);
const short = (x: number): string => String(Math.round(x * 100) / 100);
const label = (x: number): string => String(Number(x.toPrecision(6)));
const escaped = (s: string): string => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (x: number, y: number, s: string, anchor: string, more = ''): string => `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}"${more}>${escaped(s)}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number): string => `<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" stroke="#ddd"/>`;

/** some six multiples of 1, 2 or 5 times a power of ten, which hold all values between the first and the last */
const ticksOf = (values: readonly number[]): readonly number[] => {
  const lo = values.reduce((a, b) => Math.min(a, b), Infinity), hi = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(hi > lo)) return values.length === 0 ? [0, 1] : [lo - 1, lo, lo + 1];
  const rough = (hi - lo) / 6, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10), first = Math.floor(lo / step), last = Math.ceil(hi / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
};
const scale = (ticks: readonly number[], from: number, to: number) => (v: number): number =>
  from + ((v - ticks[0]) / (ticks[ticks.length - 1] - ticks[0])) * (to - from);

const curve = ({ points }: Series, colour: string, atX: (x: number) => number, atY: (y: number) => number): readonly string[] => {
  const pieces: (readonly [number, number])[][] = [[]];
  for (const p of points) {
    if (isFinitePoint(p)) pieces[pieces.length - 1].push(p);
    else pieces.push([]);
  }
  const at = ([x, y]: readonly [number, number]): string => `${short(atX(x))},${short(atY(y))}`;
  return pieces.flatMap((piece) => (piece.length === 0 ? [] : piece.length === 1
    ? [`<circle cx="${short(atX(piece[0][0]))}" cy="${short(atY(piece[0][1]))}" r="3" fill="${colour}"/>`]
    : [`<polyline points="${piece.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.8"/>`]));
};

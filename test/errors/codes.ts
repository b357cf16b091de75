import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
/** those of a text; from FX9000 on they are other libraries' own */
export const codesIn = (text: string): readonly string[] => [...new Set([...text.matchAll(/FX[0-8]\d{3}/g)].map(([code]) => code))].sort((a, b) => a.localeCompare(b));
/** every code that the library can say */
export const codes = codesIn(sources.map((file) => readFileSync(`${root}src/${file}`, 'utf8')).join('\n'));

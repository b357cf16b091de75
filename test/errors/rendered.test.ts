import { describe, expect, it } from 'vitest';
import { page } from '../messages.ts';
import { codes, root } from './codes.ts';
import { cli } from './triggers/commands.ts';
import { expressions } from './triggers/expressions.ts';
import { files } from './triggers/files.ts';
import { networks } from './triggers/networks.ts';
import { running } from './triggers/running.ts';
import { texts } from './triggers/texts.ts';
import type { Triggers } from './triggers/trigger.ts';

const triggers: Triggers = { ...expressions, ...texts, ...running, ...files, ...networks, ...cli };
const inOrder = Object.entries(triggers).sort(([a], [b]) => a.localeCompare(b));
/** without what differs from machine to machine: folders, lines, last digits, programs that were drawn */
const settled = (text: string): string => text.replaceAll(root, '').replaceAll(/(\.ts):\d+(:\d+)?/g, '$1')
  .replaceAll(/-?\d+\.\d{5,}/g, (x) => String(Number(Number(x).toPrecision(4)))).replaceAll(/(a program that shows it:)[^]*/g, '$1 …');

describe('every code', () => {
  it('has something that makes it appear', () => { expect(inOrder.map(([code]) => code)).toEqual(codes); });
  it('is rendered: rendered.txt', async () => {
    const said: Record<string, string> = {};
    for (const [code, trigger] of inOrder) said[code] = settled(await trigger());
    expect(Object.entries(said).filter(([code, text]) => !new RegExp(`^(error|warning) ${code}: `, 'm').test(text))).toEqual([]);
    await expect(page(said)).toMatchFileSnapshot('rendered.txt');
  });
});

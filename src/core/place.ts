import type { Place } from './diagnostic.ts';
import type { Origin } from './origin.ts';

/** The folder that this library was loaded from, and the one its source maps lead to: its own frames are not the user's. */
const library = ['..', '../../src/'].map((path) => new URL(path, import.meta.url).href);

const asPath = (url: string): string => (url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : url);
const libraryPaths = library.map(asPath);

/** `    at name (file:///a/b.ts:3:14)` and its kin; the runtime has already mapped it to the source where it can */
const frame = /(?:^|[\s(@])((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/;
const parseFrame = (line: string): Place | undefined => {
  const match = frame.exec(line.trim());
  return match === null ? undefined : { file: asPath(match[1]), line: Number(match[2]), column: Number(match[3]) };
};

const isOwn = (place: Place): boolean => libraryPaths.some((path) => place.file.startsWith(path));
/** a function passed on by a package (as `pipe` does) was still written by the user further up */
const isPackaged = (place: Place): boolean => /[\\/]node_modules[\\/]/.test(place.file);

/** The user's own file, line and column, of what was built there. */
export const placeOf = (origin: Origin): Place | undefined => {
  const frames = (origin.trace.stack ?? '').split('\n').map(parseFrame).filter((f) => f !== undefined).filter((f) => !isOwn(f));
  return frames.find((f) => !isPackaged(f)) ?? frames[0];
};

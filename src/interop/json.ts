/**
 * The first key that stands twice in the outermost object of a JSON text, which `JSON.parse` lets pass.
 * The text is valid JSON.
 */
export const duplicateKey = (text: string): string | undefined => {
  const seen = new Set<string>();
  let depth = 0;
  for (const { 0: token } of text.matchAll(tokens)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) {
      const name = String(JSON.parse(token.slice(0, -1)));
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
};
/** brackets, and strings with the colon that makes them keys */
const tokens = /[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?/g;

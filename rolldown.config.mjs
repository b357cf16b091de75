// The package's modules, written together: an import reads a dozen files instead of three hundred, and V8 compiles few scripts.
import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { bin, dependencies, exports, peerDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));

// one for each door and command of the package
const doors = [...Object.values(exports).flatMap((door) => door.default ?? []), ...Object.values(bin)];
const input = Object.fromEntries(doors.map((file) => /^\.\/dist\/(.*)\.js$/.exec(file)[1]).map((name) => [name, at(`src/${name}.ts`)]));

// what is used of fp-ts comes along: its files are many, and small; an Either is plain data, whoever made it
const outside = [...Object.keys(dependencies), ...Object.keys(peerDependencies)].filter((name) => name !== 'fp-ts');

export default defineConfig({
  input,
  platform: 'neutral',
  resolve: { alias: { 'fp-ts/lib': 'fp-ts/es6' } },
  external: [/^node:/, ...outside.map((name) => new RegExp(`^${name}(/|$)`))],
  // npm sets this when it installs, not when the checkout is built again
  plugins: [{ name: 'executable', writeBundle: () => Object.values(bin).forEach((file) => chmodSync(at(file), 0o755)) }],
  output: {
    dir: at('dist'), format: 'esm', sourcemap: true, minifyInternalExports: false,
    // all in one folder below dist: `core/place.ts` knows the library's own frames by the folder above its file
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: [{ name: 'fp-ts', test: /[\\/]fp-ts[\\/]/ }, { name: 'core', test: /[\\/]src[\\/]core[\\/]/ }] },
    banner: ({ name }) => (name === 'fp-ts' ? `/*!\n${readFileSync(at('node_modules/fp-ts/LICENSE'), 'utf8').trim()}\n*/` : ''),
  },
});

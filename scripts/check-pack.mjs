// Packs the package, lints the archive, installs it in an empty project that has no gpu.js, and trains with it there.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const folder = mkdtempSync(join(tmpdir(), 'fluxion-pack-'));
const project = join(folder, 'project');

const run = (command, args, cwd = root) => {
  console.log(`> ${[command, ...args].join(' ')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
};

// what needs an optional peer is not loaded here
const needsPeer = ['./gpujs', './testing', './package.json'];
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const doors = Object.keys(exports).filter((door) => !needsPeer.includes(door)).map((door) => door.replace('.', 'fluxion'));

const pack = () => {
  run('npm', ['run', 'build']);
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }));
  return join(folder, filename);
};

const install = (archive) => {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'outsider', private: true, type: 'module' }));
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { strict: true, target: 'es2022', lib: ['es2022', 'esnext.disposable'], module: 'nodenext', types: [], outDir: 'out' },
    files: ['program.ts', 'console.d.ts'],
  }));
  writeFileSync(join(project, 'console.d.ts'), 'declare const console: { log(text: string): void };\n');
  writeFileSync(join(project, 'doors.js'), doors.map((door) => `await import('${door}');\n`).join(''));
  cpSync(join(root, 'scripts', 'pack', 'program.ts'), join(project, 'program.ts'));
  run('npm', ['install', '--no-audit', '--no-fund', archive], project);
  if (existsSync(join(project, 'node_modules', 'gpu.js'))) throw new Error('gpu.js came along, though it is optional');
};

try {
  const archive = pack();
  run(bin('publint'), ['--strict', archive]);
  run(bin('attw'), [archive, '--profile', 'esm-only']);
  install(archive);
  run(bin('tsc'), ['-p', '.'], project);
  run('node', ['doors.js'], project);
  run('node', ['out/program.js'], project);
  run(join(project, 'node_modules', '.bin', 'fluxion'), ['--help'], project);
  console.log('the package installs, type-checks and trains');
} catch (e) {
  console.error(e instanceof Error ? e.message : e);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

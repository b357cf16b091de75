#!/usr/bin/env node
import { runProgram } from './program.ts';

// what reads our output may stop reading: that is no error of ours
process.stdout.on('error', (error: Error & { readonly code?: string }) => { if (error.code === 'EPIPE') process.exit(0); throw error; });

process.exitCode = await runProgram(process.argv.slice(2), { out: (text) => { process.stdout.write(text); }, err: (text) => { process.stderr.write(text); } });
// a module that was looked into may keep timers and handles open: they are not waited for
process.stdout.write('', () => process.exit());

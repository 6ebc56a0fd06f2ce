import { parentPort, workerData } from 'node:worker_threads';
import { DiagnosticsHost } from './diagnostics-host.ts';
import { EngineHost } from './engine-host.ts';
import { toPlainError } from './plain-error.ts';
import type { EngineThreadOptions, FromEngine, ToEngine } from './protocol.ts';

// The program of the engine's thread.

const port = parentPort!;
const post = (message: FromEngine) => port.postMessage(message);
const host = new EngineHost(post);
const diagnostics = new DiagnosticsHost();
// Without this, an error that belongs to one request or one peer would end the thread, and with it every call.
process.on('uncaughtException', (error) => post({ type: 'unhandled', error: toPlainError(error) }));
port.on('message', (message: ToEngine) => {
  if (message.type === 'diagnose') void diagnostics.answer(message.question, message.reply);
  else host.receive(message);
});
await host.open(workerData as EngineThreadOptions);

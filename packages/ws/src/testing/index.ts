export { createFakeClock, type FakeClock } from './fake-clock.ts';
export type { ScriptedConnection } from './scripted-connection.ts';
export { type ScriptedServer, type ServerScript, startScriptedServer } from './scripted-server.ts';

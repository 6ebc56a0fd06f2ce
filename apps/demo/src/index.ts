export { DemoError, type DemoErrorCode } from './errors.ts';
export type { BrowserMessage, Participant, ServerErrorCode, ServerMessage } from './messages.ts';
export { type RtcdProcess, type RtcdProcessOptions, startRtcd } from './rtcd-process.ts';
export { type DemoServer, type DemoServerOptions, startDemoServer } from './server.ts';

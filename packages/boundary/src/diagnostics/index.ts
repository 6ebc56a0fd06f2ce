export { recordCpuProfile } from './cpu-profile.ts';
export { type EventLoopDelay, type EventLoopMonitor, monitorEventLoop } from './event-loop-delay.ts';
export { type OwnDiagnostics, type ThreadDiagnostics, threadDiagnostics } from './thread-diagnostics.ts';

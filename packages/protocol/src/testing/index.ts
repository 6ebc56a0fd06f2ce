export { type SessionConfigOverrides, sampleMessages, sampleSessionConfig } from './samples.ts';

export { type ConfigOverrides, startRtcd, type TestRtcd, type TestRtcdOptions } from './start-rtcd.ts';

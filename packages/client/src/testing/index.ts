export { type ClientContractServer, type ClientContractSuite, clientContract } from './client-contract.ts';
export { type FakeRtcd, type FakeRtcdOptions, startFakeRtcd } from './fake-rtcd.ts';
export type { ReceivedMessage } from './received-messages.ts';

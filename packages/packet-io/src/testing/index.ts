export type { OpenEndpoint } from './contract-endpoint.ts';
export { type ContractRunner, packetPlaneContract } from './packet-plane-contract.ts';
export type { Scheduler } from './scheduler.ts';
export { seededRandom } from './seeded-random.ts';
export type { NetworkConditions } from './simulated-link.ts';
export {
  createSimulatedNetwork,
  type Endpoint,
  type ObservedDatagram,
  type SimulatedEndpointOptions,
  type SimulatedNetwork,
  type SimulatedNetworkOptions,
  type SimulatedNetworkStats,
} from './simulated-network.ts';

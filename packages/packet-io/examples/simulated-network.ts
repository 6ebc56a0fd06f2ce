import { mock } from 'node:test';
import { createSimulatedNetwork } from '@rtcd/packet-io/testing';

mock.timers.enable({ apis: ['setTimeout'] }); // or any other fake timers, or a `scheduler` of your own
const network = createSimulatedNetwork({ seed: 7, lossRate: 0.2, delayMs: 30 });

let arrived = 0;
const here = network.open({ addresses: [{ address: '10.0.0.1', port: 5000 }], onPackets: () => {} });
network.open({
  addresses: [{ address: '10.0.0.2', port: 5000 }],
  onPackets: (_arena, _descriptors, count) => (arrived += count),
});

const path = here.openPath({ local: 0, address: '10.0.0.2', port: 5000 });
for (let i = 0; i < 1000; i++) here.transmit(Uint8Array.of(i), path);

mock.timers.tick(29);
console.log(arrived); // 0
mock.timers.tick(1);

const { sent, lost } = network.stats();
console.log(sent, arrived + lost, lost > 150 && lost < 250); // 1000 1000 true
mock.timers.reset();

import { describe, expect, it, vi } from 'vitest';
import { examine } from './doctor-process.ts';
import { createNetwork, reasonWithoutNamespaces, type TestNetwork } from './namespaces.ts';

// Each test makes a network and starts two processes.
vi.setConfig({ testTimeout: 60_000 });

const reason = reasonWithoutNamespaces();
if (reason !== undefined) console.warn(`skipping the doctor in networks of its own: ${reason}`);

const HOST = '203.0.113.5';

const examineHost = ({ within, stunUrl }: TestNetwork, environment: Readonly<Record<string, string>> = {}) =>
  examine({
    within,
    args: ['--stun', stunUrl],
    environment: { RTCD_RTC_ICEADDRESSUDP: '', RTCD_RTC_ICEPORTUDP: '8443', ...environment },
  });

const EVERYTHING_OUT = 'chain output { type filter hook output priority 0; policy accept; }';
/** Lets in only what answers: the port is open on the host, and closed in the firewall. */
const ANSWERS_IN = `table inet test {
  chain input { type filter hook input priority 0; policy drop; iif lo accept; ct state established,related accept; }
  ${EVERYTHING_OUT}
}`;
const NO_UDP = `table inet test {
  chain input { type filter hook input priority 0; policy accept; iif eth0 meta l4proto udp drop; }
}`;

describe.skipIf(reason !== undefined)('on a host in a network', () => {
  it('finds nothing wrong with an open port on a public address', async () => {
    const { report, of } = await examineHost(await createNetwork(HOST));
    expect(of('addresses')).toEqual([{ check: 'addresses', level: 'ok', message: 'Users are told 203.0.113.5:8443.' }]);
    expect(of('reachability')).toMatchObject([
      { level: 'ok', message: expect.stringContaining('packets from other addresses arrive') },
    ]);
    expect(of('deployment')[0]!.message).toContain('not behind a NAT');
    expect(report.findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('finds a firewall that keeps out what it does not expect', async () => {
    const network = await createNetwork(HOST);
    network.firewall(ANSWERS_IN);
    const { code, of } = await examineHost(network);
    expect(of('reachability')).toMatchObject([
      {
        level: 'error',
        message: expect.stringMatching(/do not arrive at 203\.0\.113\.5:8443/),
        advice: expect.stringContaining('8443'),
      },
    ]);
    expect(code).toBe(2);
  });

  it('finds a firewall that lets no UDP pass', async () => {
    const network = await createNetwork(HOST);
    network.firewall(NO_UDP);
    const { code, of } = await examineHost(network);
    expect(of('reachability')).toMatchObject([{ level: 'error', message: expect.stringContaining('UDP is blocked') }]);
    expect(code).toBe(2);
  });

  it('finds an override with the address of another machine', async () => {
    const environment = { RTCD_RTC_ICEHOSTOVERRIDE: '203.0.113.77' };
    const { code, of } = await examineHost(await createNetwork(HOST), environment);
    expect(of('addresses')).toMatchObject([
      { level: 'error', message: expect.stringContaining('STUN servers see this machine at 203.0.113.5') },
    ]);
    expect(code).toBe(2);
  });

  it('finds an override with an address at which no user can reach anything', async () => {
    const environment = { RTCD_RTC_ICEHOSTOVERRIDE: '127.0.0.1' };
    const { of } = await examineHost(await createNetwork(HOST), environment);
    expect(of('addresses')).toMatchObject([{ level: 'error', message: expect.stringContaining('127.0.0.1') }]);
  });

  it("finds the address of a pod that is advertised, and that it has no host's network", async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    const { code, of } = await examineHost(await createNetwork('10.244.1.5'), environment);
    expect(of('addresses')).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('an address of this pod'),
        advice: expect.stringContaining('hostNetwork'),
      },
    ]);
    expect(of('deployment')[0]!.message).toContain('Pod in Kubernetes');
    expect(code).toBe(2);
  });

  it('lists the bridge of a container runtime as ignored', async () => {
    const network = await createNetwork(HOST);
    network.addBridge('docker0', '172.17.0.1');
    const { report, of } = await examineHost(network);
    expect(report.addresses).toContainEqual({
      interfaceName: 'docker0',
      address: '172.17.0.1',
      advertised: [],
      reason: 'ignored_interface',
    });
    expect(of('addresses')).toMatchObject([{ level: 'ok' }]);
  });

  it('warns of the bridge of a container runtime that is advertised', async () => {
    const network = await createNetwork(HOST);
    network.addBridge('docker0', '172.17.0.1');
    const { of } = await examineHost(network, { RTCD_RTC_ICEADDRESSUDP: '172.17.0.1' });
    expect(of('addresses')).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('docker0') }),
    );
  });

  it('knows one public address per node, at another port', async () => {
    const environment = {
      RTCD_RTC_ICEHOSTOVERRIDE: '203.0.113.5/10.0.0.5,203.0.113.6/10.0.0.6',
      RTCD_RTC_ICEHOSTPORTOVERRIDE: '30443',
    };
    const { of } = await examineHost(await createNetwork('10.0.0.5'), environment);
    expect(of('deployment')[0]!.message).toContain('one public address per node');
    expect(of('deployment')[0]!.message).toContain('30443 leads to 8443');
  });
});

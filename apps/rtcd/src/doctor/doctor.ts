import { type AddressEntry, probeNetwork } from '@rtcd/rtc';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { sfuOptions } from '../sfu.ts';
import { readVersion } from '../version.ts';
import { checkAddresses } from './checks/addresses.ts';
import { checkApi } from './checks/api.ts';
import { checkBuffers } from './checks/buffers.ts';
import { checkCertificate } from './checks/certificate.ts';
import { checkClock } from './checks/clock.ts';
import { checkConfig, explainInvalidConfig } from './checks/config.ts';
import { checkDeployment } from './checks/deployment.ts';
import { checkFileLimit } from './checks/file-limit.ts';
import { checkIPv6 } from './checks/ipv6.ts';
import { checkMediaPorts } from './checks/media-ports.ts';
import { checkNames } from './checks/names.ts';
import { checkReachability } from './checks/reachability.ts';
import { checkStore } from './checks/store.ts';
import { checkTurn } from './checks/turn.ts';
import { type Finding, type Level, worstOf } from './finding.ts';
import { readSurroundings } from './surroundings.ts';

/** Subject of an examination, and help from outside. */
export interface DoctorOptions {
  readonly configPath: string;
  /** STUN servers that are asked in addition to the configured ones. */
  readonly stunServers: readonly string[];
  /** URL of an HTTP server whose clock is right. */
  readonly peer?: string;
  /** Host name or IP address by which clients reach the API. */
  readonly host?: string;
}

/** Everything that the doctor has found. It contains no secrets. */
export interface Report {
  readonly version: string;
  readonly platform: string;
  readonly time: string;
  readonly configPath: string;
  /** Weight of the worst finding. */
  readonly level: Level;
  readonly addresses: readonly AddressEntry[];
  readonly findings: readonly Finding[];
}

/** Examines a configuration, this machine, and its network. */
export async function examine(options: DoctorOptions, environment: ConfigSources['environment']): Promise<Report> {
  const { configPath } = options;
  const machine = Promise.all([checkFileLimit(), checkClock(options.peer)]);
  const { addresses, findings } = await examineService(options, environment);
  const all = [...findings, ...(await machine).flat()];
  const { buildVersion, goVersion } = readVersion();
  return {
    version: `${buildVersion} (${goVersion})`,
    platform: `${process.platform} ${process.arch}`,
    time: new Date().toISOString(),
    configPath,
    level: worstOf(all),
    addresses,
    findings: all,
  };
}

/** Examines all that depends on the configuration. Without a valid one, there is only that to report. */
async function examineService(
  options: DoctorOptions,
  environment: ConfigSources['environment'],
): Promise<Pick<Report, 'addresses' | 'findings'>> {
  try {
    const loaded = await loadConfig({ path: options.configPath, environment });
    const { config } = loaded;
    const [names, turn, probe, api, certificate, store] = await Promise.all([
      checkNames(config.rtc, options.stunServers),
      checkTurn(config.rtc),
      probeNetwork(sfuOptions(config), options.stunServers),
      checkApi(config.api.http),
      checkCertificate(config.api.http, options.host, Date.now()),
      checkStore(config.store),
    ]);
    const surroundings = readSurroundings(environment);
    const findings = [
      checkConfig(loaded, options.configPath),
      api.findings,
      certificate,
      store,
      checkMediaPorts(probe, api.isRunning),
      checkAddresses(config.rtc, probe, surroundings),
      await checkIPv6(config.rtc, probe.addresses),
      checkDeployment(config.rtc, probe, surroundings),
      checkReachability(probe),
      names,
      turn,
      checkBuffers(probe),
    ];
    return { addresses: probe.addresses, findings: findings.flat() };
  } catch (error) {
    return { addresses: [], findings: [explainInvalidConfig(error)] };
  }
}

import { execFile, spawnSync } from 'node:child_process';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRtcd, type TestRtcd } from 'rtcd/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { only, parseDockerfile } from '../src/deploy/dockerfile.ts';
import { deployFolder, readJson, readText, readYaml } from '../src/deploy/files.ts';
import { parseKeyValues } from '../src/deploy/key-values.ts';
import { settingsOf } from '../src/deploy/settings.ts';
import { parseUnitFile } from '../src/deploy/unit-file.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

let rtcd: TestRtcd;

beforeAll(async () => {
  rtcd = await startRtcd();
});

afterAll(() => rtcd.close());

describe('the container image', async () => {
  const [build = [], image = []] = parseDockerfile(await readText('docker/Dockerfile'));

  it('is built and run on the same Node', () => {
    expect(only(build, 'FROM')).toBe('node:24-slim AS build');
    expect(only(image, 'FROM')).toBe('node:24-slim');
  });

  it('copies only existing files', async () => {
    const sources = [...build, ...image]
      .filter((instruction) => instruction.name === 'COPY' && !instruction.arguments.startsWith('--from'))
      .map((instruction) => instruction.arguments.split(' ')[0] ?? '');
    expect(sources).toHaveLength(2);
    for (const source of sources) await access(join(workspaceFolder, source));
  });

  it('does not run as root', () => {
    expect(only(image, 'USER')).toBe('node');
  });

  it("sets only known variables, and exposes the service's ports", async () => {
    const { api, rtc, store, logger } = await settingsOf(parseKeyValues(only(image, 'ENV')));
    expect(store.data_source).toContain(only(image, 'VOLUME'));
    expect(logger.enable_file).toBe(false);
    const [, port] = api.http.listen_address.split(':');
    expect(only(image, 'EXPOSE')).toBe(`${port}/tcp ${rtc.ice_port_udp}/udp ${rtc.ice_port_tcp}/tcp`);
  });

  it('starts what the package publishes as its command', async () => {
    const manifest = await readJson<{ publishConfig: { bin: { rtcd: string } } }>('../apps/rtcd/package.json');
    expect(JSON.parse(only(image, 'ENTRYPOINT'))).toEqual(['node', join('/opt/rtcd', manifest.publishConfig.bin.rtcd)]);
  });

  it('checks whether the service is healthy, over TLS too', async () => {
    const fixtures = join(workspaceFolder, 'packages/api/test/fixtures');
    const tls = { enable: true, cert_file: join(fixtures, 'first.crt'), cert_key: join(fixtures, 'first.key') };
    const secure = await startRtcd({ config: { api: { http: { tls } } } });
    const address = (url: string) => ({ RTCD_API_HTTP_LISTENADDRESS: new URL(url).host });

    expect(await healthcheck(address(rtcd.url))).toBe(0);
    expect(await healthcheck({ ...address(secure.url), RTCD_API_HTTP_TLS_ENABLE: 'true' })).toBe(0);
    expect(await healthcheck(address(secure.url))).toBe(1);
    await secure.close();
    expect(await healthcheck({ ...address(secure.url), RTCD_API_HTTP_TLS_ENABLE: 'true' })).toBe(1);
  });
});

describe('the systemd unit', async () => {
  const unit = await readText('systemd/rtcd.service');
  const { Service = {} } = parseUnitFile(unit);
  const environment = parseKeyValues((Service.Environment ?? []).join(' '));
  const config = await settingsOf(environment, join(deployFolder, 'systemd/config.toml'));

  const canAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
  if (!canAnalyze) console.warn('skipping the check of the systemd unit: there is no systemd-analyze in the PATH');

  it.skipIf(!canAnalyze)('is accepted by systemd without warnings', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rtcd-unit-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'rtcd.service');
    // The command need not be installed here.
    await writeFile(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('starts the command where the guide installs it', async () => {
    const guide = await readText('../docs/operating.md');
    const [, prefix] = /^npm install --global --prefix=(\S+) /m.exec(guide) ?? [];
    expect(Service.ExecStart).toEqual([`${prefix}/bin/rtcd --config /etc/rtcd/config.toml`]);
  });

  it('keeps its registrations in the folder that systemd creates', () => {
    expect(config.store.data_source).toContain(`/var/lib/${Service.StateDirectory}`);
  });

  it('lets calls end before it is killed', () => {
    expect(Service.KillSignal).toEqual(['SIGTERM']);
    const [, hours] = /^(\d+)h$/.exec(Service.TimeoutStopSec?.[0] ?? '') ?? [];
    expect(config.rtc.drain_timeout_minutes).toBeGreaterThan(0);
    expect(config.rtc.drain_timeout_minutes).toBeLessThan(Number(hours) * 60);
  });

  it('allows no more than the service needs', () => {
    expect(Service).toMatchObject({ NoNewPrivileges: ['yes'], ProtectSystem: ['strict'], CapabilityBoundingSet: [''] });
  });
});

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number; readonly protocol: string }[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: object; readonly secretKeyRef?: object };
  }[];
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
}

interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> };
      readonly spec: { readonly terminationGracePeriodSeconds: number; readonly containers: readonly Container[] };
    };
  };
}

describe('the Kubernetes manifests', async () => {
  const { spec } = await readYaml<Deployment>('kubernetes/deployment.yaml');
  const pod = spec.template.spec;
  const container = pod.containers[0]!;

  it('are all in the kustomization', async () => {
    const { resources } = await readYaml<{ resources: readonly string[] }>('kubernetes/kustomization.yaml');
    const files = (await readdir(join(deployFolder, 'kubernetes'))).filter((file) => file !== 'kustomization.yaml');
    expect([...resources].sort()).toEqual(files.sort());
    for (const file of files) {
      expect(await readYaml(`kubernetes/${file}`)).toMatchObject({
        kind: expect.any(String),
        metadata: { name: 'rtcd' },
      });
    }
  });

  it('select the pods that they create', async () => {
    const service = await readYaml<{ spec: { selector: object } }>('kubernetes/service.yaml');
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(spec.template.metadata.labels).toMatchObject(service.spec.selector);
  });

  it('set only known variables, on the ports that they name', async () => {
    const { api, rtc } = await settingsOf(podEnvironment(container));
    const [, apiPort] = api.http.listen_address.split(':');
    expect(container.ports).toMatchObject([
      { name: 'api', containerPort: Number(apiPort), protocol: 'TCP' },
      { name: 'media', containerPort: rtc.ice_port_udp, protocol: 'UDP' },
      { name: 'media-tcp', containerPort: rtc.ice_port_tcp, protocol: 'TCP' },
    ]);
    expect(rtc.drain_timeout_minutes * 60).toBeLessThan(pod.terminationGracePeriodSeconds);
  });

  it('probe and scrape routes of the service', async () => {
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    const paths = probes.map((probe) => probe?.httpGet.path ?? '');
    expect(paths).toEqual(['/healthz', '/healthz', '/readyz']);
    for (const path of [...paths, spec.template.metadata.annotations['prometheus.io/path']]) {
      expect((await fetch(`${rtcd.url}${path}`)).status).toBe(200);
    }
  });
});

describe("the values for Mattermost's Helm chart", async () => {
  const guide = await readText('../docs/operating.md');
  const [, text = ''] = /```yaml\n(image:\n.*?)```/s.exec(guide) ?? [];
  const { configuration, service } = parse(text) as {
    readonly configuration: {
      readonly terminationGracePeriod: number;
      readonly environmentVariables: Readonly<Record<string, string>>;
    };
    readonly service: { readonly APIport: number; readonly RTCport: number };
  };
  // The chart's template has `value: {{ $val }}`.
  const environment = Object.fromEntries(
    Object.entries(configuration.environmentVariables).map(([name, value]) => [name, parse(`value: ${value}`).value]),
  );

  it('are strings, as the chart writes them unquoted', () => {
    expect(Object.values(environment).map((value) => typeof value)).toEqual(['string', 'string', 'string']);
  });

  it("set only known variables, and name the service's ports", async () => {
    const { api, rtc } = await settingsOf(environment);
    expect(`:${service.APIport}`).toBe(api.http.listen_address);
    expect(service.RTCport).toBe(rtc.ice_port_udp);
    expect(rtc.drain_timeout_minutes * 60).toBeLessThan(configuration.terminationGracePeriod);
  });

  it('are probed at a route of the service', async () => {
    expect((await fetch(`${rtcd.url}/version`)).status).toBe(200);
  });
});

function podEnvironment({ env }: Container): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, value, valueFrom } of env) {
    const given = value ?? (valueFrom?.fieldRef ? '192.0.2.1' : 'a secret of at least 32 characters.');
    values[name] = given.replaceAll(/\$\((\w+)\)/g, (reference, variable: string) => values[variable] ?? reference);
  }
  return values;
}

/** The exit code of the container's health check. */
function healthcheck(env: Readonly<Record<string, string>>): Promise<number> {
  const script = join(deployFolder, 'docker/healthcheck.mjs');
  const { promise, resolve } = Promise.withResolvers<number>();
  execFile(process.execPath, [script], { env }).on('exit', (code) => resolve(code ?? -1));
  return promise;
}

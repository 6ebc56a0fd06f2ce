import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { processesIn } from './namespaces.ts';
import { type CommandLine, systemCommand } from './system-command.ts';

/** A switch: the interfaces on it reach each other. */
export interface Segment {
  /** Namespace of the bridge. */
  readonly namespace: string;
  readonly bridge: string;
  /** Name for the next port. */
  nextPort(): string;
}

export interface InterfaceOptions {
  /** Default: `eth0` and so on. */
  readonly name?: string;
  /** With the length of the prefix, as `192.0.2.1/24`. */
  readonly addresses: readonly string[];
  /** Router for everything else. */
  readonly gateway?: string;
  readonly mtu?: number;
}

/** A network interface of a host: one end of a cable, whose other end is in a switch. */
export class Interface {
  readonly name: string;
  readonly #host: Host;
  readonly #segment: Segment;
  readonly #port: string;
  readonly #gateway: string | undefined;

  constructor(host: Host, segment: Segment, port: string, { name, gateway }: InterfaceOptions & { name: string }) {
    this.name = name;
    this.#host = host;
    this.#segment = segment;
    this.#port = port;
    this.#gateway = gateway;
  }

  /** Loses its routes, and an IPv6 address. */
  down(): Promise<void> {
    return this.#host.ip(`link set ${this.name} down`);
  }

  /** Brings it up with its default route. */
  async up(): Promise<void> {
    await this.#host.ip(`link set ${this.name} up`);
    if (this.#gateway !== undefined) await this.#host.ip(`route append default via ${this.#gateway} dev ${this.name}`);
  }

  /** Is gone, with its addresses. */
  unplug(): Promise<void> {
    return this.#host.ip(`link delete ${this.name}`);
  }

  /** Limits the rate of what comes to it; as much as 300 ms waits, and what is more is lost. */
  async limitIncoming(rateBps: number): Promise<void> {
    const shaper = ['root', 'tbf', 'rate', `${rateBps}bit`, 'burst', '3000', 'latency', '300ms'];
    await systemCommand(['tc', '-n', this.#segment.namespace, 'qdisc', 'replace', 'dev', this.#port, ...shaper]);
  }
}

/** A machine in a network: a network namespace with a loopback interface. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  #interfaces = 0;

  constructor(name: string, namespace: string) {
    this.name = name;
    this.namespace = namespace;
  }

  /** The command line that runs another one on this host. */
  commandLine(...command: readonly string[]): CommandLine {
    return ['ip', 'netns', 'exec', this.namespace, ...command];
  }

  /** Runs a program on this host, and resolves with its output. */
  run(...command: CommandLine): Promise<string> {
    return systemCommand(this.commandLine(...command));
  }

  /** Stops all its processes, as a laptop that is closed, until `wake`. */
  sleep(): Promise<void> {
    return this.#signal('SIGSTOP');
  }

  wake(): Promise<void> {
    return this.#signal('SIGCONT');
  }

  /** Runs commands of `ip`, one per line. */
  async ip(...lines: readonly string[]): Promise<void> {
    await systemCommand(['ip', '-n', this.namespace, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** Starts one of our programs on this host, with a channel for messages. It ends with that. */
  fork(program: URL, options: ForkOptions = {}): ChildProcess {
    const [execPath, ...execArgv] = this.commandLine(process.execPath);
    return fork(program, { ...options, execPath, execArgv });
  }

  /** Plugs a new interface into a switch. */
  async connect(segment: Segment, options: InterfaceOptions): Promise<Interface> {
    const { name = `eth${this.#interfaces++}`, addresses, mtu = 1_500 } = options;
    const port = segment.nextPort();
    await this.ip(
      `link add ${name} mtu ${mtu} type veth peer name ${port} netns ${segment.namespace}`,
      // Without duplicate address detection, an IPv6 address is there at once.
      ...addresses.map((address) => `address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
    );
    await systemCommand(
      ['ip', '-n', segment.namespace, '-batch', '-'],
      `link set ${port} master ${segment.bridge}\nlink set ${port} up\n`,
    );
    const plugged = new Interface(this, segment, port, { ...options, name });
    await plugged.up();
    return plugged;
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await processesIn(this.namespace)) process.kill(pid, signal);
  }
}

import { Host, type Segment } from './host.ts';
import { namespaceName, removeAbandonedNamespaces, removeNamespace } from './namespaces.ts';
import { Router, type RouterOptions } from './router.ts';
import { systemCommand } from './system-command.ts';

/** Longest name that the kernel takes for an interface. */
const MAX_INTERFACE_NAME = 15;

/**
 * A network of network namespaces: hosts and routers, plugged into switches. The machine's own network is not touched, and nothing of this
 * one is left once it is closed. If this process is killed, the next one that opens a network cleans up.
 */
export class Network {
  readonly #switches: Host;
  readonly #namespaces: string[];
  #ports = 0;
  #hosts = 0;

  private constructor(switches: Host) {
    this.#switches = switches;
    this.#namespaces = [switches.namespace];
  }

  /** Opens an empty network. */
  static async open(): Promise<Network> {
    await removeAbandonedNamespaces();
    const namespace = namespaceName(`switches-${networks++}`);
    await systemCommand(['ip', 'netns', 'add', namespace]);
    return new Network(new Host('switches', namespace));
  }

  /** Adds a switch. */
  async segment(name: string): Promise<Segment> {
    const bridge = name.slice(0, MAX_INTERFACE_NAME);
    await this.#switches.ip(`link add ${bridge} type bridge`, `link set ${bridge} up`);
    return { namespace: this.#switches.namespace, bridge, nextPort: () => `port${this.#ports++}` };
  }

  /** Adds a machine that is not connected yet. */
  async host(name: string): Promise<Host> {
    const namespace = namespaceName(`${name}-${networks}-${this.#hosts++}`);
    this.#namespaces.push(namespace);
    await systemCommand(['ip', 'netns', 'add', namespace]);
    const host = new Host(name, namespace);
    await host.ip('link set lo up');
    return host;
  }

  /** Adds a router between two segments. */
  async router(name: string, options: RouterOptions): Promise<Router> {
    return Router.start(await this.host(name), options);
  }

  /** Takes a machine away, and its processes. */
  async remove({ namespace }: Host): Promise<void> {
    this.#namespaces.splice(this.#namespaces.indexOf(namespace), 1);
    await removeNamespace(namespace);
  }

  /** Ends all processes in the network, and removes it. */
  async close(): Promise<void> {
    await Promise.all(this.#namespaces.splice(0).map(removeNamespace));
  }
}

let networks = 0;

/** Opens an empty network. See `missingForNetworks` for what it needs. */
export const openNetwork = (): Promise<Network> => Network.open();

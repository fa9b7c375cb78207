import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type AddressPair,
  addressPair,
  aptProxyPort,
  authorityAddress,
  controlName,
  defaultHostDomain,
  firstHostNumber,
  gatewayAddress,
  ipv4Prefix,
  resolverAddress,
} from "./addresses.ts";
import { type AptProxy, startAptProxy } from "./apt-proxy.ts";
import { type Authority, openAuthority } from "./authority.ts";
import { type CommandOptions, type CommandResult, LabError } from "./command.ts";
import { LabDns } from "./dns-client.ts";
import { hostRootFiles, startCachingResolver, startDnsServers } from "./dns-servers.ts";
import { LabFaults } from "./faults.ts";
import { type HostDescription, LabHost, makeHost } from "./host.ts";
import { type GuestImage, guestRecipe, infraRecipe, type Suite } from "./image-recipes.ts";
import { ensureImages, type Image } from "./images.ts";
import { readMachineMirror } from "./machine-mirror.ts";
import { attachNamespace, type LabNamespace, openNamespace } from "./namespace.ts";
import { aptCacheFolder } from "./paths.ts";
import { LabReceivers, startReceivers } from "./receivers/client.ts";
import { type ExposedPort, openHatch, openLabPort, openPortDoor, type Relay } from "./relays.ts";
import {
  claimFolder,
  type LabState,
  labFolder,
  labGroups,
  processStart,
  readState,
  writeState,
} from "./state.ts";

export interface HostOptions {
  /** Short name: small letters, digits and hyphens, at most 15. */
  readonly name: string;
  readonly suite: Suite;
  /** clean when it is left out. */
  readonly image?: GuestImage;
  /** Fully qualified. NAME.fleet.example when it is left out; else a zone for it must be among `zones`. */
  readonly hostname?: string;
  /** False for a host without IPv6: no address, no AAAA record. */
  readonly hasIpv6?: boolean;
  /** Last number of the host's addresses. Counted up from 11 when it is left out. */
  readonly number?: number;
}

export interface LabOptions {
  /** Labs of different names run side by side. A name of its own when it is left out. */
  readonly name?: string;
  readonly hosts: readonly HostOptions[];
  /** Further signed zones, for example of customers. */
  readonly zones?: readonly string[];
  /** Ports of this machine's loopback that hosts reach as control.lab:labPort; with tls as https. */
  readonly expose?: readonly ExposedPort[];
  /** False leaves out the receiving mail systems (Gmail's, Outlook's, Yahoo's and receiver.example's). */
  readonly receivers?: boolean;
  /** Size of each host's disk. 3 GiB when it is left out; it lies in memory and takes what is written. */
  readonly diskSizeBytes?: number;
  readonly log?: (line: string) => void;
}

const defaultDiskSizeBytes = 3 * 1024 ** 3;
const infraRoot = "/run/lab/infra/root";

/** A running lab: hosts, DNS and an apt proxy on a network that has no way out. */
export class Lab {
  readonly name: string;
  readonly namespace: LabNamespace;
  /** The lab's folder on this machine: console logs and sockets. */
  readonly folder: string;
  readonly dns: LabDns;
  readonly authority: Authority;
  readonly receivers: LabReceivers;
  readonly faults: LabFaults;
  /** The apt proxy; undefined in a process that has only attached to the lab. */
  readonly apt: AptProxy | undefined;
  /** Resolves when nothing of the lab is left, whoever ended it; undefined in a process that has only attached. */
  readonly ended: Promise<void> | undefined;
  readonly #hosts: ReadonlyMap<string, LabHost>;
  readonly #relays: Relay[] = [];
  readonly #close: () => Promise<void>;

  constructor(parts: {
    state: LabState;
    namespace: LabNamespace;
    dns: LabDns;
    authority: Authority;
    apt?: AptProxy;
    ended?: Promise<void>;
    close: () => Promise<void>;
  }) {
    this.name = parts.state.name;
    this.namespace = parts.namespace;
    this.folder = labFolder(parts.state.name);
    this.dns = parts.dns;
    this.authority = parts.authority;
    this.apt = parts.apt;
    this.ended = parts.ended;
    this.receivers = new LabReceivers(join(this.folder, "receivers.sock"));
    this.faults = new LabFaults({ lab: this.name, namespace: this.namespace, apt: parts.apt });
    this.#close = parts.close;
    this.#hosts = new Map(
      parts.state.hosts.map((description) => [
        description.name,
        new LabHost({ lab: this.name, labFolder: this.folder, namespace: this.namespace, description }),
      ]),
    );
  }

  /** The host of this name. Throws LabError when the lab has none. */
  host(name: string): LabHost {
    const host = this.#hosts.get(name);
    if (!host)
      throw new LabError(`This lab has no host ${name}, only ${[...this.#hosts.keys()].join(", ")}.`);
    return host;
  }

  get hosts(): readonly LabHost[] {
    return [...this.#hosts.values()];
  }

  /** Runs a program of this machine inside the lab's network. */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return this.namespace.run(argv, options);
  }

  /** Runs a program of the lab's own system (dig, swaks, nft, openssl) inside the lab's network. */
  runTool(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return this.namespace.run(["chroot", infraRoot, ...argv], options);
  }

  /** The argument array that runs such a program, for a caller that spawns it with a terminal. */
  tool(argv: readonly string[]): string[] {
    return this.namespace.enter(["chroot", infraRoot, ...argv]);
  }

  /** Makes a host's port reachable on this machine and returns the port of 127.0.0.1 that leads there. */
  async forward(hostName: string, port: number, localPort?: number): Promise<number> {
    const { ipv4 } = this.host(hostName).description;
    const socketPath = join(this.folder, `door-${hostName}-${port}-${randomBytes(4).toString("hex")}.sock`);
    const door = { socketPath, address: ipv4, port, ...(localPort === undefined ? {} : { localPort }) };
    const relay = await openPortDoor(this.namespace, door);
    this.#relays.push(relay);
    return relay.localPort;
  }

  /** Makes a port of the lab's own loopback reachable on this machine and returns the port of 127.0.0.1 that leads there. */
  async forwardLoopback(port: number): Promise<number> {
    const socketPath = join(this.folder, `door-own-${port}-${randomBytes(4).toString("hex")}.sock`);
    const relay = await openPortDoor(this.namespace, { socketPath, address: "127.0.0.1", port });
    this.#relays.push(relay);
    return relay.localPort;
  }

  /**
   * Makes a port of the lab's own loopback localhost:port on this machine and on each host, so that one address is
   * good for a person's browser and for a command that is pasted on a host. What a host sends there does not pass its
   * network cable.
   */
  async publish(port: number): Promise<void> {
    const socketPath = join(this.folder, `door-loopback-${port}.sock`);
    const door = { socketPath, address: "127.0.0.1", port, localPort: port };
    this.#relays.push(await openPortDoor(this.namespace, door));
    for (const host of this.#hosts.keys()) {
      await openLabPort(this.namespace, { socketPath, addresses: ["127.0.0.1", "::1"], port, host });
    }
  }

  /** Lets hosts reach a port of this machine's loopback as control.lab:labPort, for as long as this process lives. */
  async expose(port: ExposedPort): Promise<void> {
    const tls = port.tls ? await this.authority.issue([controlName, gatewayAddress.ipv4]) : undefined;
    const socketPath = join(this.folder, `hatch-${port.labPort}.sock`);
    this.#relays.push(
      await openHatch({
        socketPath,
        hostPort: port.hostPort,
        ...(tls ? { tls: { cert: tls.certificate, key: tls.key } } : {}),
      }),
    );
    const addresses = [gatewayAddress.ipv4, gatewayAddress.ipv6];
    await openLabPort(this.namespace, { socketPath, addresses, port: port.labPort });
  }

  /** Starts a resolver that remembers answers as long as they say, at the address with this last number. */
  async startCachingResolver(last: number): Promise<AddressPair> {
    const address = addressPair(last);
    const place = { namespace: this.namespace, root: infraRoot };
    await startCachingResolver(place, { name: `resolver-${last}`, address });
    return address;
  }

  /** Ends every process of the lab and removes what it wrote. */
  async close(): Promise<void> {
    await this.#close();
    for (const relay of this.#relays) await relay.close();
  }
}

/**
 * Opens a lab and boots its hosts. It lives until close is called or this process ends, however it ends.
 * Throws LabError when the name is taken or a part does not come up; nothing is left then.
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  const log = options.log ?? ((): void => undefined);
  const name = options.name ?? `run-${process.pid}-${randomBytes(3).toString("hex")}`;
  checkName(name);
  const hosts = describeHosts(options.hosts);
  const recipes = [infraRecipe, ...hosts.map((host) => guestRecipe(host.image, host.suite))];
  const [infra, ...images] = await ensureImages(recipes, log);
  if (!infra) throw new LabError("The lab's own image is missing.");
  if (!(await claimFolder(name))) throw new LabError(`A lab named ${name} is running already.`);

  const folder = labFolder(name);
  const namespace = await openNamespace({ folder, groups: labGroups(name) });
  try {
    const mirror = await readMachineMirror();
    await makeBridge(namespace);
    const aptSocket = join(folder, "apt.sock");
    const apt = await startAptProxy({ mirror, cacheFolder: aptCacheFolder, listen: aptSocket });
    const addresses = [gatewayAddress.ipv4];
    await openLabPort(namespace, { socketPath: aptSocket, addresses, port: aptProxyPort });
    await mountInfra(namespace, infra);
    const dns = await startDnsServers({ namespace, root: infraRoot, folder });
    const authority = await openAuthority();
    if (options.receivers ?? true) await startReceivers({ namespace, folder, dns, authority });
    for (const zone of options.zones ?? []) await dns.addZone(zone);

    const state: LabState = {
      name,
      openerPid: process.pid,
      holderPid: namespace.holderPid,
      holderStart: (await processStart(namespace.holderPid)) ?? "",
      hosts,
      exposed: options.expose ?? [],
    };
    const lab = new Lab({
      state,
      namespace,
      dns,
      apt,
      authority,
      ended: namespace.ended,
      close: async () => {
        await namespace.close();
        await apt.close();
      },
    });
    const rootFiles = await hostRootFiles(dns);
    for (const [index, description] of hosts.entries()) {
      await makeHost({
        rootFiles,
        namespace,
        description,
        layers: images[index]?.layers ?? [],
        diskSizeBytes: options.diskSizeBytes ?? defaultDiskSizeBytes,
      });
      await publishHost(dns, description);
    }
    for (const port of options.expose ?? []) await lab.expose(port);
    log(`booting ${hosts.map((host) => host.name).join(", ")}`);
    await Promise.all(lab.hosts.map((host) => host.start()));
    await writeState(state);
    return lab;
  } catch (cause) {
    await namespace.close();
    throw cause;
  }
}

/**
 * The lab of this name that another process holds. Its hosts can be used, started and stopped; closing it
 * is left to the process that opened it. Throws LabError when no such lab runs.
 */
export async function attachLab(name: string): Promise<Lab> {
  const state = await readState(name);
  if (!state) throw new LabError(`No lab named ${name} is running.`);
  return new Lab({
    state,
    namespace: attachNamespace(state.holderPid),
    dns: new LabDns(join(labFolder(name), "dns-api.sock")),
    authority: await openAuthority(),
    close: () => Promise.reject(new LabError(`The lab ${name} belongs to process ${state.openerPid}.`)),
  });
}

function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(name)) {
    throw new LabError(`A lab's name has small letters, digits and hyphens, at most 41; "${name}" has not.`);
  }
}

function describeHosts(hosts: readonly HostOptions[]): HostDescription[] {
  const used = new Set(hosts.flatMap((host) => (host.number === undefined ? [] : [host.number])));
  let next = firstHostNumber;
  return hosts.map((host) => {
    if (!/^[a-z][a-z0-9-]{0,14}$/.test(host.name)) {
      throw new LabError(
        `A host's name has small letters, digits and hyphens, at most 15; "${host.name}" has not.`,
      );
    }
    while (host.number === undefined && used.has(next)) next += 1;
    const number = host.number ?? next;
    used.add(number);
    return {
      name: host.name,
      hostname: host.hostname ?? `${host.name}.${defaultHostDomain}`,
      suite: host.suite,
      image: host.image ?? "clean",
      hasIpv6: host.hasIpv6 ?? true,
      number,
      ...addressPair(number),
    };
  });
}

async function makeBridge(namespace: LabNamespace): Promise<void> {
  const last = [gatewayAddress, authorityAddress, resolverAddress];
  await namespace.must(["ip", "-batch", "-"], {
    input: [
      "link add lab0 type bridge",
      `link set lab0 address ${stableMac(ipv4Prefix)} up`,
      ...last.flatMap(({ ipv4, ipv6 }) => [
        `addr add ${ipv4}/24 dev lab0`,
        `addr add ${ipv6}/64 dev lab0 nodad`,
      ]),
      // Nothing leads out: a letter to the real world is refused at once instead of being lost.
      "route add unreachable default",
      "route add unreachable ::/0",
      "",
    ].join("\n"),
  });
}

/** A bridge takes over the lowest address of its ports unless it has one of its own; neighbours would notice. */
function stableMac(seed: string): string {
  const bytes = createHash("sha256").update(seed).digest().subarray(0, 5);
  return `02:${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
}

async function mountInfra(namespace: LabNamespace, image: Image): Promise<void> {
  const place = "/run/lab/infra";
  await namespace.must(["mkdir", "-p", `${place}/upper`, `${place}/work`, infraRoot]);
  const overlay = `lowerdir=${image.layers.join(":")},upperdir=${place}/upper,workdir=${place}/work`;
  await namespace.must(["mount", "-t", "overlay", "overlay", "-o", overlay, infraRoot]);
  await namespace.must(["mount", "--rbind", "/dev", `${infraRoot}/dev`]);
  await namespace.must(["mount", "-t", "proc", "proc", `${infraRoot}/proc`]);
  await namespace.must(["tee", `${infraRoot}/etc/resolv.conf`], {
    input: `nameserver ${resolverAddress.ipv4}\n`,
  });
}

async function publishHost(dns: LabDns, host: HostDescription): Promise<void> {
  const zones = await dns.zones();
  const zone = zones
    .filter((candidate) => candidate !== "." && `${host.hostname}.`.endsWith(`.${candidate}`))
    .sort((a, b) => b.length - a.length)[0];
  if (!zone) throw new LabError(`The lab has no zone for ${host.hostname}; name one in zones.`);
  await dns.setRecords(zone, [
    { name: host.hostname, type: "A", records: [host.ipv4] },
    { name: host.hostname, type: "AAAA", records: host.hasIpv6 ? [host.ipv6] : [] },
  ]);
  await dns.setReverse(host.ipv4, host.hostname);
  await dns.setReverse(host.ipv6, host.hasIpv6 ? host.hostname : undefined);
}

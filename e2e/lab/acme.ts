import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { acmeAddress, authorityAddress } from "./addresses.ts";
import type { Authority } from "./authority.ts";
import { LabError } from "./command.ts";
import type { LabDns } from "./dns-client.ts";
import type { LabNamespace } from "./namespace.ts";
import { openPortDoor } from "./relays.ts";
import { waitFor } from "./wait-for.ts";

export interface AcmeOptions {
  /** How long its certificates live. */
  readonly validitySeconds: number;
  /** Domains for whose names it issues nothing. */
  readonly blocked: readonly string[];
}

/** The lab's certificate authority as a test sees it. */
export interface LabAcme {
  readonly directoryUrl: string;
  /** PEM of the root that its certificates lead to; another one in each lab. */
  readonly issuingRoot: string;
  close(): Promise<void>;
}

const name = "acme.lab";
const managementPort = 15_000;
/** Of a hundred good nonces it refuses this many, as RFC 8555 §6.5 lets every authority do. */
const nonceRejectPercent = "15";

/**
 * Starts Pebble in strict mode, which takes nothing that RFC 8555 forbids. It asks the lab's name
 * servers, and its own server is trusted by the lab's root.
 */
export async function startAcme(
  input: { namespace: LabNamespace; root: string; folder: string; dns: LabDns; authority: Authority },
  { validitySeconds, blocked }: AcmeOptions,
): Promise<LabAcme> {
  const { namespace, root, folder, dns, authority } = input;
  const { ipv4, ipv6 } = acmeAddress;
  await namespace.must(["ip", "-batch", "-"], {
    input: `addr add ${ipv4}/24 dev lab0\naddr add ${ipv6}/64 dev lab0 nodad\n`,
  });
  await dns.setRecords("lab", [
    { name, type: "A", records: [ipv4] },
    { name, type: "AAAA", records: [ipv6] },
  ]);
  const place = join(namespace.path(root), "etc/pebble-lab");
  await mkdir(place, { recursive: true });
  const { certificate, key } = await authority.issue([name, ipv4]);
  await writeFile(join(place, "cert.pem"), certificate);
  await writeFile(join(place, "key.pem"), key);
  const pebble = {
    listenAddress: `${ipv4}:443`,
    managementListenAddress: `${ipv4}:${managementPort}`,
    certificate: "/etc/pebble-lab/cert.pem",
    privateKey: "/etc/pebble-lab/key.pem",
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
    domainBlocklist: blocked,
    retryAfter: { authz: 1, order: 1 },
    certificateValidityPeriod: validitySeconds,
  };
  await writeFile(join(place, "config.json"), JSON.stringify({ pebble }));
  namespace.start(
    [
      ...["chroot", root, "env", "PEBBLE_VA_NOSLEEP=1", `PEBBLE_WFE_NONCEREJECT=${nonceRejectPercent}`],
      ...["pebble", "-strict", "-config", "/etc/pebble-lab/config.json"],
      // Not the lab's resolver: what a look of ours has left in its cache is not in that of a real authority.
      ...["-dnsserver", `${authorityAddress.ipv4}:53`],
    ],
    join(folder, "pebble.log"),
  );
  const socketPath = join(folder, "acme-management.sock");
  const door = await openPortDoor(namespace, { socketPath, address: ipv4, port: managementPort });
  const issuingRoot = await waitFor("the lab's certificate authority", () =>
    readRoot(door.localPort, authority.root).catch(() => undefined),
  );
  // By address: a process in the lab's network that is none of its hosts asks the resolver of this machine for names.
  return { directoryUrl: `https://${ipv4}/dir`, issuingRoot, close: door.close };
}

function readRoot(port: number, trusted: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/roots/0", ca: trusted, servername: name };
    const call = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => {
        if (text.includes("BEGIN CERTIFICATE")) resolve(text);
        else reject(new LabError(`The lab's certificate authority shows no root: ${text}`));
      });
    });
    call.on("error", reject);
    call.end();
  });
}

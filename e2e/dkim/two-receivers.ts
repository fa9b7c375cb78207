import { addressPair } from "../lab/addresses.ts";
import type { Lab } from "../lab/lab.ts";
import type { PostConfig } from "./receiving-post.ts";
import { startScanner } from "./scanning-host.ts";

const receivers = [
  { name: "mailauth", domain: "mailauth.example", last: 25, resolverLast: 54 },
  { name: "rspamd", domain: "rspamd.example", last: 26, resolverLast: 55 },
] as const;

/** The host of the lab that lends its Rspamd to one of them. */
export const scannerName = "scan";
export const receiverZones = receivers.map(({ domain }) => domain);
export const receiverNames = receivers.map(({ name }) => name);
export const recipients = receivers.map(({ domain }) => `bob@${domain}`);

export interface TwoReceivers {
  readonly post: PostConfig;
  /** Addresses of the resolvers that the receivers ask, which remember as long as answers say. */
  readonly resolvers: readonly string[];
}

/** Prepares a receiver that checks with mailauth and one that checks with Rspamd, each with a resolver of its own. */
export async function openTwoReceivers(lab: Lab): Promise<TwoReceivers> {
  const opened = await Promise.all(
    receivers.map(async ({ name, domain, last, resolverLast }) => {
      const { ipv4: resolver } = await lab.startCachingResolver(resolverLast);
      const { ipv4, ipv6 } = addressPair(last);
      await lab.namespace.must(["ip", "-batch", "-"], {
        input: `addr add ${ipv4}/24 dev lab0\naddr add ${ipv6}/64 dev lab0 nodad\n`,
      });
      const hostname = `mx.${domain}`;
      await lab.dns.setRecords(domain, [
        { name: domain, type: "MX", records: [`10 ${hostname}.`] },
        { name: hostname, type: "A", records: [ipv4] },
        { name: hostname, type: "AAAA", records: [ipv6] },
      ]);
      const verifier =
        name === "rspamd"
          ? ({ kind: "rspamd", url: await startScanner(lab.host(scannerName), resolver) } as const)
          : ({ kind: "mailauth", resolver } as const);
      return { resolver, receiver: { name, hostname, addresses: [ipv4, ipv6], verifier } };
    }),
  );
  return {
    post: { receivers: opened.map(({ receiver }) => receiver) },
    resolvers: opened.map(({ resolver }) => resolver),
  };
}

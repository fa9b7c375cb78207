import type { TargetState } from "@mailstead/core/servers";
import { addDomain, addDomainServer, getDomain } from "@mailstead/services/domains";
import { createMailbox } from "@mailstead/services/mailboxes";
import { connectDns, getPublication, planPublication, publishPlan } from "@mailstead/services/publishing";
import { createTenant } from "@mailstead/services/tenants";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import { authorityAddress } from "../lab/addresses.ts";
import { apiKey, dnsApiPort } from "../lab/dns-client.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { parseZoneLines } from "../lab/zone-lines.ts";
import { query } from "../scene/database.ts";
import { installOn, type Place, untilQuiet } from "../scene/install-on.ts";
import { type Operator, openOperator } from "../scene/operator.ts";

export const senders = [
  { name: "mail1", suite: "bookworm" },
  { name: "mail2", suite: "trixie" },
] as const;
export const domainName = "alpha.example";

const password = "correct horse battery staple";

/** One domain whose mail leaves from several real hosts, all of them signing, with a real control plane. */
export interface SigningDomain {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly operator: Operator;
  readonly tenantId: string;
  readonly domainId: string;
  /** By the names of their hosts. */
  readonly serverIds: ReadonlyMap<string, string>;
  readonly account: { readonly address: string; readonly password: string };
  /** Stops the control plane; the lab is left to whoever opened it. */
  close(): Promise<void>;
}

export interface SigningDomainOptions {
  /** The hosts that sign, of which the first has the mailboxes. */
  readonly hosts: readonly { readonly name: string }[];
  /** How long the zone lets resolvers remember that a name does not exist. */
  readonly negativeTtlS: number;
  readonly log: (line: string) => void;
}

/** Starts a control plane in a lab that has the hosts and the zone, installs them all and has them sign for the domain. */
export async function openSigningDomain(lab: Lab, options: SigningDomainOptions): Promise<SigningDomain> {
  const controlPlane = await startControlPlane({ lab });
  const operator = await openOperator(controlPlane);
  await untilReleased(controlPlane);
  options.log("the control plane is up");
  const place = { lab, controlPlane, operator };
  const { tenantId } = await createTenant(operator.ctx, { name: "Bench" });
  const serverIds: string[] = [];
  for (const some of inPairs(options.hosts))
    serverIds.push(...(await Promise.all(some.map(({ name }) => installOn(place, { name, tenantId })))));
  options.log("all servers are installed");
  const domainId = await hostOnAll(operator, { tenantId, serverIds });
  const { address } = await createMailbox(operator.ctx, { domainId, localPart: "news", password });
  await untilKeysMade(place, domainId);
  await publishAll(place, { domainId, ...options });
  await untilSigning(place, { domainId, serverIds });
  options.log(`${domainName} signs on all servers`);
  return {
    ...place,
    tenantId,
    domainId,
    serverIds: new Map(options.hosts.map(({ name }, at) => [name, serverIds[at] ?? ""])),
    account: { address, password },
    close: async () => {
      await operator.close();
      await controlPlane.stop();
    },
  };
}

/** Two at a time: more only wait for each other. */
function inPairs<T>(things: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(things.length / 2) }, (_, at) => things.slice(2 * at, 2 * at + 2));
}

/** Gives the domain a home on the first server, and has the others send for it with keys of their own. */
async function hostOnAll(
  { ctx }: Operator,
  { tenantId, serverIds }: { tenantId: string; serverIds: readonly string[] },
): Promise<string> {
  const [first = "", ...others] = serverIds;
  const { domainId } = await addDomain(ctx, { tenantId, serverId: first, name: domainName });
  for (const serverId of others) await addDomainServer(ctx, { domainId, serverId, role: "sender" });
  return domainId;
}

async function untilKeysMade({ controlPlane }: Place, domainId: string): Promise<void> {
  const unmade = "select 1 from dkim_keys where domain_id = $1 and public_key is null";
  await waitFor("the hosts to report their keys", async () => {
    return (await query(controlPlane, unmade, [domainId])).length === 0;
  });
}

/** Connects the lab's PowerDNS as the customer's DNS provider, and publishes what the domain needs through it. */
async function publishAll(
  place: Place,
  { domainId, negativeTtlS }: { domainId: string; negativeTtlS: number },
): Promise<void> {
  const {
    lab,
    controlPlane,
    operator: { ctx },
  } = place;
  const soa = `ns.lab. hostmaster.lab. 1 3600 600 604800 ${negativeTtlS}`;
  await lab.dns.setRecords(domainName, [
    { name: domainName, type: "SOA", ttl: negativeTtlS, records: [soa] },
  ]);
  await connectDns(ctx, {
    label: "PowerDNS",
    settings: {
      provider: "powerdns",
      url: `http://${authorityAddress.ipv4}:${dnsApiPort}`,
      apiKey,
      serverId: "localhost",
    },
  });
  const connected = "select 1 from dns_connections where state = 'working'";
  await waitFor("the DNS provider to be connected", async () => {
    return (await query(controlPlane, connected)).length === 1;
  });
  const { publicationId } = await planPublication(ctx, { domainId });
  const untilIs = (state: string): Promise<true> =>
    waitFor(
      `the records to be ${state}`,
      async () => {
        const publication = await getPublication(ctx, { domainId });
        if (publication?.state === state) return true;
        throw new Error(JSON.stringify(publication));
      },
      { timeoutMs: 180_000 },
    );
  await untilIs("planned");
  await publishPlan(ctx, { publicationId });
  await untilIs("published");
  await lowerTtls(place, { domainId, ttlS: negativeTtlS });
}

/** As one does before a planned change of a zone: a rotation waits as long as the keys' records may be remembered. */
async function lowerTtls(
  { lab, operator }: Place,
  { domainId, ttlS }: { domainId: string; ttlS: number },
): Promise<void> {
  const { records } = await getDomain(operator.ctx, { domainId });
  const keys = records.filter(({ purpose }) => purpose === "dkim");
  const sets = parseZoneLines(keys.map(({ zoneFileLine }) => zoneFileLine).join("\n"));
  await lab.dns.setRecords(
    domainName,
    sets.map((set) => ({ ...set, ttl: ttlS })),
  );
}

async function untilSigning(
  { controlPlane }: Place,
  { domainId, serverIds }: { domainId: string; serverIds: readonly string[] },
): Promise<void> {
  // What "Check now" does, without a browser: it is the domain's turn at once.
  await query(controlPlane, "update domains set next_check_at = null where id = $1", [domainId]);
  await waitFor(
    "all servers to be told to sign",
    async () => {
      const targets = await Promise.all(serverIds.map((serverId) => readTarget(controlPlane, serverId)));
      return targets.every(({ domains }) =>
        domains.every(({ dkimKeys }) => dkimKeys.every(({ isSigning }) => isSigning)),
      );
    },
    { timeoutMs: 90_000 },
  );
  for (const serverId of serverIds) await untilQuiet(controlPlane, serverId);
}

async function readTarget(controlPlane: ControlPlane, serverId: string): Promise<TargetState> {
  const [row] = await query<{ document: string }>(
    controlPlane,
    "select document from target_states where server_id = $1 order by revision desc limit 1",
    [serverId],
  );
  return JSON.parse(row?.document ?? "") as TargetState;
}

import { installAgent } from "../agent/agent-host.ts";
import type { TestGateway } from "../agent/test-gateway.ts";
import type { Lab } from "../lab/lab.ts";
import { quoteText } from "../lab/receivers/profiles.ts";
import { MailHost, mailboxEntry } from "./mail-host.ts";

/** Mailboxes that every case may use. */
const localParts = ["ann", "bob", "carol", "dora", "postmaster"] as const;

export interface MailHostPlan {
  hostName: string;
  domain: string;
  otherDomain: string;
}

/** Has the real agent install a server with two domains and some mailboxes, and publishes its records. */
export async function openMailHost(
  input: { lab: Lab; gateway: TestGateway; agentPath: string },
  plan: MailHostPlan,
): Promise<MailHost> {
  const { lab, gateway, agentPath } = input;
  const host = lab.host(plan.hostName);
  const agent = await installAgent({ host, gateway, agentPath });
  const server = new MailHost({
    lab,
    host,
    gateway,
    agent,
    domain: plan.domain,
    otherDomain: plan.otherDomain,
  });
  await server.converge();
  await server.setEntries(
    { kind: "domain", name: plan.domain } as never,
    { kind: "domain", name: plan.otherDomain } as never,
    ...localParts.map((localPart) => mailboxEntry(`${localPart}@${plan.domain}`)),
  );
  await publishRecords(server);
  return server;
}

async function publishRecords(server: MailHost): Promise<void> {
  const { agent, target, lab } = server;
  const report = await server.waitFor("the report with the public keys", async () =>
    agent.report !== null && agent.report.dkimPublicKeys.length === 4 ? agent.report : undefined,
  );
  for (const { name } of target.domains) {
    const text = (recordName: string, value: string) => ({
      name: recordName,
      type: "TXT",
      records: [quoteText(value)],
    });
    await lab.dns.setRecords(name, [
      { name, type: "MX", records: [`10 ${target.hostname}.`] },
      text(name, "v=spf1 mx -all"),
      text(`_dmarc.${name}`, "v=DMARC1; p=reject"),
      ...report.dkimPublicKeys
        .filter((key) => key.domain === name)
        .map((key) =>
          text(
            `${key.selector}._domainkey.${name}`,
            `v=DKIM1; k=${key.algorithm === "ed25519" ? "ed25519" : "rsa"}; p=${key.publicKey}`,
          ),
        ),
    ]);
  }
  const { ipv4, ipv6, hostname } = server.host.description;
  const zone = target.domains.find(({ name }) => hostname.endsWith(`.${name}`))?.name;
  if (zone !== undefined)
    await lab.dns.setRecords(zone, [
      { name: hostname, type: "TXT", records: [quoteText(`v=spf1 ip4:${ipv4} ip6:${ipv6} -all`)] },
    ]);
}

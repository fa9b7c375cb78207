import { createHash, X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { SMTPServer } from "smtp-server";
import { gatewayAddress } from "../lab/addresses.ts";
import type { Lab } from "../lab/lab.ts";
import { quoteText } from "../lab/receivers/profiles.ts";

/** A signed zone and one that is not, both of receivers whose mail goes to one exchanger. */
const signedZone = "transit.example";
export const unsignedZone = "plain.example";

interface SecuredDomain {
  readonly domain: string;
  readonly exchange: string;
  readonly tlsa?: "right" | "wrong";
  /** Hosts that its MTA-STS policy allows, which is enforced. */
  readonly policyHosts?: readonly string[];
}

const named = (name: string): string => `${name}.${signedZone}`;

/** The exchanger's certificate names every exchange but `unnamed`. */
const securedDomains = {
  rightTlsa: {
    domain: named("right"),
    exchange: named("mx-right"),
    tlsa: "right",
    // Nothing that is delivered here may have heard of this policy: DANE goes before it.
    policyHosts: [named("elsewhere")],
  },
  wrongTlsa: { domain: named("wrong"), exchange: named("mx-wrong"), tlsa: "wrong" },
  unsigned: { domain: unsignedZone, exchange: `mx.${unsignedZone}`, tlsa: "wrong" },
  goodPolicy: { domain: named("sts"), exchange: named("mx-sts"), policyHosts: [named("mx-sts")] },
  badCertificate: {
    domain: named("sts-cert"),
    exchange: named("unnamed"),
    policyHosts: [named("unnamed")],
  },
  // Nothing of it is in order, neither its TLSA record nor its policy.
  broken: {
    domain: named("broken"),
    exchange: named("mx-broken"),
    tlsa: "wrong",
    policyHosts: [named("elsewhere")],
  },
  badExchange: { domain: named("sts-mx"), exchange: named("mx-other"), policyHosts: [named("elsewhere")] },
} as const satisfies Record<string, SecuredDomain>;

export type SecuredDomains = typeof securedDomains;

export interface SecuredExchanger {
  readonly domains: SecuredDomains;
  readonly mails: readonly { recipients: readonly string[]; isEncrypted: boolean; text: string }[];
}

const opened = new WeakMap<Lab, Promise<SecuredExchanger>>();

/** The exchanger of a lab: it is opened once and lives as long as the lab. */
export function securedExchanger(lab: Lab): Promise<SecuredExchanger> {
  const known = opened.get(lab) ?? open(lab);
  opened.set(lab, known);
  return known;
}

async function open(lab: Lab): Promise<SecuredExchanger> {
  const domains: readonly SecuredDomain[] = Object.values(securedDomains);
  const { certificate, key } = await lab.authority.issue([
    ...domains
      .map(({ exchange }) => exchange)
      .filter((name) => name !== securedDomains.badCertificate.exchange),
    ...domains.map(({ domain }) => `mta-sts.${domain}`),
  ]);
  const mails: SecuredExchanger["mails"][number][] = [];
  const smtp = new SMTPServer({
    name: securedDomains.rightTlsa.exchange,
    cert: certificate,
    key,
    disabledCommands: ["AUTH"],
    disableReverseLookup: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ recipients, isEncrypted: session.secure, text: Buffer.concat(chunks).toString("utf8") });
        done();
      });
    },
  });
  smtp.on("error", () => undefined); // A client that does not like the certificate hangs up.
  const web = createServer({ cert: certificate, key }, (request, response) => {
    const found = domains.find(({ domain }) => request.headers.host === `mta-sts.${domain}`);
    if (found?.policyHosts === undefined || request.url !== "/.well-known/mta-sts.txt")
      return response.writeHead(404).end();
    const lines = ["version: STSv1", "mode: enforce", "max_age: 86400"];
    lines.push(...found.policyHosts.map((host) => `mx: ${host}`));
    return response.writeHead(200, { "content-type": "text/plain" }).end(`${lines.join("\r\n")}\r\n`);
  });
  await Promise.all([
    lab.expose({ labPort: 25, hostPort: await listen(smtp.server) }),
    lab.expose({ labPort: 443, hostPort: await listen(web) }),
    publish(lab, domains, certificate),
  ]);
  return { domains: securedDomains, mails };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    server.unref();
  });
}

async function publish(lab: Lab, domains: readonly SecuredDomain[], certificate: string): Promise<void> {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  const digests = { right: createHash("sha256").update(spki).digest("hex"), wrong: "00".repeat(32) };
  const recordsOf = ({ domain, exchange, tlsa, policyHosts }: SecuredDomain) => [
    { name: domain, type: "MX", records: [`10 ${exchange}.`] },
    { name: exchange, type: "A", records: [gatewayAddress.ipv4] },
    ...(tlsa === undefined
      ? []
      : [{ name: `_25._tcp.${exchange}`, type: "TLSA", records: [`3 1 1 ${digests[tlsa]}`] }]),
    ...(policyHosts === undefined
      ? []
      : [
          { name: `_mta-sts.${domain}`, type: "TXT", records: [quoteText("v=STSv1; id=1")] },
          { name: `mta-sts.${domain}`, type: "A", records: [gatewayAddress.ipv4] },
        ]),
  ];
  for (const zone of [signedZone, unsignedZone])
    await lab.dns.addZone(
      zone,
      domains.filter(({ domain }) => domain === zone || domain.endsWith(`.${zone}`)).flatMap(recordsOf),
      { signed: zone === signedZone },
    );
}

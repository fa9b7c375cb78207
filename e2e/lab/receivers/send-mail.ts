import type { Resolver } from "node:dns/promises";
import nodemailer from "nodemailer";
import { receiverAddresses } from "../addresses.ts";
import type { OutgoingMail, SendResult } from "./mail-log.ts";
import { dkimSelector, receiverProfiles } from "./profiles.ts";

/** Sends one letter from a receiver's own domain to whatever MX the lab's DNS names, once and without a queue. */
export async function sendMail(
  mail: OutgoingMail,
  means: { readonly resolver: Resolver; readonly dkimPrivateKey: string; readonly rootCertificate: string },
): Promise<SendResult> {
  const domain = mail.from.slice(mail.from.lastIndexOf("@") + 1);
  const profile = receiverProfiles.find((candidate) => candidate.domains.includes(domain));
  if (!profile) throw new Error(`${domain} is not a domain of one of the lab's receivers.`);
  const target = await findServer(mail, means.resolver);
  if (!target) return { code: 550, text: `${mail.to}: no mail server found`, server: undefined };

  const own = receiverAddresses[profile.name];
  const transport = nodemailer.createTransport({
    host: target.address,
    port: 25,
    name: profile.hostname,
    localAddress: target.address.includes(":") ? own.ipv6 : own.ipv4,
    tls: { servername: target.name, rejectUnauthorized: false, ca: means.rootCertificate },
    connectionTimeout: 10_000,
    greetingTimeout: 30_000,
    ...(mail.isSigned === false
      ? {}
      : { dkim: { domainName: domain, keySelector: dkimSelector, privateKey: means.dkimPrivateKey } }),
  });
  const server = `${target.name} [${target.address}]`;
  try {
    const sent = await transport.sendMail({
      envelope: { from: mail.envelopeSender ?? mail.from, to: [mail.to] },
      ...(mail.raw === undefined
        ? { from: mail.from, to: mail.to, subject: mail.subject ?? "A letter", text: mail.text ?? "Hello.\n" }
        : { raw: mail.raw }),
    });
    return { code: Number(sent.response.slice(0, 3)), text: sent.response, server };
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const code = "responseCode" in cause && typeof cause.responseCode === "number" ? cause.responseCode : 421;
    const text = "response" in cause && typeof cause.response === "string" ? cause.response : cause.message;
    return { code, text, server };
  } finally {
    transport.close();
  }
}

async function findServer(
  mail: OutgoingMail,
  resolver: Resolver,
): Promise<{ name: string; address: string } | undefined> {
  const domain = mail.to.slice(mail.to.lastIndexOf("@") + 1);
  const found = await resolver.resolveMx(domain).catch(() => []);
  // RFC 5321 §5.1: a name without MX records receives its mail itself.
  const exchanges = found.length > 0 ? found : [{ exchange: domain, priority: 0 }];
  for (const { exchange } of exchanges.sort((a, b) => a.priority - b.priority)) {
    const ipv6 = mail.family === 4 ? [] : await resolver.resolve6(exchange).catch(() => []);
    const ipv4 = mail.family === 6 ? [] : await resolver.resolve4(exchange).catch(() => []);
    const address = [...ipv4, ...ipv6][0];
    if (address) return { name: exchange, address };
  }
  return undefined;
}

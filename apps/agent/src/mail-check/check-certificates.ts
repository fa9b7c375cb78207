import { X509Certificate } from "node:crypto";
import { servedCertificates } from "@mailstead/core/mail-flow";
import type { TargetState } from "@mailstead/core/servers";
import type { HealthCheck } from "@mailstead/core/updates";
import { readChain } from "../apply/check-certificate.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { ImapClient } from "../platform/imap-client.ts";
import { MailSocket, MailTrouble } from "../platform/mail-socket.ts";
import { SmtpClient } from "../platform/smtp-client.ts";
import { expectReply } from "../platform/smtp-conversation.ts";
import { badCheck, okCheck } from "./health-checks.ts";
import { answerWithinMs, anyTls, type MailDoors, wordsOfTrouble } from "./mail-doors.ts";

// A host with hundreds of names is judged by some of them; each name's file is served in the same way.
const namesMax = 10;
// Each is a process of Dovecot or Postfix for a moment.
const atOnceMax = 4;

interface Showing {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  /** Asks for the certificate in DER. Throws MailTrouble. */
  readonly ask: () => Promise<Buffer | null>;
}

/**
 * Whether each port serves, to whoever asks for a name, the certificate that lies on disk for it: the one that was issued,
 * for that name, and valid now.
 */
export async function checkCertificates(
  host: Host,
  { target, doors }: { target: TargetState; doors: MailDoors },
): Promise<HealthCheck> {
  const showings = showingsOf(target, doors);
  const waiting = [...showings];
  const problems: { port: number; name: string; words: string }[] = [];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const words = await problemOf(host, { showing: one, target });
      if (words !== null) problems.push({ port: one.port, name: one.name, words });
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, work));
  const ports = [...new Set(showings.map(({ port }) => port))].join(", ");
  const names = new Set(showings.map(({ name }) => name)).size;
  if (problems.length === 0)
    return okCheck(
      "certificate",
      `The certificate in force is served on ${ports}${names > 1 ? `, for ${names} names` : ""}.`,
    );
  return badCheck(
    "certificate",
    `${problems.map(({ port, name, words }) => `Port ${port}, asked for ${name}, ${words}`).join("; ")}.`,
    problems.map(({ port, name }) => `${port} ${name}`),
  );
}

function showingsOf(target: TargetState, doors: MailDoors): readonly Showing[] {
  const { host: own, byName, issued } = servedCertificates(target);
  const { hostname, web } = target;
  const path = own.certificatePath;
  const hasIssued = issued.some(({ names }) => names.includes(hostname));
  return [
    ...[doors.smtp, doors.submission].map((port) => ({
      ...{ name: hostname, port, path },
      ask: () => askStartTls(doors.address, { port, name: hostname }),
    })),
    ...[
      { name: hostname, path },
      ...byName.slice(0, namesMax).map(({ name, certificatePath }) => ({ name, path: certificatePath })),
    ].flatMap(({ name, path: of }) => [
      {
        ...{ name, port: doors.submissions, path: of },
        ask: () => askTls(SmtpClient, doors.address, { port: doors.submissions, name }),
      },
      {
        ...{ name, port: doors.imaps, path: of },
        ask: () => askTls(ImapClient, doors.address, { port: doors.imaps, name }),
      },
    ]),
    // Without a certificate for its name there is no page of the host.
    ...(web.isEnabled && hasIssued
      ? [
          {
            ...{ name: hostname, port: doors.web, path },
            ask: () => askTls(MailSocket, doors.address, { port: doors.web, name: hostname }),
          },
        ]
      : []),
  ];
}

interface Question {
  readonly port: number;
  readonly name: string;
}

interface Shower {
  peerCertificate(): Buffer | null;
  close(): void;
}

async function askTls(
  client: { connect(door: Parameters<typeof MailSocket.connect>[0]): Promise<Shower> },
  host: string,
  { port, name }: Question,
): Promise<Buffer | null> {
  const open = await client.connect({ host, port, tls: anyTls(name), answerWithinMs });
  const shown = open.peerCertificate();
  open.close();
  return shown;
}

async function askStartTls(host: string, { port, name }: Question): Promise<Buffer | null> {
  const client = await SmtpClient.connect({ host, port, tls: null, answerWithinMs });
  try {
    expectReply(await client.read(), 220, "greets with");
    expectReply(await client.ask(`EHLO ${name}`), 250, "answers EHLO with");
    expectReply(await client.ask("STARTTLS"), 220, "answers STARTTLS with");
    await client.startTls(anyTls(name));
    return client.peerCertificate();
  } finally {
    client.close();
  }
}

async function problemOf(
  host: Host,
  { showing: { name, path, ask }, target }: { showing: Showing; target: TargetState },
): Promise<string | null> {
  let der: Buffer | null;
  try {
    der = await ask();
  } catch (error) {
    if (error instanceof MailTrouble) return wordsOfTrouble(error);
    throw error;
  }
  if (der === null) return "shows no certificate";
  const shown = new X509Certificate(der);
  const text = await readTextIfExists(host.path(path));
  if (text === null) return `shows a certificate, but ${path} is missing`;
  const kept = ownOf(text);
  if (kept === null) return `shows a certificate, but ${path} holds none`;
  const print = (one: X509Certificate) => one.fingerprint256.slice(0, 23);
  if (shown.fingerprint256 !== kept.fingerprint256)
    return `shows a certificate with the fingerprint ${print(shown)}… while ${path} holds ${print(kept)}…`;
  const ordered = issuedFor(target, name);
  if (ordered !== null && ordered.fingerprint256 !== shown.fingerprint256)
    return `shows another certificate than was issued: ${print(shown)}… instead of ${print(ordered)}…`;
  if (shown.checkHost(name) === undefined)
    return `shows a certificate that is not for this name (${shown.subject})`;
  if (Date.parse(shown.validTo) <= host.nowUnixMs())
    return `shows a certificate that ended at ${shown.validTo}`;
  if (Date.parse(shown.validFrom) > host.nowUnixMs())
    return `shows a certificate that begins at ${shown.validFrom}`;
  return null;
}

/** What a CA issued for the name; null while the host signs for itself. */
function issuedFor(target: TargetState, name: string): X509Certificate | null {
  const paths = servedCertificates(target);
  const of = paths.byName.find((one) => one.name === name) ?? paths.host;
  const found = target.certificates.find(({ id }) => of.certificatePath.includes(`/${id}/`));
  return found?.issued ? ownOf(found.issued.chain) : null;
}

function ownOf(chain: string): X509Certificate | null {
  try {
    return readChain(chain)[0];
  } catch {
    // What cannot be read as a certificate is none, which the caller says.
    return null;
  }
}

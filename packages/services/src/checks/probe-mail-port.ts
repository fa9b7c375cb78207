import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { CertificateFacts, MailPort, PortFacts, RecipientReply } from "@mailstead/core/checks";
import { shownCertificate } from "../dns/index.ts";
import { SmtpDialogue } from "./smtp-dialogue.ts";

export interface MailPortAddress {
  address: string;
  /** The service that is looked at. */
  port: MailPort;
  /** Where it listens; another than `port` only in tests. */
  listensOn: number;
  /** The name that the server ought to have, sent with TLS so that it shows the right certificate. */
  hostname: string;
  /** Who looks, said in EHLO. */
  probeName: string;
  /** Authorities to trust besides the machine's own. */
  ca?: string;
  /** Addresses that must take mail, asked for on port 25. */
  recipients?: readonly string[];
  /** A host that we do not look after: nothing beyond its greeting and its TLS is tried there. */
  isForeign?: true;
}

/** The port could not be connected to. */
interface Unreachable {
  port: MailPort;
  kind: "refused" | "silent";
  problem: string;
  /** Whether this machine has no way to addresses of that family. */
  isWithoutRoute: boolean;
}

const connectTimeoutMs = 10_000;
// A receiver may let a stranger wait before it greets; RFC 5321 §4.5.3.2 allows minutes, which no check waits for.
const sessionTimeoutMs = 30_000;
const implicitTlsPorts: readonly MailPort[] = [465, 993];
const withoutRouteCodes = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];
// Names that IANA keeps for documentation (RFC 2606): nobody there gets mail, should a relay take it.
const strangers = { from: "relay-test@example.org", to: "relay-test@example.com" };

/**
 * Looks at one port as a stranger does: its greeting, its TLS, its certificate, and on port 25 whether it would take
 * a stranger's mail for another stranger. Sends no message. Never throws for what the network does.
 */
export async function probeMailPort(target: MailPortAddress): Promise<PortFacts | Unreachable> {
  let socket: Socket;
  try {
    socket = await open(target);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    return {
      port: target.port,
      kind: code === "ECONNREFUSED" ? "refused" : "silent",
      problem: cause instanceof Error ? cause.message : String(cause),
      isWithoutRoute: withoutRouteCodes.includes(code),
    };
  }
  const timer = setTimeout(() => socket.destroy(new Error("the session took too long")), sessionTimeoutMs);
  try {
    return implicitTlsPorts.includes(target.port)
      ? await lookThroughTls(socket, target)
      : await lookThroughSmtp(socket, target);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** A connection in which the server waits for TLS to begin. Rejects when it offers none. */
export async function openBeforeTls(target: MailPortAddress): Promise<Socket> {
  const socket = await open(target);
  if (implicitTlsPorts.includes(target.port)) return socket;
  const timer = setTimeout(() => socket.destroy(new Error("the session took too long")), sessionTimeoutMs);
  try {
    const plain = new SmtpDialogue(socket);
    await plain.reply();
    await plain.say(`EHLO ${target.probeName}`);
    const go = await plain.say("STARTTLS");
    if (!go.isPositive) throw new Error(`STARTTLS is answered ${go.text}`);
    plain.release();
    return socket;
  } catch (cause) {
    socket.destroy();
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

function open({ address, listensOn }: MailPortAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: listensOn, timeout: connectTimeoutMs });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once("timeout", () =>
      socket.destroy(new Error(`nothing answered within ${connectTimeoutMs / 1000} s`)),
    );
    // Stays, so that what the server does later ends the session and not the process.
    socket.on("error", reject);
  });
}

async function lookThroughTls(socket: Socket, target: MailPortAddress): Promise<PortFacts> {
  const tls = await startTls(socket, target);
  return {
    port: target.port,
    kind: "open",
    greetingName: null,
    relayReply: null,
    recipients: [],
    ...shownBy(tls),
  };
}

async function lookThroughSmtp(socket: Socket, target: MailPortAddress): Promise<PortFacts> {
  const facts = {
    port: target.port,
    kind: "open" as const,
    greetingName: null,
    relayReply: null,
    recipients: [],
  };
  const plain = new SmtpDialogue(socket);
  try {
    const greeting = await plain.reply();
    if (!greeting.isPositive) {
      await plain.quit();
      const tlsProblem = `this machine is turned away: ${greeting.code} ${greeting.text}`;
      return {
        ...facts,
        greetingName: nameIn(greeting.text),
        isTurnedAway: true,
        certificate: null,
        tlsProblem,
      };
    }
    const hello = await plain.say(`EHLO ${target.probeName}`);
    const greetingName = nameIn(greeting.text) ?? nameIn(hello.text);
    if (!/^STARTTLS$/im.test(hello.text)) {
      const relayReply = await tryRelay(plain, target);
      const recipients = await tryRecipients(plain, target);
      await plain.quit();
      return {
        ...facts,
        greetingName,
        relayReply,
        recipients,
        certificate: null,
        tlsProblem: "STARTTLS is not offered",
      };
    }
    const go = await plain.say("STARTTLS");
    if (!go.isPositive)
      return { ...facts, greetingName, certificate: null, tlsProblem: `STARTTLS is answered ${go.text}` };
    plain.release();
    const tls = await startTls(socket, target);
    if ("problem" in tls) return { ...facts, greetingName, ...shownBy(tls) };
    const secured = new SmtpDialogue(tls.socket);
    await secured.say(`EHLO ${target.probeName}`);
    const relayReply = await tryRelay(secured, target);
    const recipients = await tryRecipients(secured, target);
    await secured.quit();
    return { ...facts, greetingName, relayReply, recipients, ...shownBy(tls) };
  } catch (cause) {
    return {
      ...facts,
      certificate: null,
      tlsProblem: cause instanceof Error ? cause.message : String(cause),
    };
  }
}

/** No message follows, so that nothing is sent even where a relay is open. */
async function tryRelay(
  dialogue: SmtpDialogue,
  { port, isForeign }: MailPortAddress,
): Promise<{ isAccepted: boolean; text: string } | null> {
  if (port !== 25 || isForeign === true) return null;
  const sender = await dialogue.say(`MAIL FROM:<${strangers.from}>`);
  if (!sender.isPositive) return { isAccepted: false, text: sender.text };
  const recipient = await dialogue.say(`RCPT TO:<${strangers.to}>`);
  await dialogue.say("RSET");
  return { isAccepted: recipient.isPositive, text: `RCPT TO:<${strangers.to}> ${recipient.text}` };
}

/** Asks as a bounce would, because whoever refuses bounces to these refuses what they are for. What breaks off says no more. */
async function tryRecipients(
  dialogue: SmtpDialogue,
  { port, recipients = [] }: MailPortAddress,
): Promise<RecipientReply[]> {
  const replies: RecipientReply[] = [];
  if (port !== 25 || recipients.length === 0) return replies;
  try {
    const sender = await dialogue.say("MAIL FROM:<>");
    for (const address of sender.isPositive ? recipients : []) {
      const { code, isPositive, text } = await dialogue.say(`RCPT TO:<${address}>`);
      const kind = isPositive ? "accepted" : code >= 500 ? "refused" : "deferred";
      replies.push({ address, kind, text: `${code} ${text}` });
    }
    await dialogue.say("RSET");
  } catch {
    // The session ended: what was heard before stays true.
  }
  return replies;
}

type StartedTls = { socket: TLSSocket; certificate: CertificateFacts } | { problem: string };

function startTls(socket: Socket, { hostname, ca }: MailPortAddress): Promise<StartedTls> {
  return new Promise((resolve) => {
    const tls = connectTls({
      socket,
      servername: hostname,
      // A certificate that nobody trusts is looked at all the same; its names are judged apart from its chain.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(ca === undefined ? {} : { ca }),
    });
    tls.once("secureConnect", () => resolve({ socket: tls, certificate: shownCertificate(tls) }));
    tls.on("error", (cause) => resolve({ problem: `TLS failed: ${cause.message}` }));
    socket.once("close", () => resolve({ problem: "the server ended the connection before TLS began" }));
  });
}

function shownBy(tls: StartedTls): { certificate: CertificateFacts | null; tlsProblem: string | null } {
  return "problem" in tls
    ? { certificate: null, tlsProblem: tls.problem }
    : { certificate: tls.certificate, tlsProblem: null };
}

/** The name that follows the code in a greeting (RFC 5321 §4.2). */
function nameIn(text: string): string | null {
  return /^\s*([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z0-9-]+|localhost)\b/.exec(text)?.[1] ?? null;
}

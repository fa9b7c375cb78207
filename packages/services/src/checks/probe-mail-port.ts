import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { CertificateFacts, MailPort, PortFacts } from "@mailstead/core/checks";
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
  return { port: target.port, kind: "open", greetingName: null, relayReply: null, ...shownBy(tls) };
}

async function lookThroughSmtp(socket: Socket, target: MailPortAddress): Promise<PortFacts> {
  const facts = { port: target.port, kind: "open" as const, greetingName: null, relayReply: null };
  const plain = new SmtpDialogue(socket);
  try {
    const greeting = await plain.reply();
    const hello = await plain.say(`EHLO ${target.probeName}`);
    const greetingName = nameIn(greeting.text) ?? nameIn(hello.text);
    if (!/^STARTTLS$/im.test(hello.text)) {
      const relayReply = await tryRelay(plain, target);
      await plain.quit();
      return { ...facts, greetingName, relayReply, certificate: null, tlsProblem: "STARTTLS is not offered" };
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
    await secured.quit();
    return { ...facts, greetingName, relayReply, ...shownBy(tls) };
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
  { port }: MailPortAddress,
): Promise<{ isAccepted: boolean; text: string } | null> {
  if (port !== 25) return null;
  const sender = await dialogue.say(`MAIL FROM:<${strangers.from}>`);
  if (!sender.isPositive) return { isAccepted: false, text: sender.text };
  const recipient = await dialogue.say(`RCPT TO:<${strangers.to}>`);
  await dialogue.say("RSET");
  return { isAccepted: recipient.isPositive, text: `RCPT TO:<${strangers.to}> ${recipient.text}` };
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
    tls.once("secureConnect", () => resolve({ socket: tls, certificate: certificateOf(tls) }));
    tls.on("error", (cause) => resolve({ problem: `TLS failed: ${cause.message}` }));
    socket.once("close", () => resolve({ problem: "the server ended the connection before TLS began" }));
  });
}

function certificateOf(tls: TLSSocket): CertificateFacts {
  const shown = tls.getPeerCertificate();
  const issuer = shown.issuer as { O?: string; CN?: string } | undefined;
  const names = (shown.subjectaltname ?? "")
    .split(", ")
    .flatMap((entry) => (entry.startsWith("DNS:") ? [entry.slice(4)] : []));
  return {
    names,
    issuer: [issuer?.O, issuer?.CN].filter((part) => part !== undefined).join(", "),
    expiresAt: new Date(shown.valid_to ?? 0),
    untrusted: tls.authorized ? null : String(tls.authorizationError),
  };
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

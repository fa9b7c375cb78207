import type { Resolver } from "node:dns/promises";
import { authenticate } from "mailauth";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import { receiverAddresses } from "../addresses.ts";
import type { LogEntry, ReceivedMail } from "./mail-log.ts";
import type { ReceiverPolicy } from "./policy.ts";
import type { ReceiverProfile } from "./profiles.ts";
import type { AuthenticationFacts, SmtpReply, Stage } from "./reply.ts";
import { judgeConnection, judgeMessage, judgeRecipient, judgeSender } from "./verdict.ts";

export interface SmtpReceiverInput {
  readonly profile: ReceiverProfile;
  readonly resolver: Resolver;
  readonly tls: { readonly cert: string; readonly key: string };
  /** Asked anew for each decision, so that a test's change counts at once. */
  readonly policy: () => ReceiverPolicy;
  readonly onLog: (entry: LogEntry) => void;
  readonly onMail: (mail: ReceivedMail) => void;
}

const sizeLimitBytes = 30 * 1024 ** 2;

/** Listens on port 25 of the receiver's two addresses. Resolves when both are bound. */
export async function startSmtpReceiver(input: SmtpReceiverInput): Promise<void> {
  const { ipv4, ipv6 } = receiverAddresses[input.profile.name];
  const isBound = (host: string): Promise<void> => {
    const server = makeServer(input);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(25, host, () => {
        server.off("error", reject);
        // A client that resets its connection is its own affair.
        server.on("error", () => undefined);
        resolve();
      });
    });
  };
  await Promise.all([isBound(ipv4), isBound(ipv6)]);
}

function makeServer(input: SmtpReceiverInput): SMTPServer {
  const { profile, policy } = input;
  const taken: { client: string; atMs: number }[] = [];
  const takenLastMinute = (client: string): number =>
    taken.filter((one) => one.client === client && one.atMs > Date.now() - 60_000).length;

  const firstTries = new Map<string, number>();
  const sinceFirstTry = (session: SMTPServerSession, recipient: string): number => {
    const sender = session.envelope?.mailFrom ? session.envelope.mailFrom.address : "";
    const key = `${session.remoteAddress} ${sender} ${recipient}`.toLowerCase();
    const at = firstTries.get(key) ?? Date.now();
    firstTries.set(key, at);
    return Date.now() - at;
  };

  const log = (session: SMTPServerSession, stage: Stage, reply: SmtpReply): void =>
    input.onLog({
      at: new Date().toISOString(),
      receiver: profile.name,
      client: session.remoteAddress,
      helo: session.hostNameAppearsAs || "",
      stage,
      sender: session.envelope?.mailFrom ? session.envelope.mailFrom.address : "",
      recipients: session.envelope?.rcptTo.map((recipient) => recipient.address) ?? [],
      reply,
    });

  return new SMTPServer({
    name: profile.hostname,
    banner: "ESMTP",
    cert: input.tls.cert,
    key: input.tls.key,
    size: sizeLimitBytes,
    disabledCommands: ["AUTH"],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    logger: false,
    onConnect(session, done) {
      const reply = judgeConnection(profile.name, policy(), { address: session.remoteAddress });
      if (reply) log(session, "connect", reply);
      done(reply && smtpError(reply));
    },
    onMailFrom(_address, session, done) {
      const client = {
        address: session.remoteAddress,
        takenLastMinute: takenLastMinute(session.remoteAddress),
        isEncrypted: session.secure,
      };
      const reply = judgeSender(profile.name, policy(), client);
      if (reply) log(session, "sender", reply);
      done(reply && smtpError(reply));
    },
    onRcptTo(address, session, done) {
      const domain = address.address.slice(address.address.lastIndexOf("@") + 1).toLowerCase();
      const reply = profile.domains.includes(domain)
        ? judgeRecipient(profile.name, policy(), {
            address: address.address,
            client: { address: session.remoteAddress },
            firstTriedMs: sinceFirstTry(session, address.address),
          })
        : { code: 550, text: [`5.7.1 Relaying denied for ${domain}`] };
      if (reply) log(session, "recipient", reply);
      done(reply && smtpError(reply));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", done);
      stream.on("end", () => {
        judge(Buffer.concat(chunks), session).then(
          (reply) => {
            log(session, "message", reply);
            if (reply.code < 400) taken.push({ client: session.remoteAddress, atMs: Date.now() });
            if (reply.code < 400) done(null, reply.text.join(" "));
            else done(smtpError(reply));
          },
          (cause: unknown) => done(smtpError({ code: 451, text: [`4.3.0 ${String(cause)}`] })),
        );
      });
    },
  });

  async function judge(raw: Buffer, session: SMTPServerSession): Promise<SmtpReply> {
    const client = session.remoteAddress;
    const hasReverseName = await isForwardConfirmed(input.resolver, client);
    const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
    const facts = await lookAt(raw, { ...input, client, sender, helo: session.hostNameAppearsAs || "" });
    const reply = judgeMessage(profile.name, policy(), {
      client: { address: client },
      hasReverseName,
      facts,
      raw: raw.toString("utf8"),
    });
    if (reply) return reply;
    input.onMail({
      at: new Date().toISOString(),
      receiver: profile.name,
      client,
      helo: session.hostNameAppearsAs || "",
      hasReverseName,
      isEncrypted: session.secure,
      sender,
      recipients: session.envelope.rcptTo.map((recipient) => recipient.address),
      facts,
      raw: raw.toString("utf8"),
    });
    return { code: 250, text: [`2.0.0 OK ${session.id}`] };
  }
}

async function lookAt(
  raw: Buffer,
  input: { resolver: Resolver; profile: ReceiverProfile; client: string; sender: string; helo: string },
): Promise<AuthenticationFacts> {
  const result = await authenticate(raw, {
    ip: input.client,
    helo: input.helo,
    sender: input.sender,
    mta: input.profile.hostname,
    disableBimi: true,
    resolver: (name, type) => input.resolver.resolve(name, type as "TXT"),
  });
  return {
    spf: result.spf ? result.spf.status.result : "none",
    spfDomain: result.spf ? result.spf.domain : "",
    dkim: result.dkim.results
      .filter((signature) => signature.status.result !== "none")
      .map((signature) => ({
        result: signature.status.result,
        domain: signature.signingDomain ?? "",
        selector: signature.selector ?? "",
        algorithm: signature.algo ?? "",
        comment: signature.status.comment || "",
      })),
    dmarc: result.dmarc ? result.dmarc.status.result : "none",
    dmarcPolicy: result.dmarc ? result.dmarc.policy : "none",
    headerFrom: result.dkim.headerFrom?.[0]?.split("@").pop() ?? "",
  };
}

/** True when a name of the address leads back to it (RFC 8601 §2.7.3, "iprev"). */
async function isForwardConfirmed(resolver: Resolver, address: string): Promise<boolean> {
  const names = await resolver.reverse(address).catch(() => []);
  const forward = async (name: string): Promise<string[]> =>
    address.includes(":") ? resolver.resolve6(name) : resolver.resolve4(name);
  for (const name of names) {
    if ((await forward(name).catch((): string[] => [])).includes(address)) return true;
  }
  return false;
}

function smtpError(reply: SmtpReply): Error {
  const error = new Error(reply.text[0]);
  // smtp-server writes a list as a reply of several lines, which a message of type string cannot be.
  const message = reply.text.length > 1 ? reply.text : reply.text[0];
  return Object.assign(error, { responseCode: reply.code, message });
}

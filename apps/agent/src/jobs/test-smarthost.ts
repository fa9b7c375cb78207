import { hostname } from "node:os";
import type { JobArgs, SmarthostTest } from "@mailstead/core/jobs";
import { cutText } from "@mailstead/core/text";
import { openSealedSecret, type RawKeyPair } from "../link/keys.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { MailTrouble } from "../platform/mail-socket.ts";
import { SmtpClient } from "../platform/smtp-client.ts";
import { authenticate, expectReply } from "../platform/smtp-conversation.ts";

const implicitTlsPort = 465;
const sentenceMax = 1000;
/** What Postfix verifies smarthosts by. */
const authorities = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Does with a smarthost all that Postfix does before it hands a message over, from this very host: connects, asks for
 * TLS, signs in, announces a message and takes it back. Sends no mail. A refusal is a result, so that the sentence
 * reaches whoever typed the settings.
 */
export async function testSmarthost(
  { host, identity }: { host: Host; identity: { sealingKeys: RawKeyPair } },
  { smarthost, sender }: JobArgs<"test-smarthost">,
): Promise<SmarthostTest> {
  const { username, password: sealed } = smarthost;
  const password = sealed === undefined ? undefined : openSealedSecret(sealed.box, identity.sealingKeys);
  const signIn = username === undefined || password === undefined ? null : { username, password };
  const certificates = await readTextIfExists(host.path(authorities));
  return await tryOut(smarthost, { signIn, certificates, sender: sender ?? null });
}

/** The test itself, with what only the host knows. */
export async function tryOut(
  wanted: { host: string; port: number; verifiesCertificate: boolean },
  known: {
    signIn: { username: string; password: string } | null;
    certificates: string | null;
    sender: string | null;
    answerWithinMs?: number;
  },
): Promise<SmarthostTest> {
  const { signIn, sender, answerWithinMs } = known;
  const place = `${wanted.host}:${wanted.port}`;
  const tls = {
    name: wanted.host,
    certificates: known.certificates,
    isVerified: signIn !== null && wanted.verifiesCertificate,
  };
  const isImplicit = wanted.port === implicitTlsPort;
  let reached: SmarthostTest["reached"] = "nothing";
  let client: SmtpClient | null = null;
  try {
    client = await SmtpClient.connect({
      host: wanted.host,
      port: wanted.port,
      tls: isImplicit ? tls : null,
      ...(answerWithinMs === undefined ? {} : { answerWithinMs }),
    });
    expectReply(await client.read(), 220, "greets with");
    reached = isImplicit ? "tls" : "greeting";
    let offers = expectReply(await client.ask(`EHLO ${hostname()}`), 250, "answers EHLO with");
    if (!isImplicit && /^STARTTLS$/im.test(offers)) {
      expectReply(await client.ask("STARTTLS"), 220, "answers STARTTLS with");
      await client.startTls(tls);
      reached = "tls";
      offers = expectReply(await client.ask(`EHLO ${hostname()}`), 250, "answers EHLO with");
    } else if (!isImplicit && signIn !== null)
      throw new MailTrouble("offers no STARTTLS, and a password is never sent in the clear", "permanent");
    if (signIn !== null) {
      await authenticate(client, offers, signIn);
      reached = "sign-in";
    }
    const isOverTls = isTls(reached);
    if (sender !== null) {
      await announce(client, sender);
      reached = "sender";
    }
    await client.ask("QUIT").catch(() => null);
    const proof = signIn === null ? "takes a connection" : "takes the user name and password";
    const taken = sender === null ? "" : `, and mail from ${sender}`;
    return {
      reached: "done",
      retry: null,
      sentence: `${place} ${proof}${isOverTls ? " over TLS" : ""}${taken}.`,
    };
  } catch (error) {
    if (!(error instanceof MailTrouble)) throw error;
    const advice =
      error.retry === "temporary"
        ? "It may be gone by itself; try again."
        : "Trying again as it is does not help.";
    return {
      reached,
      retry: error.retry,
      sentence: cutText(`${place} ${error.message}. ${advice}`, sentenceMax),
    };
  } finally {
    client?.close();
  }
}

const isTls = (reached: SmarthostTest["reached"]): boolean => reached === "tls" || reached === "sign-in";

/** Asks for a message from the sender to themselves and takes that back; many refuse a sender at the recipient only. */
async function announce(client: SmtpClient, sender: string): Promise<void> {
  const refused = `refuses mail from ${sender}:`;
  expectReply(await client.ask(`MAIL FROM:<${sender}>`), 250, refused);
  expectReply(await client.ask(`RCPT TO:<${sender}>`), 250, refused);
  await client.ask("RSET");
}

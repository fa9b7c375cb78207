import type { HealthCheck } from "@mailstead/core/updates";
import { ImapClient } from "../platform/imap-client.ts";
import { MailTrouble } from "../platform/mail-socket.ts";
import { SmtpClient } from "../platform/smtp-client.ts";
import { authenticate, expectReply } from "../platform/smtp-conversation.ts";
import { badCheck, okCheck } from "./health-checks.ts";
import { answerWithinMs, anyTls, type MailDoors, wordsOfTrouble } from "./mail-doors.ts";
import type { Probe } from "./probe.ts";

/** What a sign-in came to: the open session, or why there is none. */
export type Session<Client> =
  | { readonly client: Client; readonly offers: string; readonly problem: null }
  | { readonly client: null; readonly problem: string };

export interface Sessions {
  readonly submission: Session<SmtpClient>;
  readonly imap: Session<ImapClient>;
  readonly check: HealthCheck;
  close(): void;
}

const wrong = "not-the-password";

/** Signs in where mail is handed in and where it is read, first with a wrong password, which has to be refused. */
export async function signIn(
  { account: { address }, password }: Probe,
  { hostname, doors }: { hostname: string; doors: MailDoors },
): Promise<Sessions> {
  const credentials = { username: address, password };
  const [submission, imap] = await Promise.all([
    attempt(`Port ${doors.submission}`, () => openSubmission(credentials, { hostname, doors })),
    attempt(`Port ${doors.imaps}`, () => openImap(credentials, { hostname, doors })),
  ]);
  const problems = [submission, imap].flatMap(({ problem }) => problem ?? []);
  const faults = [
    ...(submission.client === null ? ["submission"] : []),
    ...(imap.client === null ? ["imap"] : []),
  ];
  return {
    submission,
    imap,
    check:
      problems.length === 0
        ? okCheck(
            "sign-in",
            `Ports ${doors.submission} and ${doors.imaps} take the right password and refuse a wrong one.`,
          )
        : badCheck("sign-in", `${problems.join("; ")}.`, faults),
    close() {
      submission.client?.close();
      imap.client?.close();
    },
  };
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface Place {
  readonly hostname: string;
  readonly doors: MailDoors;
}

async function attempt<Client>(
  place: string,
  open: () => Promise<{ client: Client; offers: string }>,
): Promise<Session<Client>> {
  try {
    return { ...(await open()), problem: null };
  } catch (error) {
    if (!(error instanceof MailTrouble)) throw error;
    return { client: null, problem: `${place} ${wordsOfTrouble(error)}` };
  }
}

async function openSubmission(credentials: Credentials, { hostname, doors }: Place) {
  const client = await SmtpClient.connect({
    ...{ host: doors.address, port: doors.submission, tls: null, answerWithinMs },
  });
  try {
    expectReply(await client.read(), 220, "greets with");
    expectReply(await client.ask(`EHLO ${hostname}`), 250, "answers EHLO with");
    expectReply(await client.ask("STARTTLS"), 220, "answers STARTTLS with");
    await client.startTls(anyTls(hostname));
    const offers = expectReply(await client.ask(`EHLO ${hostname}`), 250, "answers EHLO with");
    const isRefused = await authenticate(client, offers, { ...credentials, password: wrong }).then(
      () => false,
      refusedForGood,
    );
    if (!isRefused) throw new MailTrouble("takes a wrong password", "permanent");
    await authenticate(client, offers, credentials);
    return { client, offers };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A password that cannot be looked at is put off, which refuses nobody. */
function refusedForGood(error: unknown): true {
  if (error instanceof MailTrouble && error.retry === "permanent") return true;
  throw error;
}

async function openImap({ username, password }: Credentials, { hostname, doors }: Place) {
  const client = await ImapClient.connect({
    ...{ host: doors.address, port: doors.imaps, tls: anyTls(hostname), answerWithinMs },
  });
  try {
    const refusal = await client.ask(`LOGIN ${username} ${wrong}`);
    if (refusal.state === "OK") throw new MailTrouble("takes a wrong password", "permanent");
    // RFC 5530 §3: a directory that cannot be asked is UNAVAILABLE.
    if (/^\[UNAVAILABLE\]/i.test(refusal.text))
      throw new MailTrouble(`cannot look at passwords: ${refusal.text}`, "temporary");
    const answer = await client.ask(`LOGIN ${username} ${password}`);
    if (answer.state !== "OK")
      throw new MailTrouble(`refuses the right password: ${answer.text}`, "temporary");
    return { client, offers: "" };
  } catch (error) {
    client.close();
    throw error;
  }
}

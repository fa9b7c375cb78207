import { ImapFlow } from "imapflow";
import type { MailHost } from "./mail-host.ts";

/** Runs `work` in an IMAPS session of a mailbox and signs out after it. */
export async function inMailbox<T>(
  server: MailHost,
  localPart: string,
  work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const { address, password } = server.account(localPart);
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: await server.port(993),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: address, pass: password },
    logger: false,
  });
  client.on("error", () => undefined); // Whatever breaks the line also rejects the command that waits on it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.logout();
  }
}

export interface FoundLetter {
  uid: number;
  source: string;
}

/** All letters of this subject in a folder. */
export async function findLetters(
  client: ImapFlow,
  subject: string,
  folder = "INBOX",
): Promise<FoundLetter[]> {
  const lock = await client.getMailboxLock(folder);
  try {
    await client.noop();
    const uids = await client.search({ header: { subject } }, { uid: true });
    const letters: FoundLetter[] = [];
    for (const uid of uids || []) {
      const message = await client.fetchOne(String(uid), { source: true }, { uid: true });
      if (message) letters.push({ uid, source: message.source?.toString("utf8") ?? "" });
    }
    return letters;
  } finally {
    lock.release();
  }
}

/** Waits until a letter of this subject lies in the folder, and returns it whole. */
export async function awaitLetter(
  server: MailHost,
  localPart: string,
  letter: { subject: string; folder?: string },
): Promise<string> {
  return await inMailbox(server, localPart, (client) =>
    server.waitFor(`"${letter.subject}" in ${letter.folder ?? "INBOX"} of ${localPart}`, async () => {
      const found = await findLetters(client, letter.subject, letter.folder);
      return found.at(-1)?.source;
    }),
  );
}

/** True when a letter of this subject lies in the folder now. */
export async function hasLetter(
  server: MailHost,
  localPart: string,
  letter: { subject: string; folder?: string },
): Promise<boolean> {
  return await inMailbox(
    server,
    localPart,
    async (client) => (await findLetters(client, letter.subject, letter.folder)).length > 0,
  );
}

/** The header block of a message, unfolded. */
export function headersOf(source: string): string {
  const end = source.search(/\r?\n\r?\n/);
  return (end < 0 ? source : source.slice(0, end)).replaceAll(/\r?\n[ \t]+/g, " ");
}

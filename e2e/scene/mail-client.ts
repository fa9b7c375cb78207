import { ImapFlow } from "imapflow";
import nodemailer from "nodemailer";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";

export interface Account {
  /** The lab's host that holds the mailbox. */
  readonly host: string;
  readonly address: string;
  readonly password: string;
}

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text?: string;
  /** Header From and envelope sender, when they are not the account's own. */
  readonly from?: string;
}

/** The certificate is self-signed until certificates are automated, so a client is told to take it. */
const trustingTls = { rejectUnauthorized: false } as const;

/** Submits a letter as a mail program does: port 587, STARTTLS, password. Returns the server's last answer. */
export async function submitLetter(lab: Lab, account: Account, letter: Letter): Promise<string> {
  const transport = nodemailer.createTransport({
    host: "127.0.0.1",
    port: await lab.forward(account.host, 587),
    requireTLS: true,
    tls: trustingTls,
    auth: { user: account.address, pass: account.password },
  });
  try {
    const from = letter.from ?? account.address;
    const text = letter.text ?? "Hello from a journey.\n";
    return (await transport.sendMail({ from, to: letter.to, subject: letter.subject, text })).response;
  } finally {
    transport.close();
  }
}

/** Opens an IMAPS session. Throws when the server refuses the password. */
export async function openMailbox(lab: Lab, account: Account): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: await lab.forward(account.host, 993),
    secure: true,
    tls: trustingTls,
    auth: { user: account.address, pass: account.password },
    logger: false,
  });
  client.on("error", () => undefined); // Whatever breaks the line also rejects the command that waits on it.
  await client.connect();
  return client;
}

/** True when the server lets this account in over IMAP. */
export async function canSignIn(lab: Lab, account: Account): Promise<boolean> {
  try {
    await (await openMailbox(lab, account)).logout();
    return true;
  } catch (cause) {
    if (cause instanceof Error && "authenticationFailed" in cause) return false;
    throw cause;
  }
}

/** Waits until a letter of this subject lies in a folder, and returns it whole. */
export async function readLetter(
  lab: Lab,
  account: Account,
  letter: { subject: string; folder?: string },
): Promise<string> {
  const client = await openMailbox(lab, account);
  try {
    return await waitFor(
      `"${letter.subject}" in the mailbox of ${account.address}`,
      async () => {
        const lock = await client.getMailboxLock(letter.folder ?? "INBOX");
        try {
          const found = await client.search({ subject: letter.subject });
          const last = found ? found.at(-1) : undefined;
          if (last === undefined) return undefined;
          const message = await client.fetchOne(String(last), { source: true });
          return message ? message.source?.toString("utf8") : undefined;
        } finally {
          lock.release();
        }
      },
      { timeoutMs: 60_000 },
    );
  } finally {
    await client.logout();
  }
}

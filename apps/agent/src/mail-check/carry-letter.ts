import { setTimeout as wait } from "node:timers/promises";
import { cutText } from "@mailstead/core/text";
import type { HealthCheck } from "@mailstead/core/updates";
import type { Host } from "../platform/host.ts";
import { type ImapClient, literalsOf } from "../platform/imap-client.ts";
import { MailTrouble } from "../platform/mail-socket.ts";
import type { SmtpClient } from "../platform/smtp-client.ts";
import { expectReply } from "../platform/smtp-conversation.ts";
import { badCheck, okCheck } from "./health-checks.ts";
import { type Fate, readFate } from "./letter-fate.ts";
import { type MailDoors, wordsOfTrouble } from "./mail-doors.ts";
import type { LeftLetters, Probe } from "./probe.ts";
import type { Sessions } from "./sign-in.ts";

export interface Carried {
  readonly check: HealthCheck;
  /** As it was read, a byte for each character; null where it was not. */
  readonly letter: string | null;
  /** What may still be queued of it. */
  readonly left: LeftLetters;
}

export interface CarryLimits {
  /** Longer than a filter on a busy host thinks about a small letter. */
  readonly arrivesWithinMs: number;
  readonly pollEveryMs: number;
  /** Reading the log costs more than asking for new mail. */
  readonly logEveryMs: number;
}

export const carryLimits: CarryLimits = { arrivesWithinMs: 45_000, pollEveryMs: 250, logEveryMs: 2_000 };

// Folders that rules of the host's operator may put it into.
const foldersMax = 20;

/**
 * Hands a letter in as a mail program does, waits until it is in the mailbox, reads and deletes it there. Where it does not
 * arrive, the sentence says where it stopped, in the log's words.
 */
export async function carryLetter(
  host: Host,
  {
    probe,
    sessions,
    doors,
    limits = carryLimits,
  }: { probe: Probe; sessions: Sessions; doors: MailDoors; limits?: CarryLimits },
): Promise<Carried> {
  const { submission, imap } = sessions;
  if (submission.client === null)
    return lost(
      `A letter cannot be handed in, so it stops before Postfix's queue: ${submission.problem}.`,
      [],
    );
  const startedMs = performance.now();
  const handedInAtMs = host.nowUnixMs();
  const message = composeLetter(probe, new Date(handedInAtMs));
  let queueId: string | null = null;
  try {
    queueId = await handIn(submission.client, { probe, offers: submission.offers, message });
  } catch (error) {
    if (!(error instanceof MailTrouble)) throw error;
    return lost(
      `A letter handed in at port ${doors.submission} stops there: Postfix ${wordsOfTrouble(error)}.`,
      // It may have taken the letter without having said so in time.
      "any",
    );
  }
  const named = queueId === null ? "a letter without a queue id" : `the letter ${queueId}`;
  const left = queueId === null ? "any" : [queueId];
  const fateOf = () => (queueId === null ? null : readFate(host, { queueId, sinceMs: handedInAtMs }));
  if (imap.client === null) {
    const fate = await fateOf();
    return lost(
      `Nobody can sign in to read ${named}: ${imap.problem}.${fate === null ? "" : ` ${wordsOf(fate)}`}`,
      left,
    );
  }
  try {
    const found = await awaitLetter(imap.client, { messageId: messageIdOf(probe), fateOf, limits });
    if (found.letter === null)
      return lost(
        `${upper(named)} did not arrive: ${found.fate === null ? "the log was not read" : wordsOf(found.fate)}`,
        left,
      );
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const where = found.folder === "INBOX" ? "" : ` in the folder ${found.folder}`;
    return {
      letter: found.letter,
      left: [],
      check: okCheck(
        "loopback",
        `A letter handed in at port ${doors.submission} went through Postfix, Rspamd and Dovecot and was read by IMAP${where} after ${seconds} s (${queueId ?? "no queue id"}).`,
      ),
    };
  } catch (error) {
    if (!(error instanceof MailTrouble)) throw error;
    return lost(`${upper(named)} was handed in, but IMAP ${error.message}.`, left);
  }
}

function lost(sentence: string, left: LeftLetters): Carried {
  return { letter: null, left, check: badCheck("loopback", sentence, []) };
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function messageIdOf({ account }: Probe): string {
  return `<letter@${account.domain}>`;
}

function composeLetter(probe: Probe, now: Date): string {
  const { address, writesAs } = probe.account;
  return [
    `From: Mailstead mail check <${writesAs ?? address}>`,
    `To: <${address}>`,
    "Subject: Mailstead tries the mail of this host",
    `Date: ${now.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${messageIdOf(probe)}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "This letter was written by the agent of this host to itself, and is deleted as soon as it was read.",
    "",
  ].join("\r\n");
}

/** Gives the queue id that Postfix tells. A letter of nobody's is never bounced to anybody (RFC 3461 §4.1). */
async function handIn(
  client: SmtpClient,
  { probe, offers, message }: { probe: Probe; offers: string; message: string },
): Promise<string | null> {
  const { address, writesAs } = probe.account;
  const notify = /^DSN$/im.test(offers) ? " NOTIFY=NEVER" : "";
  expectReply(await client.ask(`MAIL FROM:<${writesAs ?? address}>`), 250, "refuses its sender:");
  expectReply(await client.ask(`RCPT TO:<${address}>${notify}`), 250, "refuses its recipient:");
  expectReply(await client.ask("DATA"), 354, "answers DATA with");
  const taken = expectReply(await client.handIn(message), 250, "refuses it after its text:");
  await client.ask("QUIT").catch(() => null);
  return /queued as (\w+)/.exec(taken)?.[1] ?? null;
}

interface Awaited {
  readonly letter: string | null;
  readonly folder: string;
  readonly fate: Fate | null;
}

async function awaitLetter(
  client: ImapClient,
  {
    messageId,
    fateOf,
    limits,
  }: { messageId: string; fateOf: () => Promise<Fate> | null; limits: CarryLimits },
): Promise<Awaited> {
  const until = performance.now() + limits.arrivesWithinMs;
  let nextLogMs = performance.now() + limits.logEveryMs;
  let fate: Fate | null = null;
  for (;;) {
    const letter = await takeFrom(client, "INBOX", messageId);
    if (letter !== null) return { letter, folder: "INBOX", fate };
    const now = performance.now();
    if (now >= nextLogMs || now >= until) {
      nextLogMs = now + limits.logEveryMs;
      fate = (await fateOf()) ?? fate;
      if (fate?.kind === "delivered") {
        const elsewhere = await takeFromAny(client, messageId);
        if (elsewhere !== null) return { ...elsewhere, fate };
      }
      // Postfix tries again minutes later what it put off.
      if (now >= until || fate?.kind === "stopped") return { letter: null, folder: "", fate };
    }
    await wait(limits.pollEveryMs);
  }
}

async function takeFromAny(
  client: ImapClient,
  messageId: string,
): Promise<{ letter: string; folder: string } | null> {
  const { data } = await said(client, 'LIST "" "*"');
  const folders = [...data.matchAll(/^\* LIST \([^)]*\) (?:"[^"]*"|NIL) (?:"([^"\\]+)"|([^\s"{]+))\r?$/gim)]
    .map(([, quoted, plain]) => quoted ?? plain ?? "")
    .filter((folder) => folder.toUpperCase() !== "INBOX");
  for (const folder of folders.slice(0, foldersMax)) {
    const letter = await takeFrom(client, `"${folder}"`, messageId);
    if (letter !== null) return { letter, folder };
  }
  return null;
}

/** Reads the letter in a folder and deletes it; null where it is not there. */
async function takeFrom(client: ImapClient, folder: string, messageId: string): Promise<string | null> {
  await said(client, `SELECT ${folder}`);
  const { data } = await said(client, `UID SEARCH HEADER Message-ID "${messageId}"`);
  const uid = /^\* SEARCH (\d+)/im.exec(data)?.[1];
  if (uid === undefined) return null;
  const [letter] = literalsOf((await said(client, `UID FETCH ${uid} (BODY.PEEK[])`)).data);
  if (letter === undefined) throw new MailTrouble("gives no text of the letter", "temporary");
  await said(client, `UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`);
  await said(client, "EXPUNGE");
  return letter;
}

async function said(client: ImapClient, command: string) {
  const answer = await client.ask(command);
  if (answer.state !== "OK")
    throw new MailTrouble(
      `answers ${command.split(" ", 2).join(" ")} with ${answer.state} ${answer.text}`,
      "temporary",
    );
  return answer;
}

function wordsOf(fate: Fate): string {
  const last = cutText(fate.words, 400);
  switch (fate.kind) {
    case "waiting":
      return `Postfix has not tried to deliver it; the log's last words are "${last}".`;
    case "stopped":
      return `it stopped at ${fate.at}, in the log's words "${last}".`;
    case "delivered":
      return `Postfix handed it to ${fate.at}, which said "${last}", and IMAP does not show it.`;
  }
}

import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { reportMailbox } from "@mailstead/core/reports";
import { isMissing } from "../../platform/files.ts";

/** A mail that lies in a folder of reports. */
export interface KeptMail {
  readonly name: string;
  readonly path: string;
  readonly arrivedAtMs: number;
}

/** How long and how much of what could not be read stays, so that somebody can look at it. */
export const unreadLimits = { keptForMs: 14 * 86_400_000, mailsMax: 50, bytesMax: 64 * 1_048_576 } as const;

/** The folder into which Postfix puts mails for reports. */
export interface ReportFolder {
  /** The mails that wait, the oldest first. */
  list(): Promise<readonly KeptMail[]>;
  /** Never more than is read of a mail; null where the mail is no plain file. */
  read(mail: KeptMail): Promise<Uint8Array | null>;
  remove(mail: KeptMail): Promise<void>;
  /** Puts a mail aside, and lets go of those that have lain aside for long or are too many. */
  keepUnread(mail: KeptMail, nowMs: number): Promise<void>;
  letGoOfUnread(nowMs: number): Promise<void>;
  /** How many mails found no room, since the folder was made. */
  countDropped(): Promise<number>;
}

export function openReportFolder(path: string): ReportFolder {
  const unread = join(path, "unread");
  const letGoOfUnread = async (nowMs: number) => {
    let [mails, bytes] = [0, 0];
    for (const mail of (await listMails(unread)).toReversed()) {
      mails += 1;
      bytes += (await sizeOf(mail.path)) ?? 0;
      const isOld = mail.arrivedAtMs < nowMs - unreadLimits.keptForMs;
      if (isOld || mails > unreadLimits.mailsMax || bytes > unreadLimits.bytesMax)
        await rm(mail.path, { force: true, recursive: true });
    }
  };
  return {
    list: () => listMails(path),
    read: (mail) => readMailFile(mail.path),
    remove: (mail) => rm(mail.path, { force: true, recursive: true }),
    async keepUnread(mail, nowMs) {
      await mkdir(unread, { recursive: true });
      await rename(mail.path, join(unread, mail.name));
      await letGoOfUnread(nowMs);
    },
    letGoOfUnread,
    async countDropped() {
      return (await sizeOf(join(path, reportMailbox.droppedFile))) ?? 0;
    },
  };
}

async function listMails(folder: string): Promise<readonly KeptMail[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names
    .filter((name) => name.endsWith(".eml"))
    .map((name) => ({
      name,
      path: join(folder, name),
      // The keeper names a mail by its nanosecond.
      arrivedAtMs: Math.floor(Number(/^\d{1,19}/.exec(name)?.[0] ?? 0) / 1e6),
    }))
    .sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
}

/** The folder is another account's: what is a link there could lead anywhere. */
async function readMailFile(path: string): Promise<Uint8Array | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ELOOP" || isMissing(error)) return null;
      throw error;
    },
  );
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    if (!(await file.stat()).isFile() || size > reportMailbox.mailKibibytesMax * 1024) return null;
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

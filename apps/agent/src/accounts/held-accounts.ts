import { directorySchemaSql, directoryWriterPragmas } from "@mailstead/core/mailboxes";
import { z } from "zod";
import { type DatabaseSync, openDatabase } from "../platform/sqlite.ts";

export interface HeldAccount {
  readonly address: string;
  readonly since: number;
  readonly by: "agent" | "person";
  /** Its messages that lie on hold in the queue because of it. */
  readonly messages: number;
}

const heldRow = z.object({
  address: z.string(),
  since_ms: z.number(),
  held_by: z.enum(["agent", "person"]),
  messages: z.number(),
});
const textRow = z.object({ value: z.string() });

/** Accounts that may not send, with how much of theirs lies on hold. */
export function readHeldAccounts(path: string): Promise<HeldAccount[]> {
  return withHeld(path, (database) =>
    database
      .prepare(
        `select address, since_ms, held_by,
          (select count(*) from held_messages m where m.address = held_accounts.address) as messages
        from held_accounts order by address`,
      )
      .all()
      .map((row) => {
        const { address, since_ms: since, held_by: by, messages } = heldRow.parse(row);
        return { address, since, by, messages };
      }),
  );
}

/** Lets an account send no more, from the commit on. One that is held already keeps since when and by whom. */
export function addHeldAccount(
  path: string,
  { address, since, by }: Omit<HeldAccount, "messages">,
): Promise<void> {
  return withHeld(path, (database) => {
    database.prepare("insert or ignore into held_accounts values (?, ?, ?)").run(address, since, by);
  });
}

export function removeHeldAccount(path: string, address: string): Promise<void> {
  return withHeld(path, (database) => {
    database.prepare("delete from held_accounts where address = ?").run(address);
  });
}

/** Envelope senders that an account may use: its own address, and the aliases that it may send as. */
export function readSendersOf(path: string, address: string): Promise<ReadonlySet<string>> {
  return withHeld(path, (database) => {
    const aliases = database
      .prepare("select alias as value from alias_senders where mailbox = ?")
      .all(address);
    return new Set([address, ...aliases.map((row) => textRow.parse(row).value)]);
  });
}

/** Notes messages before they are put on hold, so that whatever is held is known to be ours to release. */
export function addHeldMessages(
  path: string,
  { address, queueIds }: { address: string; queueIds: readonly string[] },
): Promise<void> {
  return withHeld(path, (database) => {
    const add = database.prepare("insert or ignore into held_messages values (?, ?)");
    for (const queueId of queueIds) add.run(queueId, address);
  });
}

export function readHeldMessages(path: string, address: string): Promise<string[]> {
  return withHeld(path, (database) =>
    database
      .prepare("select queue_id as value from held_messages where address = ?")
      .all(address)
      .map((row) => textRow.parse(row).value),
  );
}

export function forgetHeldMessages(path: string, queueIds: readonly string[]): Promise<void> {
  return withHeld(path, (database) => {
    const remove = database.prepare("delete from held_messages where queue_id = ?");
    for (const queueId of queueIds) remove.run(queueId);
  });
}

async function withHeld<T>(path: string, work: (database: DatabaseSync) => T): Promise<T> {
  const database = await openDatabase(path);
  try {
    for (const pragma of directoryWriterPragmas) database.exec(pragma);
    // A directory that an older agent made lacks the tables that have been added since.
    database.exec(directorySchemaSql);
    return work(database);
  } finally {
    database.close();
  }
}

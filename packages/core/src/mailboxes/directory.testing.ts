import { type DirectoryEntry, directoryEntrySchema } from "./directory.ts";
import { directorySchemaSql, directoryWriterPragmas } from "./directory-schema.ts";
import { type DirectoryStatement, directoryStatements } from "./directory-statements.ts";

export const hash = "{ARGON2ID}$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$aGFzaA";

export const domain = (name: string) => ({ kind: "domain", name });
export const mailboxId = "0193a5b0-7c1e-7000-8000-000000000001";
export const mailbox = (address: string, isEnabled = true) => ({
  kind: "mailbox",
  mailboxId,
  address,
  passwordHash: hash,
  quotaBytes: 1000,
  isEnabled,
});
export const alias = (address: string, destinations: readonly string[], senders: readonly string[] = []) => ({
  kind: "alias",
  address,
  destinations,
  senders,
});

export interface SqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): {
    run(...parameters: (string | number)[]): unknown;
    all(): Record<string, unknown>[];
  };
}

/** A directory of a host in a database that is empty. */
export class DirectoryOn<Database extends SqlDatabase> {
  readonly database: Database;
  #revision = 0;

  constructor(database: Database, entries: readonly unknown[]) {
    this.database = database;
    for (const pragma of directoryWriterPragmas) this.database.exec(pragma);
    this.database.exec(directorySchemaSql);
    this.put(...entries);
  }

  put(...entries: readonly unknown[]): void {
    for (const raw of entries) {
      const entry = directoryEntrySchema.parse(raw);
      this.#revision += 1;
      const change = {
        revision: this.#revision,
        op: "upsert",
        key: keyOf(entry),
        entryKind: entry.kind,
        entry,
      } as const;
      this.run(directoryStatements(change));
    }
  }

  remove(entryKind: DirectoryEntry["kind"], key: string): void {
    this.#revision += 1;
    this.run(directoryStatements({ revision: this.#revision, op: "delete", key, entryKind }));
  }

  run(statements: readonly DirectoryStatement[]): void {
    for (const { sql, parameters } of statements) this.database.prepare(sql).run(...parameters);
  }

  /** Asks as Postfix does: the key and its halves, quoted, in the place of %s, %u and %d. */
  ask(query: string, key: string): string[] {
    const quoted = (text: string) => text.replaceAll("'", "''");
    const sql = query
      .replaceAll("%s", quoted(key))
      .replaceAll("%u", quoted(key.slice(0, key.lastIndexOf("@"))))
      .replaceAll("%d", quoted(key.slice(key.lastIndexOf("@") + 1)));
    return this.database
      .prepare(sql)
      .all()
      .map((row) => String(Object.values(row)[0]));
  }
}

function keyOf(entry: DirectoryEntry): string {
  return entry.kind === "domain" ? entry.name : entry.address;
}

/** What Dovecot fills into its questions. */
export const asked = { mailboxFolder: "/var/vmail", quotaField: "quota_bytes", scriptSender: "/send" };

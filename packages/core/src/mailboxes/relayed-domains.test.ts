import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { DomainRole } from "../domains/index.ts";
import { alias, asked, DirectoryOn, domain, mailbox } from "./directory.testing.ts";
import { directoryEntrySchema } from "./directory.ts";
import { dovecotQueries, forwardedSenderQuery, lookupQueries } from "./directory-lookups.ts";
import { entryForRole } from "./entry-for-role.ts";

class Directory extends DirectoryOn<DatabaseSync> {
  constructor(...entries: readonly unknown[]) {
    super(new DatabaseSync(":memory:"), entries);
  }
}

describe("a domain whose mailboxes are on another server", () => {
  const own = (role: DomainRole, ...entries: readonly unknown[]) =>
    new Directory(...entries.map((entry) => entryForRole(role, directoryEntrySchema.parse(entry))));
  const entries = [
    domain("alpha.example"),
    mailbox("ann@alpha.example"),
    mailbox("off@alpha.example", false),
    alias("sales@alpha.example", ["ann@alpha.example", "eve@gmail.com"], ["ann@alpha.example"]),
    alias("dead@alpha.example", ["off@alpha.example"]),
  ];
  const isTaken = (directory: Directory, address: string) =>
    [
      ...directory.ask(lookupQueries.relayedRecipients, address),
      ...directory.ask(lookupQueries.relayedPostmasters, address),
    ].length > 0;

  test.each([
    ["ann@alpha.example", true],
    ["sales@alpha.example", true],
    ["postmaster@alpha.example", true],
    ["off@alpha.example", false],
    ["dead@alpha.example", false],
    ["nobody@alpha.example", false],
    ["@alpha.example", false],
    ["postmaster@gmail.com", false],
  ])("has %s taken here exactly when its home would take it: %s", (address, expected) => {
    const directory = own("backup-mx", ...entries);
    expect(isTaken(directory, address)).toBe(expected);
    const home = own("home", ...entries);
    const atHome = [lookupQueries.aliases, lookupQueries.postmasters].some(
      (query) => home.ask(query, address).length > 0,
    );
    expect(atHome).toBe(expected);
  });

  test("has every address taken where it has a catch-all", () => {
    const directory = own("mx", ...entries, alias("@alpha.example", ["ann@alpha.example"]));
    expect(isTaken(directory, "@alpha.example")).toBe(true);
  });

  test("is not delivered here, and its aliases are not resolved here", () => {
    const directory = own("outbound", ...entries);
    expect(directory.ask(lookupQueries.domains, "alpha.example")).toEqual([]);
    expect(directory.ask(lookupQueries.relayedDomains, "alpha.example")).toEqual(["alpha.example"]);
    for (const address of ["sales@alpha.example", "ann@alpha.example"])
      expect(directory.ask(lookupQueries.aliases, address)).toEqual([]);
    expect(directory.ask(lookupQueries.postmasters, "abuse@alpha.example")).toEqual([]);
    const forwards = forwardedSenderQuery({ hostname: "mx2.alpha.example", transport: "forward:there" });
    expect(directory.ask(forwards, "ann@alpha.example")).toEqual([]);
  });

  test.each([
    ["outbound", "smtp", true],
    ["sender", "smtp", true],
    ["outbound", "imap", false],
    ["backup-mx", "smtp", false],
    ["home", "imap", true],
  ] as const)("on its server for %s lets a person sign in to %s: %s", (role, service, expected) => {
    const queries = dovecotQueries({ ...asked, user: "ann@alpha.example", service });
    const directory = own(role, ...entries);
    expect(directory.database.prepare(queries.password).get() !== undefined).toBe(expected);
    if (role !== "home") {
      expect(directory.database.prepare(queries.user).get()).toBeUndefined();
      expect(directory.database.prepare(queries.iterate).all()).toEqual([]);
    }
  });

  test("comes home and leaves again with its entries", () => {
    const directory = own("mx", ...entries);
    directory.put(domain("alpha.example"));
    expect(directory.ask(lookupQueries.aliases, "ann@alpha.example")).toEqual(["ann@alpha.example"]);
    expect(directory.ask(lookupQueries.relayedDomains, "alpha.example")).toEqual([]);
    directory.remove("domain", "alpha.example");
    expect(directory.ask(lookupQueries.domains, "alpha.example")).toEqual([]);
  });
});

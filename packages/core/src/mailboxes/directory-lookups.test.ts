import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { alias, asked, DirectoryOn, domain, hash, mailbox, mailboxId } from "./directory.testing.ts";
import { directoryEntrySchema } from "./directory.ts";
import { dovecotQueries, forwardedSenderQuery, lookupQueries } from "./directory-lookups.ts";
import {
  directoryPositionSql,
  directoryPositionStatement,
  directoryResetStatements,
  directoryStatements,
} from "./directory-statements.ts";

class Directory extends DirectoryOn<DatabaseSync> {
  constructor(...entries: readonly unknown[]) {
    super(new DatabaseSync(":memory:"), entries);
  }
}

describe("the questions of Postfix", () => {
  const people = [
    domain("alpha.example"),
    mailbox("ann@alpha.example"),
    mailbox("bob@alpha.example"),
    mailbox("off@alpha.example", false),
  ];

  test("a mailbox answers for itself, so that a catch-all does not take its mail", () => {
    const directory = new Directory(...people, alias("@alpha.example", ["bob@alpha.example"]));
    expect(directory.ask(lookupQueries.aliases, "ann@alpha.example")).toEqual(["ann@alpha.example"]);
    expect(directory.ask(lookupQueries.aliases, "@alpha.example")).toEqual(["bob@alpha.example"]);
    expect(directory.ask(lookupQueries.aliases, "nobody@alpha.example")).toEqual([]);
  });

  test.each([
    ["a mailbox", ["ann@alpha.example"], ["ann@alpha.example"]],
    ["an outside address", ["eve@gmail.com"], ["eve@gmail.com"]],
    ["a mailbox with a detail", ["ann+news@alpha.example"], ["ann+news@alpha.example"]],
    ["a mailbox in capitals", ["Ann@alpha.example"], ["Ann@alpha.example"]],
    ["a disabled mailbox", ["off@alpha.example"], []],
    ["an address that does not exist", ["gone@alpha.example"], []],
    ["a living and a disabled one", ["ann@alpha.example", "off@alpha.example"], ["ann@alpha.example"]],
    ["an alias that leads to a mailbox", ["second@alpha.example"], ["second@alpha.example"]],
    ["an alias that leads nowhere", ["dead@alpha.example"], []],
    ["itself only", ["first@alpha.example"], []],
  ])("an alias to %s resolves to what is alive", (_name, destinations, expected) => {
    const directory = new Directory(
      ...people,
      alias("first@alpha.example", destinations),
      alias("second@alpha.example", ["bob@alpha.example"]),
      alias("dead@alpha.example", ["off@alpha.example", "first@alpha.example"]),
    );
    expect(directory.ask(lookupQueries.aliases, "first@alpha.example")).toEqual(expected);
  });

  test("every domain has a postmaster: the most likely administrator among its mailboxes, or root", () => {
    const directory = new Directory(...people);
    const postmaster = () => directory.ask(lookupQueries.postmasters, "postmaster@alpha.example");
    expect(postmaster()).toEqual(["ann@alpha.example"]);
    directory.put(mailbox("info@alpha.example"));
    expect(postmaster()).toEqual(["info@alpha.example"]);
    directory.put(mailbox("admin@alpha.example"));
    expect(postmaster()).toEqual(["admin@alpha.example"]);
    expect(directory.ask(lookupQueries.postmasters, "abuse@alpha.example")).toEqual(["admin@alpha.example"]);
    directory.put(mailbox("admin@alpha.example", false));
    expect(postmaster()).toEqual(["info@alpha.example"]);
    directory.put(domain("empty.example"));
    expect(directory.ask(lookupQueries.postmasters, "postmaster@empty.example")).toEqual(["root@localhost"]);
  });

  test("nobody is made postmaster where somebody is, nor of a domain that is not ours", () => {
    const directory = new Directory(...people);
    const ask = (address: string) => directory.ask(lookupQueries.postmasters, address);
    expect(ask("bob@alpha.example")).toEqual([]);
    expect(ask("nobody@alpha.example")).toEqual([]);
    expect(ask("postmaster@gmail.com")).toEqual([]);
    directory.put(mailbox("postmaster@alpha.example"));
    expect(ask("postmaster@alpha.example")).toEqual([]);
    expect(ask("abuse@alpha.example")).toEqual(["ann@alpha.example"]);
    directory.put(alias("@alpha.example", ["bob@alpha.example"]));
    expect(ask("abuse@alpha.example")).toEqual([]);
  });

  test("an alias of a mailbox's own name forwards with a copy, and falls silent while the mailbox is disabled", () => {
    const directory = new Directory(
      ...people,
      alias("ann@alpha.example", ["ann@alpha.example", "eve@gmail.com"]),
    );
    expect(directory.ask(lookupQueries.aliases, "ann@alpha.example")).toEqual([
      "ann@alpha.example",
      "eve@gmail.com",
    ]);
    directory.put(mailbox("ann@alpha.example", false));
    expect(directory.ask(lookupQueries.aliases, "ann@alpha.example")).toEqual([]);
    expect(directory.ask(lookupQueries.disabledMailboxes, "ann@alpha.example")).toHaveLength(1);
  });

  test("aliases in a circle end, and resolve only when a mailbox is behind them", () => {
    const circle = [
      alias("x@alpha.example", ["y@alpha.example"]),
      alias("y@alpha.example", ["x@alpha.example"]),
    ];
    expect(new Directory(...people, ...circle).ask(lookupQueries.aliases, "x@alpha.example")).toEqual([]);
  });

  test("a mailbox sends as itself and as the aliases that name it, and a disabled one as nobody", () => {
    const directory = new Directory(
      ...people,
      alias("sales@alpha.example", ["ann@alpha.example"], ["ann@alpha.example", "off@alpha.example"]),
    );
    expect(directory.ask(lookupQueries.senderLogins, "ann@alpha.example")).toEqual(["ann@alpha.example"]);
    expect(directory.ask(lookupQueries.senderLogins, "sales@alpha.example")).toEqual(["ann@alpha.example"]);
    expect(directory.ask(lookupQueries.senderLogins, "off@alpha.example")).toEqual([]);
  });

  test("mail of a stranger's domain is forwarded by the way that rewrites its sender, ours and the host's are not", () => {
    const query = forwardedSenderQuery({ hostname: "mail.alpha.example", transport: "forward:there" });
    const directory = new Directory(...people);
    expect(directory.ask(query, "eve@gmail.com")).toEqual(["forward:there"]);
    expect(directory.ask(query, "ann@alpha.example")).toEqual([]);
    expect(directory.ask(query, "root@mail.alpha.example")).toEqual([]);
  });

  test("a hostile key is data: it finds nothing and changes nothing", () => {
    const directory = new Directory(...people);
    for (const query of Object.values(lookupQueries))
      expect(directory.ask(query, "x' OR '1'='1@alpha.example")).toEqual([]);
    expect(directory.ask(lookupQueries.mailboxes, "'; DROP TABLE mailboxes; --")).toEqual([]);
    expect(directory.ask(lookupQueries.mailboxes, "ann@alpha.example")).toEqual(["ann@alpha.example"]);
  });

  test.each(Object.entries(lookupQueries))("the lookup %s never reads a whole table", (_name, query) => {
    const plan = new Directory().database
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .all()
      .map((row) => String(row["detail"]));
    expect(
      plan.filter((line) => line.startsWith("SCAN") && !/^SCAN (walk|CONSTANT ROW)$/.test(line)),
    ).toEqual([]);
  });
});

describe("the questions of Dovecot", () => {
  const queries = dovecotQueries({ ...asked, user: "ann@alpha.example", service: "imap" });

  test("a disabled mailbox has no password, and keeps its folder", () => {
    const directory = new Directory(domain("alpha.example"), mailbox("ann@alpha.example"));
    expect(directory.database.prepare(queries.password).get()).toEqual({
      user: "ann@alpha.example",
      password: hash,
    });
    directory.put(mailbox("ann@alpha.example", false));
    expect(directory.database.prepare(queries.password).get()).toBeUndefined();
    expect(directory.database.prepare(queries.user).get()).toMatchObject({
      home: `/var/vmail/alpha.example/ann/${mailboxId}`,
    });
  });
});

test("a mailbox's script is told the addresses that the mailbox may write as, and only a bounded number", () => {
  const own = "ann@alpha.example";
  const directory = new Directory(domain("alpha.example"), mailbox(own), mailbox("bob@alpha.example"));
  const sender = (user: string) =>
    directory.database.prepare(dovecotQueries({ ...asked, user, service: "lmtp" }).user).get()?.[
      "sendmail_path"
    ];
  directory.put(alias("sales@alpha.example", [own], [own]));
  directory.put(alias("board@alpha.example", [own]));
  expect(sender(own)).toBe(`/send ${own},sales@alpha.example`);
  expect(sender("bob@alpha.example")).toBe("/send bob@alpha.example");
  const long = "a".repeat(60);
  for (let count = 10; count < 90; count += 1)
    directory.put(alias(`${long}${count}@alpha.example`, [own], [own]));
  const line = String(sender(own));
  expect(line.length).toBeGreaterThan(2800);
  expect(line.length).toBeLessThan(3100);
  expect(line.split(",").every((address) => address.endsWith("@alpha.example"))).toBe(true);
});

describe("the question about a quota", () => {
  const entries = [
    domain("alpha.example"),
    mailbox("ann@alpha.example"),
    mailbox("bob@alpha.example"),
    alias("one@alpha.example", ["ann@alpha.example"]),
    alias("two@alpha.example", ["ann@alpha.example", "bob@alpha.example"]),
    alias("out@alpha.example", ["eve@gmail.com"]),
    alias("chain@alpha.example", ["One@alpha.example"]),
    alias("keeps@alpha.example", ["keeps@alpha.example", "bob@alpha.example"]),
    alias("round@alpha.example", ["trip@alpha.example"]),
    alias("trip@alpha.example", ["round@alpha.example"]),
    domain("beta.example"),
    mailbox("carol@beta.example"),
    alias("@beta.example", ["chain@alpha.example"]),
  ];
  const answer = (address: string, service: string) =>
    new Directory(...entries).database
      .prepare(dovecotQueries({ ...asked, user: address, service }).user)
      .get()?.["user"];

  test("an alias of one mailbox stands for it, and only for the policy service", () => {
    expect(answer("one@alpha.example", "quota-status")).toBe("ann@alpha.example");
    expect(answer("one@alpha.example", "lmtp")).toBeUndefined();
    expect(answer("bob@alpha.example", "quota-status")).toBe("bob@alpha.example");
  });

  test("so does an address that leads there by other aliases or a catch-all", () => {
    expect(answer("chain@alpha.example", "quota-status")).toBe("ann@alpha.example");
    expect(answer("anything@beta.example", "quota-status")).toBe("ann@alpha.example");
    expect(answer("carol@beta.example", "quota-status")).toBe("carol@beta.example");
    expect(answer("anything@beta.example", "lmtp")).toBeUndefined();
  });

  test("an alias of several, of a stranger, or none at all is nobody's quota", () => {
    for (const name of ["two", "out", "nobody", "keeps", "round"])
      expect(answer(`${name}@alpha.example`, "quota-status")).toBeUndefined();
  });
});

describe("directoryStatements", () => {
  test("an upsert replaces the whole entry, and a delete takes all that hangs on it", () => {
    const directory = new Directory(
      domain("alpha.example"),
      mailbox("ann@alpha.example"),
      alias("sales@alpha.example", ["ann@alpha.example", "eve@gmail.com"], ["ann@alpha.example"]),
    );
    directory.put(alias("sales@alpha.example", ["eve@gmail.com"]));
    expect(directory.ask(lookupQueries.aliases, "sales@alpha.example")).toEqual(["eve@gmail.com"]);
    expect(directory.ask(lookupQueries.senderLogins, "sales@alpha.example")).toEqual([]);
    directory.remove("alias", "sales@alpha.example");
    directory.remove("mailbox", "ann@alpha.example");
    directory.remove("domain", "alpha.example");
    for (const table of ["domains", "mailboxes", "aliases", "alias_destinations", "alias_senders"])
      expect(directory.database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()).toEqual({ rows: 0 });
  });

  test("a mailbox that is made anew under an address of old has a home of its own", () => {
    const directory = new Directory(domain("alpha.example"), mailbox("ann@alpha.example"));
    const home = () =>
      directory.database
        .prepare(dovecotQueries({ ...asked, user: "ann@alpha.example", service: "imap" }).user)
        .get()?.["home"];
    const before = home();
    directory.put({ ...mailbox("ann@alpha.example"), mailboxId: mailboxId.replace(/1$/, "2") });
    expect(home()).not.toBe(before);
  });

  test("the same change twice leaves the same rows", () => {
    const entry = alias("sales@alpha.example", ["eve@gmail.com"], ["ann@alpha.example"]);
    const directory = new Directory(domain("alpha.example"), entry, domain("alpha.example"), entry);
    expect(directory.ask(lookupQueries.aliases, "sales@alpha.example")).toEqual(["eve@gmail.com"]);
  });

  test("a change whose entry is of another kind is refused", () => {
    const entry = directoryEntrySchema.parse(domain("alpha.example"));
    expect(() =>
      directoryStatements({ revision: 1, op: "upsert", key: "x", entryKind: "mailbox", entry }),
    ).toThrow(/says mailbox and carries domain/);
  });

  test("a new epoch starts from nothing, at its own position", () => {
    const directory = new Directory(domain("alpha.example"), mailbox("ann@alpha.example"));
    directory.run(directoryResetStatements);
    directory.run([directoryPositionStatement({ epoch: 2, revision: 7, chain: "ab" })]);
    expect(directory.ask(lookupQueries.mailboxes, "ann@alpha.example")).toEqual([]);
    expect(directory.database.prepare(directoryPositionSql).get()).toEqual({
      epoch: 2,
      revision: 7,
      chain: "ab",
    });
  });
});

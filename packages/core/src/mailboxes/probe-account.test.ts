import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { alias, DirectoryOn, domain, hash, mailbox, mailboxId } from "./directory.testing.ts";
import { lookupQueries } from "./directory-lookups.ts";
import {
  clearProbeAccounts,
  isProbeAddress,
  isProbeDomain,
  probeAccount,
  putProbeAccount,
} from "./probe-account.ts";

const people = [
  domain("alpha.example"),
  mailbox("ann@alpha.example"),
  alias("@alpha.example", ["ann@alpha.example"]),
  alias("mailstead-probe-desk@alpha.example", ["ann@alpha.example"]),
];
const account = probeAccount({
  chance: "0af3",
  mailboxId,
  passwordHash: hash,
  writesInDomain: "alpha.example",
});
const writesAs = account.writesAs ?? "";

function open(): DirectoryOn<DatabaseSync> {
  return new DirectoryOn(new DatabaseSync(":memory:"), people);
}

const rows = ({ database }: DirectoryOn<DatabaseSync>) =>
  ["domains", "mailboxes", "aliases", "alias_destinations", "alias_senders"].map((table) =>
    database.prepare(`SELECT * FROM ${table}`).all(),
  );

test("the probe's account receives, and writes as its address in a hosted domain, which nobody else may", () => {
  const directory = open();
  directory.run(putProbeAccount(account));
  expect(directory.ask(lookupQueries.domains, account.domain)).toEqual([account.domain]);
  expect(directory.ask(lookupQueries.mailboxes, account.address)).toEqual([account.address]);
  expect(directory.ask(lookupQueries.senderLogins, writesAs)).toEqual([account.address]);
  expect(directory.ask(lookupQueries.senderLogins, "ann@alpha.example")).toEqual(["ann@alpha.example"]);
});

test("mail to the address that it writes as comes to it and never to a catch-all, which goes on as before", () => {
  const directory = open();
  directory.run(putProbeAccount(account));
  expect(directory.ask(lookupQueries.aliases, writesAs)).toEqual([account.address]);
  expect(directory.ask(lookupQueries.aliases, "@alpha.example")).toEqual(["ann@alpha.example"]);
  expect(directory.ask(lookupQueries.postmasters, "postmaster@alpha.example")).toEqual([]);
});

test("when it is cleared the directory is as it was before, and what a killed try has left is cleared by the next", () => {
  const directory = open();
  const before = rows(directory);
  directory.run(putProbeAccount(probeAccount({ ...account, chance: "77", writesInDomain: "alpha.example" })));
  directory.run(putProbeAccount(account));
  expect(directory.ask("SELECT count(*) FROM mailboxes", "")).toEqual(["2"]);
  directory.run(clearProbeAccounts);
  expect(rows(directory)).toEqual(before);
});

test("its address and its domain are known by their names, and nobody else's are", () => {
  expect(isProbeAddress(account.address)).toBe(true);
  expect(isProbeAddress(writesAs)).toBe(false);
  expect(isProbeDomain(account.domain)).toBe(true);
  for (const name of ["alpha.example", ".probe.mailstead.invalid", "../x.probe.mailstead.invalid", "probe"])
    expect(isProbeDomain(name)).toBe(false);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackPaths } from "@mailstead/core/mail-flow";
import { providerRouteQuery } from "@mailstead/core/mailboxes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDirectory, noteProviderDomains } from "../directory/directory-database.ts";
import { openDatabase } from "../platform/sqlite.ts";
import { createSeenProviders } from "./seen-providers.ts";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-seen-"));
  path = join(folder, "directory.sqlite");
});
afterAll(() => rmSync(folder, { recursive: true }));

let now = new Date("2026-11-29T08:00:00Z");
const host = {
  path: (hostPath: string) => (hostPath === stackPaths.directoryDatabase ? path : hostPath),
  nowUnixMs: () => now.getTime(),
};
const delivery = (to: string, port: number, provider: "gmail" | "gmx" | null = "gmail") => ({
  direction: "outbound" as const,
  to,
  provider,
  relay: { name: "aspmx.l.google.com", address: "192.0.2.1", port },
});

/** What Postfix is told of a domain. */
async function routeOf(domain: string): Promise<unknown> {
  const database = await openDatabase(path);
  try {
    const query = providerRouteQuery({
      gates: [
        { provider: "gmail", gate: "to-gmail" },
        { provider: "yahoo", gate: "to-yahoo" },
      ],
      known: [{ provider: "gmail", domains: ["gmail.com"] }],
      except: ["localhost"],
    });
    return Object.values(database.prepare(query.replaceAll("%s", domain)).get() ?? {})[0];
  } finally {
    database.close();
  }
}

test("a host learns who receives for a domain from the MX that took its mail, and from no smarthost", async () => {
  const seen = createSeenProviders(host);
  seen.take(delivery("ann@Customer.example", 25));
  await seen.keep();
  await createDirectory(path);
  await seen.keep();
  seen.take(delivery("bob@relayed.example", 587, "gmx"));
  seen.take(delivery("bob@alone.example", 25, null));
  await seen.keep();
  expect(await routeOf("customer.example")).toBe("to-gmail");
  expect(await routeOf("gmail.com")).toBe("to-gmail");
  expect(await routeOf("relayed.example")).toBeUndefined();
  expect(await routeOf("alone.example")).toBeUndefined();
});

test("a domain that moved is known by where its mail goes now, and one that is long unseen is forgotten", async () => {
  await noteProviderDomains(path, new Map([["customer.example", "yahoo"]]), now);
  expect(await routeOf("customer.example")).toBe("to-yahoo");
  now = new Date("2027-03-29T08:00:00Z");
  await noteProviderDomains(path, new Map([["other.example", "gmail"]]), now);
  expect(await routeOf("customer.example")).toBeUndefined();
  expect(await routeOf("other.example")).toBe("to-gmail");
});

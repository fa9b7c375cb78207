import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { asksOf } from "./asks.ts";

const web = resolve(import.meta.dirname, "../../../apps/web/src");
const id = "01890000-0000-7000-8000-000000000001";
const some = [id];
const paths = asksOf({
  customers: some,
  servers: some,
  addresses: ["192.0.2.1"],
  domains: some,
  reported: some,
  strangers: ["198.51.100.1"],
  findings: some,
  day: "2026-11-29",
}).flatMap((ask) => ask.paths);

/** Pages that show nothing of deliverability, each with what it is about. */
const otherPages: Readonly<Record<string, string>> = {
  "/audit": "who did what",
  "/domains/*/aliases": "addresses",
  "/domains/*/keys": "keys and their rotation",
  "/domains/*/mailboxes": "addresses",
  "/domains/*/settings": "settings",
  "/jobs": "work on servers",
  "/jobs/*": "work on servers",
  "/mailboxes": "addresses",
  "/rollouts": "changes over the fleet",
  "/rollouts/*": "one such change, with the mail of the hours around it",
  "/rollouts/new": "changes over the fleet",
  "/servers/*/drift": "files of a server",
  "/servers/*/install": "how a server comes in",
  "/servers/*/jobs": "work on servers",
  "/servers/*/software": "packages of a server",
  "/settings/maintenance": "when servers may be changed",
  "/settings/google": "the way back from Google, which stores a consent",
  "/updates": "packages",
  "/updates/cves": "packages",
  "/updates/cves/*": "packages",
  "/updates/packages": "packages",
  "/updates/restart": "packages",
  "/zones": "names",
  "/zones/*": "names",
};

test("each page that shows anything of deliverability is measured", () => {
  const pages = globSync("**/page.tsx", { cwd: join(web, "app", "(house)") }).map((file) => {
    const folders = file.split("/").slice(0, -1);
    return `/${folders.map((name) => (name.startsWith("[") ? "*" : name)).join("/")}`;
  });
  const asked = new Set(
    paths.map((path) =>
      path
        .replace(/\?.*/, "")
        .replaceAll(id, "*")
        .replace("/deliverability/192.0.2.1", "/deliverability/*")
        .replace(/^\/runbooks\/.+/, "/runbooks/*"),
    ),
  );
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.filter((page) => !asked.has(page) && otherPages[page] === undefined)).toEqual([]);
});

/** Slices whose questions are about deliverability. */
const slices = {
  accounts: "accounts",
  alerts: "alerts",
  blockLists: "block-lists",
  deliverability: "deliverability",
  feeds: "feeds",
  findings: "findings",
  home: "home",
  mailQueue: "mail-queue",
  measures: "measures",
  senderRules: "sender-rules",
  trace: "trace",
  verdicts: "verdicts",
} as const;

/** Questions about what a host was asked a moment ago: the answer is one row of a job. */
const ofHosts = ["mailQueue.page", "mailQueue.changed", "trace.answers"];

test("each question that screens ask about deliverability is measured", () => {
  const procedures = Object.entries(slices).flatMap(([slice, folder]) => {
    const source = readFileSync(join(web, "features", folder, "router.ts"), "utf8");
    const found = [
      ...source.matchAll(/^ {2}(\w+): (?:queryOf\(|memberProcedure\b[\s\S]*?\.(query|mutation)\()/gm),
    ];
    return found.flatMap(([, name, kind]) => (kind === "mutation" ? [] : [`${slice}.${name}`]));
  });
  // What a page asks for is asked with it.
  const asked = new Set(paths.flatMap((path) => /^\/api\/trpc\/([^?]+)/.exec(path)?.[1] ?? []));
  expect(procedures.length).toBeGreaterThan(30);
  expect(procedures.filter((name) => !asked.has(name) && !ofHosts.includes(name))).toEqual([]);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificatePaths, stackPaths } from "@mailstead/core/mail-flow";
import type { HealthCheckId, MailHealth } from "@mailstead/core/updates";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDirectory, readProbes } from "../directory/directory-database.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { rememberApplied } from "../reconcile/target-documents.ts";
import { closeStores } from "../telemetry/store.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { checkCertificates } from "./check-certificates.ts";
import { checkMail, type MailCheckInput } from "./check-mail.ts";
import { type FakeMailHost, openFakeMailHost } from "./fake-mail-host.testing.ts";
import { openProbe } from "./probe.ts";

const { identity } = makeIdentity();
const domain = "alpha.example";

let host: FakeHost;
let mail: FakeMailHost;
/** Ids of letters that Postfix was told to delete. */
let deleted: string[];

beforeEach(async () => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "mail-check-")));
  deleted = [];
  mail = await openFakeMailHost(host, { hostname: makeTarget().target.hostname, domain });
  const { target } = makeTarget();
  await rememberApplied(host, target);
  const { units } = renderTarget({ suite: "bookworm", sealingKeys: identity.sealingKeys, target });
  await host.run(["systemctl", "start", "--", ...units.map(({ unit }) => unit)]);
  host.write("/etc/postfix/main.cf", "");
  host.write(stackPaths.directoryDatabase, "");
  rmSync(host.path(stackPaths.directoryDatabase));
  await createDirectory(host.path(stackPaths.directoryDatabase));
});
afterEach(async () => {
  await mail.close();
  closeStores();
  rmSync(host.root, { recursive: true });
});

function check(changes: Partial<MailCheckInput> = {}): Promise<MailHealth> {
  return checkMail({
    host: {
      ...host,
      async run(argv, options) {
        if (argv[0] === "postqueue")
          return { exitCode: 0, stderr: "", hasTimedOut: false, stdout: tellQueue(options?.onLine) };
        if (argv[0] === "postsuper") deleted.push(...(options?.input ?? "").trim().split("\n"));
        return argv[0] === "postsuper"
          ? { exitCode: 0, stdout: "", stderr: "", hasTimedOut: false }
          : host.run(argv, options);
      },
    },
    suite: "bookworm",
    sealingKeys: identity.sealingKeys,
    storePath: host.path("/telemetry.sqlite"),
    readLog: async () => undefined,
    doors: mail.doors,
    resolver: mail.resolver,
    limits: { arrivesWithinMs: 1000, pollEveryMs: 10, logEveryMs: 50 },
    ...changes,
  });
}

function tellQueue(onLine: ((line: string) => void) | undefined): string {
  for (const entry of mail.queue) onLine?.(JSON.stringify(entry));
  return "";
}

const stateOf = ({ checks }: MailHealth) =>
  Object.fromEntries(checks.map(({ id, state }) => [id, state])) as Record<HealthCheckId, string>;
const sentenceOf = ({ checks }: MailHealth, id: HealthCheckId) =>
  checks.find((one) => one.id === id)?.sentence ?? "";

async function expectNothingLeft(): Promise<void> {
  expect(await readProbes(host.path(stackPaths.directoryDatabase))).toEqual([]);
  expect(mail.mailboxFolders()).toEqual([]);
}

test("a good host is told to be good in each of its parts, and nothing is left of the trying", async () => {
  const health = await check();
  expect(stateOf(health), JSON.stringify(health.checks)).toEqual({
    ...{ units: "ok", greeting: "ok", certificate: "ok", "sign-in": "ok" },
    ...{ loopback: "ok", signature: "ok", packages: "ok" },
  });
  expect(mail.letters).toEqual([]);
  await expectNothingLeft();
});

test("the letter is nobody's: it names a domain of the host, bounces to nobody, and its account is drawn anew", async () => {
  await check();
  await check();
  const [first, second] = mail.handedIn;
  expect(first?.from).toMatch(/^mailstead-probe-[0-9a-f]{32}@alpha\.example$/);
  expect(first?.recipient).toMatch(/^<probe@[0-9a-f]{32}\.probe\.mailstead\.invalid> NOTIFY=NEVER$/);
  expect(second?.recipient).not.toBe(first?.recipient);
});

test("a host without a mail stack says so, and is not called bad", async () => {
  rmSync(host.path("/var/lib/mailstead/targets"), { recursive: true });
  const health = await check();
  expect(stateOf(health)).toMatchObject({ units: "unknown", loopback: "unknown", packages: "ok" });
});

test.each([
  ["takes any password", { takesAnyPassword: true }, "sign-in", /587|993|takes a wrong password/],
  ["refuses the right password", { refusesRightPassword: true }, "sign-in", /refuses/],
  ["cannot look at passwords", { isDirectoryAway: true }, "sign-in", /temporary|454/],
  ["greets as another", { greetsAs: "localhost" }, "greeting", /greets as "localhost" and not as/],
  ["offers no TLS", { hidesStartTls: true }, "greeting", /offers no STARTTLS/],
  [
    "refuses the letter",
    { refusesAfterText: "451 4.7.1 Service unavailable - try again later" },
    "loopback",
    /while Rspamd does not answer/,
  ],
  ["loses the letter", { losesLetters: true }, "loopback", /did not arrive/],
  ["alters the letter", { altersLetters: true }, "signature", /the body is another than was signed/],
  [
    "does not sign",
    { signsNothing: true },
    "signature",
    /^Rspamd did not sign the letter with s1 for alpha.example\.$/,
  ],
] as const)("a host that %s is told to be bad there, and nothing is left", async (_, faults, id, words) => {
  Object.assign(mail.faults, faults);
  const health = await check();
  expect(stateOf(health)[id]).toBe("bad");
  expect(sentenceOf(health, id)).toMatch(words);
  await expectNothingLeft();
});

test.each([
  ["shows no key", { kind: "none" }, /DNS shows no key under s1 yet/],
  ["does not answer", { kind: "failed", problem: "nobody answered in time" }, /nobody answered in time/],
] as const)("a DNS that %s makes the signature unknown and not bad", async (_, answer, words) => {
  const health = await check({ resolver: { answer: async () => answer } });
  expect(stateOf(health)).toMatchObject({ loopback: "ok", signature: "unknown" });
  expect(sentenceOf(health, "signature")).toMatch(words);
});

test("a letter that a rule put into another folder is found there", async () => {
  mail.faults.filesInto = "Junk";
  host.write("/etc/postfix/main.cf", "maillog_file = /var/log/mail.log\n");
  const at = new Date(host.nowUnixMs() + 60_000).toISOString().replace(/\.\d+Z/, "+00:00");
  host.write(
    "/var/log/mail.log",
    `${at} mail postfix/lmtp[1]: 4WbcQ81RzxzPtr: to=<x@y>, relay=mail[run/lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)\n`,
  );
  const health = await check();
  expect(sentenceOf(health, "loopback")).toMatch(/read by IMAP in the folder Junk/);
});

test("a door that falls silent is told after a limit and keeps no other part from being tried", async () => {
  await mail.closeDoor("imaps");
  const health = await check();
  expect(stateOf(health)).toMatchObject({
    "sign-in": "bad",
    loopback: "bad",
    signature: "unknown",
    greeting: "ok",
  });
  expect(sentenceOf(health, "loopback")).toMatch(/^Nobody can sign in to read the letter/);
  await expectNothingLeft();
});

test("what a try that was killed has left goes with the next: its letter, its mailbox and its account", async () => {
  const { account } = await openProbe(host, domain);
  mail.makeMailbox(account.address);
  const queued = (queue_id: string, address: string) => ({
    ...{ queue_name: "deferred", queue_id, arrival_time: 1, message_size: 1, sender: account.writesAs ?? "" },
    recipients: [{ address }],
  });
  mail.queue.push(queued("4xLeft", account.address), queued("4xOther", "ann@alpha.example"));
  await check();
  expect(new Set(deleted)).toEqual(new Set(["4xLeft"]));
  await expectNothingLeft();
});

test("two who ask at once get the answer of one try", async () => {
  const [one, other] = await Promise.all([check(), check()]);
  expect(one).toBe(other);
  expect(mail.handedIn).toHaveLength(1);
});

const certificateId = "0193a5b0-7c1e-7000-8000-0000000000c1";

/** A host that has a certificate of a CA for another name beside its own. */
async function addCertificate(name: string): Promise<void> {
  const { certificate, key } = certificatePaths(certificateId);
  for (const path of [certificate, key]) host.write(path, "");
  await host.run([
    ...(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "36500"] as const),
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`],
    ...["-keyout", host.path(key), "-out", host.path(certificate)],
  ]);
  const issued = { version: "v1", chain: host.read(certificate) };
  const own = { id: certificateId, names: [name], keyId: certificateId, issued, next: null };
  await rememberApplied(host, makeTarget({ certificates: [own] }).target);
}

test("a port that answers to a hosted name with another certificate than that name's is told by port and name", async () => {
  await addCertificate("mail.beta.example");
  const [found] = (await check()).checks.filter(({ id }) => id === "certificate");
  const { submissions, imaps } = mail.doors;
  expect(found?.state).toBe("bad");
  expect(found?.faults.toSorted()).toEqual(
    [`${submissions} mail.beta.example`, `${imaps} mail.beta.example`].toSorted(),
  );
  expect(found?.sentence).toContain("asked for mail.beta.example, shows a certificate with the fingerprint");
});

test("a certificate that is served as it lies on disk and has ended is told with its end", async () => {
  const after = Date.parse("2200-01-01T00:00:00Z");
  const { target } = makeTarget();
  const late = { ...host, nowUnixMs: () => after };
  const found = await checkCertificates(late, { target, doors: mail.doors });
  expect(found.state).toBe("bad");
  expect(found.sentence).toMatch(/asked for mail\.alpha\.example, shows a certificate that ended at /);
});

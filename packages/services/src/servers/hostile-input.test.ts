import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServiceError } from "../context/index.ts";
import { addDomain } from "../domains/index.ts";
import { createAlias, createMailbox, setMailboxQuota } from "../mailboxes/index.ts";
import { createTenant } from "../tenants/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import {
  addServer,
  changeHostname,
  changeOverrides,
  changeStackSettings,
  setRelays,
  unbanAddress,
} from "./index.ts";

const t = await openServerTest({ name: "mail" });
const { serverId } = t;
let domainId: string;
let mailboxId: string;
beforeAll(async () => {
  ({ domainId } = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "alpha.example" }));
  ({ mailboxId } = await createMailbox(t.owner, { domainId, localPart: "ann", password: "a good password" }));
});
afterAll(() => t.close());

/** What strangers type: text that would mean something to a configuration file, a shell, SQL or a path. */
const injections = [
  "a.example\nsmtpd_relay_restrictions = permit",
  "a.example\r\nmynetworks = 0.0.0.0/0",
  "a.example\0",
  "a.example; rm -rf /",
  "$(id).example",
  "`id`.example",
  "a'b.example",
  'a"b.example',
  "a{b}.example",
  "../../etc/passwd",
  "a.example #",
  "' or 1=1 --",
  "%s.example",
  "a\\b.example",
  "a\u2028b.example",
  "a\u202Eelpmaxe.example",
  "[203.0.113.9]",
  "a,b.example",
  "*.example",
  "a b.example",
];

async function sentenceOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.kind).toBe("invalid");
    return error.message;
  }
  throw new Error("this was taken");
}

/** One sentence that a person can read: it begins with a capital or the thing itself, ends, and has no line break. */
function expectClear(sentence: string): void {
  expect(sentence).toMatch(/^[\p{Lu}"0-9a-z$'`*[].*[.!?]$/u);
  expect(sentence).not.toMatch(/\p{Cc}|ZodError|undefined|\[object/u);
  expect(sentence.length).toBeLessThan(300);
}

const fields: [string, (text: string) => Promise<unknown>][] = [
  ["a server's host name", (text) => addServer(t.owner, { tenantId: t.tenantId, name: "x", hostname: text })],
  ["a new host name", (text) => changeHostname(t.owner, { serverId, hostname: text })],
  ["a domain", (text) => addDomain(t.owner, { tenantId: t.tenantId, serverId, name: text })],
  ["a mailbox", (text) => createMailbox(t.owner, { domainId, localPart: text, password: "a good password" })],
  ["an alias", (text) => createAlias(t.owner, { domainId, localPart: text, destinations: ["x@y.example"] })],
  [
    "a destination",
    (text) => createAlias(t.owner, { domainId, localPart: "d", destinations: [`x@${text}`] }),
  ],
  [
    "a destination's name",
    (text) => createAlias(t.owner, { domainId, localPart: "d", destinations: [`${text} @y.example`] }),
  ],
  [
    "a relay's host",
    (text) =>
      setRelays(t.owner, { serverId, relays: [{ sendersOf: "*", smarthost: { host: text, port: 25 } }] }),
  ],
  [
    "a relayed domain",
    (text) => setRelays(t.owner, { serverId, relays: [{ sendersOf: text, smarthost: null }] }),
  ],
  [
    "the postmaster",
    (text) => changeStackSettings(t.owner, { serverId, settings: { postmaster: text as never } }),
  ],
  [
    "an address never banned",
    (text) => changeStackSettings(t.owner, { serverId, settings: { neverBanned: [text] } }),
  ],
  ["an address to unban", (text) => unbanAddress(t.owner, { serverId, address: text })],
  [
    "a file of Rspamd",
    (text) =>
      changeOverrides(t.owner, {
        serverId,
        overrides: { postfixMain: [], dovecot: "", rspamd: { [`local.d/${text}`]: "x" }, sieveBefore: "" },
      }),
  ],
];

describe.each(fields)("%s", (_field, put) => {
  test.each(injections)("refuses %j with one clear sentence", async (text) => {
    expectClear(await sentenceOf(() => put(text)));
  });

  test.each(["", "x".repeat(65), `${"x".repeat(64)}.example`, "x".repeat(600)])(
    "refuses %j, which is too short or too long",
    async (text) => {
      // A name of up to 64 characters without a dot is a good local part, and nothing else of these is anything.
      expectClear(await sentenceOf(() => put(text)));
    },
  );
});

const credentials = ["a\nb", "a\r\nsmtp_sasl_password_maps =", "a\0b", "user:colon"];
test("a relay's user name with half a character is refused", async () => {
  const smarthost = { host: "relay.example", port: 25, username: "a\ud83d", password: "p" };
  const relays = [{ sendersOf: "*", smarthost }];
  expectClear(await sentenceOf(() => setRelays(t.owner, { serverId, relays })));
});

test.each(credentials)("a relay's user name %j is refused", async (username) => {
  const relay = { sendersOf: "*", smarthost: { host: "relay.example", port: 25, username, password: "p" } };
  expectClear(await sentenceOf(() => setRelays(t.owner, { serverId, relays: [relay] })));
});

test.each(["a\nb", "a\0b", ""])("a relay's password %j is refused and not repeated", async (password) => {
  const relay = { sendersOf: "*", smarthost: { host: "relay.example", port: 25, username: "u", password } };
  expectClear(await sentenceOf(() => setRelays(t.owner, { serverId, relays: [relay] })));
});

test.each(["smtpd_banner = x\nmynetworks = 0.0.0.0/0", "a\0b"])(
  "an override line %j is refused",
  async (line) => {
    const overrides = { postfixMain: [line], dovecot: "", rspamd: {}, sieveBefore: "" };
    expectClear(await sentenceOf(() => changeOverrides(t.owner, { serverId, overrides })));
  },
);

test.each([
  [
    { dovecot: "verbose_proctitle = yes\nservice x {\nexecutable = /bin/sh\nuser = root\n}\n" },
    /^Line 2 of the Dovecot/,
  ],
  [{ dovecot: "!include /var/lib/mailstead-dkim/alpha.example.key\n" }, /^Line 1 of the Dovecot/],
  [{ postfixMain: ["mailbox_command = /bin/sh"] }, /^Line 1 of the main\.cf/],
  [{ postfixMain: ["smtpd_banner = x", "alias_maps = hash:/etc/shadow"] }, /^Line 2 of the main\.cf/],
  [{ rspamd: { "local.d/options.inc": '.include "/etc/shadow"' } }, /^Line 1 of the Rspamd/],
  [{ sieveBefore: 'require "vnd.dovecot.execute";' }, /^Line 1 of the sieve/],
  [{ sieveBefore: "keep;\n# a\0b\n" }, /^Line 2 of the sieve/],
  [{ sieveBefore: "keep;\n# a\ud83d\n" }, /^Line 2 of the sieve/],
  [{ rspamd: { "local.d/senders.map": "a\n\0\n" } }, /^Line 2 of the Rspamd/],
  [{ postfixMain: ["smtpd_banner = x", "# a\0b"] }, /^Line 2 of the main\.cf/],
] as const)("the override %j is refused, and the sentence names its line", async (part, says) => {
  const none = { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore: "" };
  const overrides = { ...none, ...part } as typeof none;
  const sentence = await sentenceOf(() => changeOverrides(t.owner, { serverId, overrides }));
  expectClear(sentence);
  expect(sentence).toMatch(says);
});

test("overrides are for admins, because they reach further than any setting", async () => {
  const overrides = { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore: "keep;" };
  await expect(changeOverrides(t.as("technician"), { serverId, overrides })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await changeOverrides(t.as("admin"), { serverId, overrides });
});

test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
  "a quota of %d is refused",
  async (quotaBytes) => {
    expectClear(await sentenceOf(() => setMailboxQuota(t.owner, { mailboxId, quotaBytes })));
  },
);

test.each(["", "   ", "a\nb", "x".repeat(201)])("a customer named %j is refused", async (name) => {
  expectClear(await sentenceOf(() => createTenant(t.owner, { name })));
});

test("a name of any script is a good name for a customer", async () => {
  await createTenant(t.owner, { name: "Käserei Müller & Söhne; 株式会社 'x' $(id)" });
});

test.each([
  ["MÜNCHEN.example", "xn--mnchen-3ya.example"],
  ["例え.テスト", "xn--r8jz45g.xn--zckzah"],
  ["xn--mnchen-3ya.example", "xn--mnchen-3ya.example"],
])("the domain %s is one domain, stored as %s", async (typed, stored) => {
  const result = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: typed }).catch(
    (error: ServiceError) => error.message,
  );
  expect([
    { domainId: expect.any(String), name: stored },
    `${stored} is hosted here already.`,
  ]).toContainEqual(result);
});

test.each(["xn--.example", "xn--a.example", "a\u200db.example", "faß\u00ad.example", "٠٩.example"])(
  "the malformed international name %j is refused or folded to plain ASCII",
  async (name) => {
    const result = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name }).catch((error) => error);
    if (result instanceof Error) expectClear(result.message);
    else expect(result.name).toMatch(/^[a-z0-9.-]+$/);
  },
);

test("a mailbox of 64 characters is the longest", async () => {
  const localPart = "x".repeat(64);
  expect(await createMailbox(t.owner, { domainId, localPart, password: "a good password" })).toMatchObject({
    address: `${localPart}@alpha.example`,
  });
});

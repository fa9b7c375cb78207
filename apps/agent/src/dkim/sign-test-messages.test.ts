import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dkimSelectorSchema } from "@mailstead/core/domains";
import { jobCatalog } from "@mailstead/core/jobs";
import { dkimKeyPath } from "@mailstead/core/mail-flow";
import type { DkimAlgorithm } from "@mailstead/core/servers";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApplyContext } from "../apply/executor.ts";
import { makeDkimKey, publicKeyOfDkim } from "../apply/make-dkim-key.ts";
import { rememberApplied } from "../reconcile/target-documents.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { signTestMessages } from "./sign-test-messages.ts";

const { identity } = makeIdentity();
const domain = "alpha.example";
const keys = { ms202611a: "rsa-2048", ms202611b: "ed25519" } as const;
const { args: argsSchema, result: resultSchema } = jobCatalog["test-signature"];

describe("signing test messages", () => {
  let host: FakeHost;
  beforeEach(async () => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "test-signature-")));
    await rememberApplied(host, makeTarget().target);
    for (const [selector, algorithm] of Object.entries(keys)) await makeKey(selector, algorithm);
  });
  afterEach(() => rmSync(host.root, { recursive: true }));

  async function makeKey(selector: string, algorithm: DkimAlgorithm) {
    const path = dkimKeyPath(domain, selector);
    const step = { kind: "make-dkim-key", id: "k", title: "k", weight: 1, domain, selector, algorithm, path };
    await makeDkimKey.apply(
      step as Parameters<typeof makeDkimKey.apply>[0],
      { host } as unknown as ApplyContext,
    );
  }

  const ask = (selectors: readonly string[], of = domain) =>
    signTestMessages({ host, identity }, argsSchema.parse({ domain: of, selectors }));

  const verify = (message: string) =>
    dkimVerify(message, {
      resolver: async (name: string) => {
        const selector = name.split(".")[0] as keyof typeof keys;
        const type = keys[selector] === "ed25519" ? "ed25519" : "rsa";
        const text = host.read(dkimKeyPath(domain, selector)) ?? "";
        return [[`v=DKIM1; k=${type}; p=${publicKeyOfDkim(keys[selector], text)}`]];
      },
    });

  it("gives for each selector a message of its own that a receiver verifies by the key's public half", async () => {
    const result = await ask(["ms202611a", "ms202611b"]);
    expect(resultSchema.parse(result)).toEqual(result);
    expect(result.signatures.map(({ selector }) => selector)).toEqual(["ms202611a", "ms202611b"]);
    for (const { selector, message } of result.signatures) {
      const { results, headerFrom } = await verify(message);
      expect(headerFrom).toEqual([`postmaster@${domain}`]);
      expect(results).toMatchObject([{ signingDomain: domain, selector, status: { result: "pass" } }]);
      expect(results[0]?.algo).toBe(
        keys[selector as keyof typeof keys] === "ed25519" ? "ed25519-sha256" : "rsa-sha256",
      );
      expect(message.split("\r\n").join("")).not.toMatch(/[\r\n]/);
    }
    const [first, second] = result.signatures.map(({ message }) => /^Subject: .*$/m.exec(message)?.[0]);
    expect(first).not.toBe(second);
  });

  it("signs under the delegated name when the key stands behind one", async () => {
    const { target } = makeTarget();
    const delegated = {
      ...target,
      domains: target.domains.map((one) => ({
        ...one,
        dkimKeys: one.dkimKeys.map((key) =>
          key.selector === "ms202611a" ? { ...key, signsAs: dkimSelectorSchema.parse("ms1") } : key,
        ),
      })),
    };
    await rememberApplied(host, delegated);
    const { signatures } = await ask(["ms202611a"]);
    expect(signatures[0]).toMatchObject({ selector: "ms202611a", message: expect.stringMatching(/ s=ms1;/) });
  });

  it.each(["From", "To", "Subject", "Date", "Message-ID", "body"])(
    "covers %s, so that a message that was altered does not verify",
    async (part) => {
      const [signed] = (await ask(["ms202611b"])).signatures;
      const altered =
        part === "body"
          ? `${signed?.message}More.\r\n`
          : (signed?.message ?? "").replace(new RegExp(`^${part}: `, "m"), `${part}: x`);
      expect((await verify(altered)).results[0]?.status.result).not.toBe("pass");
    },
  );

  it("signs with a key that signs no mail yet, which is what is to be tested before it does", async () => {
    const waiting = { selector: "ms202611b", algorithm: "ed25519", isSigning: false };
    const domains = [{ name: domain, dkimKeys: [waiting] }];
    await rememberApplied(host, makeTarget({ revision: 2, domains }).target);
    expect((await ask(["ms202611b"])).signatures).toHaveLength(1);
  });

  it.each([
    { selectors: ["ms202611c"], of: domain },
    { selectors: ["ms202611a", "ms202611c"], of: domain },
    { selectors: ["ms202611a"], of: "beta.example" },
  ])("refuses a key that is not in its target state, although a file of it lies there: %j", async (asked) => {
    await makeKey("ms202611c", "rsa-2048");
    writeFileSync(
      host.path(dkimKeyPath("beta.example", "ms202611a")),
      host.read(dkimKeyPath(domain, "ms202611a")) ?? "",
    );
    await expect(ask(asked.selectors, asked.of)).rejects.toMatchObject({
      name: "JobFailure",
      retry: "temporary",
      message: expect.stringMatching(/is not in the target state that this host was last brought to/),
    });
  });

  it("refuses on a host that was brought to another server's target state", async () => {
    const serverId = "0198a5e0-0000-7000-8000-0000000000ff";
    await rememberApplied(host, makeTarget({ serverId }).target);
    await expect(ask(["ms202611a"])).rejects.toThrow(/is not in the target state/);
  });

  it("says which key is missing on the host, and that trying again helps", async () => {
    rmSync(host.path(dkimKeyPath(domain, "ms202611b")));
    await expect(ask(["ms202611a", "ms202611b"])).rejects.toMatchObject({
      retry: "temporary",
      message: `The key ms202611b of ${domain} is not on this host: ${dkimKeyPath(domain, "ms202611b")} is missing. Run a converge, which makes it.`,
    });
  });

  it.each(Object.keys(keys))(
    "says which file is no key, and that trying again does not help: %s",
    async (selector) => {
      host.write(dkimKeyPath(domain, selector), "c2hvcnQ=\n");
      await expect(ask([selector])).rejects.toMatchObject({
        retry: "permanent",
        message: expect.stringMatching(`^${dkimKeyPath(domain, selector)} holds no `),
      });
    },
  );

  it.each(["../../etc/shadow", "a.b", "", "-a", "A", "a/b", "a\0", "a\n", "a".repeat(64)])(
    "takes no selector that could name another file: %j",
    (selector) => {
      expect(argsSchema.safeParse({ domain, selectors: [selector] }).success).toBe(false);
    },
  );

  it.each(["../alpha.example", "..", "/etc/passwd", "alpha", "alpha.example/..", "alpha.example\0"])(
    "takes no domain that could name another file: %j",
    (name) => {
      expect(argsSchema.safeParse({ domain: name, selectors: ["a"] }).success).toBe(false);
    },
  );

  it("signs in the name of a very long domain within what an answer and a line may carry", async () => {
    const long = Array.from({ length: 4 }, () => "a".repeat(55)).join(".");
    const selector = "ms202611a";
    const dkimKeys = [{ selector, algorithm: "rsa-2048", isSigning: true }];
    await rememberApplied(host, makeTarget({ domains: [{ name: long, dkimKeys }] }).target);
    host.write(dkimKeyPath(long, selector), host.read(dkimKeyPath(domain, selector)) ?? "");
    const result = await ask([selector], long);
    expect(resultSchema.parse(result)).toEqual(result);
    // RFC 5322 §2.1.1.
    for (const line of result.signatures[0]?.message.split("\r\n") ?? [])
      expect(line.length).toBeLessThanOrEqual(998);
  });

  it.each([
    {
      signs: "with two keys",
      scan: ["b; s=ms202611b;\r\n\t t=1", "rsa; s=ms202611a"],
      with: ["ms202611b", "ms202611a"],
    },
    { signs: "with one key", scan: "rsa; s=ms202611a", with: ["ms202611a"] },
    { signs: "not at all", scan: undefined, with: [] },
  ])("tells that Rspamd signs $signs", async ({ scan, with: signsWith }) => {
    const signature = (text: string) => `v=1; d=alpha.example; a=${text}; b=ab=\r\n\tcd=`;
    const value = Array.isArray(scan) ? scan.map(signature) : scan && signature(scan);
    answerOfRspamd({ action: "no action", "dkim-signature": value });
    expect((await ask(["ms202611a"])).signsWith).toEqual(signsWith);
  });

  it.each([
    {
      what: "in another domain's name",
      answer: { "dkim-signature": "v=1; d=beta.example; s=a; b=x" },
      signsWith: [],
    },
    {
      what: "with what is no selector",
      answer: { "dkim-signature": `v=1; d=${domain}; s=../a; b=x` },
      signsWith: [],
    },
    { what: "in a way that we do not know", answer: { "dkim-signature": 7 }, signsWith: null },
    { what: "nothing that can be read", answer: "nonsense", signsWith: null },
  ])("believes no answer of Rspamd that is $what", async ({ answer, signsWith }) => {
    answerOfRspamd(answer);
    expect((await ask(["ms202611a"])).signsWith).toEqual(signsWith);
  });

  it("signs also while Rspamd does not answer, and says that it does not", async () => {
    const result = await ask(["ms202611a"]);
    expect(result.signatures).toHaveLength(1);
    expect(result.signsWith).toBeNull();
  });

  function answerOfRspamd(answer: unknown) {
    const rspamdScan = typeof answer === "string" ? answer : JSON.stringify(answer);
    host.write("/fake-state.json", JSON.stringify({ ...host.state(), rspamdScan }));
  }
});

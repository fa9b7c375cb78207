import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noOverrides } from "@mailstead/core/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overridesVetoProblem, vetoProblem } from "./owner-policy.ts";

describe("the owner's policy file", () => {
  let path: string;
  beforeAll(() => {
    path = join(mkdtempSync(join(tmpdir(), "policy-")), "policy.json");
  });
  afterAll(() => rmSync(join(path, ".."), { recursive: true }));
  const verdict = (text: string) => {
    writeFileSync(path, text);
    return vetoProblem(path, "converge");
  };

  it("forbids nothing when there is none", async () => {
    expect(await vetoProblem(`${path}.none`, "converge")).toBeNull();
  });

  it("forbids what it denies and, where it allows some verbs, all others", async () => {
    expect(await verdict('{"deny": ["restart-service"]}')).toBeNull();
    expect(await verdict('{"deny": ["converge"]}')).toMatch(/forbids "converge"/);
    expect(await verdict('{"allow": ["refresh-facts"]}')).toMatch(/allows only refresh-facts/);
    expect(await verdict('{"allow": ["converge"], "deny": ["converge"]}')).toMatch(/forbids/);
    expect(await verdict('{"allow": []}')).toMatch(/allows only nothing/);
  });

  it("forbids overrides of what it names, where there are any", async () => {
    const verdictOn = (overrides: Partial<typeof noOverrides>) =>
      overridesVetoProblem(path, { ...noOverrides, ...overrides });
    writeFileSync(path, '{"denyOverrides": ["dovecot", "rspamd"]}');
    expect(await vetoProblem(path, "converge")).toBeNull();
    expect(await verdictOn({})).toBeNull();
    expect(await verdictOn({ postfixMain: ["smtpd_banner = x"], sieveBefore: "keep;" })).toBeNull();
    expect(await verdictOn({ dovecot: "verbose_proctitle = yes", rspamd: { "local.d/a.conf": "" } })).toBe(
      `the owner of this host forbids overrides of dovecot and rspamd in ${path}`,
    );
    writeFileSync(path, '{"denyOverrides": ["nginx"]}');
    expect(await verdictOn({})).toMatch(/cannot be understood, so nothing is done/);
  });

  it.each(["", "{", '{"deny": "converge"}', '{"denies": ["converge"]}', '{"deny": ["converrge"]}'])(
    "forbids everything when it cannot be understood: %s",
    async (text) => {
      expect(await verdict(text)).toMatch(/cannot be understood, so nothing is done/);
    },
  );
});

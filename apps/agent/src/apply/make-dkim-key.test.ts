import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publicKeyOf } from "../link/keys.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import type { ApplyContext } from "./executor.ts";
import { makeDkimKey, publicKeyOfDkim } from "./make-dkim-key.ts";

const path = "/var/lib/mailstead-dkim/alpha.example.s1.key";

describe("making a DKIM key", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "dkim-")));
    mkdirSync(host.path("/var/lib/mailstead-dkim"), { recursive: true });
  });
  afterEach(() => rmSync(host.root, { recursive: true }));

  const make = (algorithm: "rsa-2048" | "ed25519") =>
    makeDkimKey.apply(
      {
        kind: "make-dkim-key",
        id: "k",
        title: "k",
        weight: 1,
        domain: "alpha.example",
        selector: "s1",
        algorithm,
        path,
      },
      { host } as unknown as ApplyContext,
    );
  const text = () => readFileSync(host.path(path), "utf8");

  it("makes an RSA key whose public half verifies what it signs", async () => {
    await make("rsa-2048");
    const key = createPublicKey({
      key: Buffer.from(publicKeyOfDkim("rsa-2048", text()), "base64"),
      format: "der",
      type: "spki",
    });
    const signature = sign("sha256", Buffer.from("mail"), createPrivateKey(text()));
    expect(verify("sha256", Buffer.from("mail"), key, signature)).toBe(true);
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it("makes an Ed25519 key as Rspamd reads it, with its public half as RFC 8463 writes it", async () => {
    await make("ed25519");
    const raw = Buffer.from(text(), "base64");
    expect(raw).toHaveLength(64);
    const seed = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), raw.subarray(0, 32)]);
    const signature = sign(null, Buffer.from("mail"), { key: seed, format: "der", type: "pkcs8" });
    const key = publicKeyOf("ed25519", publicKeyOfDkim("ed25519", text()));
    expect(verify(null, Buffer.from("mail"), key, signature)).toBe(true);
  });

  it("never overwrites one that is there, and lets only root and Rspamd read it", async () => {
    await make("ed25519");
    const first = text();
    expect(await make("ed25519")).toEqual({ outcome: "unchanged" });
    expect(text()).toBe(first);
    expect(statSync(host.path(path)).mode & 0o777).toBe(0o640);
    expect(await host.ownerOf(host.path(path))).toEqual({ owner: "root", group: "_rspamd" });
  });
});

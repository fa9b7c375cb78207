import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { parseSshPublicKey, readSshHostKeys } from "./ssh-host-keys.ts";

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "ssh-keys-")));
});
afterEach(() => rmSync(host.root, { recursive: true }));

function publicKeyLine(type = "ssh-ed25519") {
  const { x = "" } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([part(Buffer.from(type)), part(Buffer.from(x, "base64url"))]);
  return {
    line: `${type} ${blob.toString("base64")} root@host\n`,
    sha256: createHash("sha256").update(blob).digest("hex"),
  };
}

it("tells the digest of each key that the host shows, and reads no private one", async () => {
  expect(await readSshHostKeys(host)).toEqual([]);
  const key = publicKeyLine();
  host.write("/etc/ssh/ssh_host_ed25519_key.pub", key.line);
  host.write("/etc/ssh/ssh_host_rsa_key", "private");
  expect(await readSshHostKeys(host)).toEqual([{ algorithm: "ed25519", sha256: key.sha256 }]);
});

it("reads a key as ssh-keygen shows it", () => {
  // ssh-keygen -lf says SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU of it.
  const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github.com";
  const sha256 = Buffer.from("+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU=", "base64").toString("hex");
  expect(parseSshPublicKey(line)).toEqual({ algorithm: "ed25519", sha256 });
});

it("takes nothing else for a key", () => {
  const { line } = publicKeyLine("ssh-dss");
  for (const text of [
    "",
    "ssh-ed25519",
    "ssh-ed25519 AAAA",
    line,
    line.replace("ssh-dss", "ssh-ed25519"),
    "<html>",
  ])
    expect(parseSshPublicKey(text)).toBeNull();
});

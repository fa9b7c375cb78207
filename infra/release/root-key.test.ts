import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

test("npm run root-key takes an installation from its first request to a certificate, a new key, and another root", () => {
  const { run, path } = openFolder();
  const [keys, offline] = [path("keys"), path("offline")];
  writeFileSync(path("passphrase"), "correct horse\n");
  const sealed = ["--passphrase-file", path("passphrase")];
  expect(run("--keys", keys)).toMatch(/^There is no root key yet/);
  const [root = ""] = run("make", "--out", offline, ...sealed).split("\n");
  expect(readFileSync(join(offline, "root-key.pem"), "utf8")).toContain("ENCRYPTED");
  expect(run("make", "--out", offline)).toMatch(/is there already, and hosts may have pinned it/);
  expect(run("hand-over", root, "--keys", keys)).toContain(root);

  const certify = (request: string, out: string, from: string, ...more: string[]) =>
    run("certify", path(request), "--root-key", join(from, "root-key.pem"), "--out", path(out), ...more);
  run("request", "--keys", keys, "--out", path("request"));
  expect(certify("request", "paper", offline)).toMatch(/does not open; name its passphrase/);
  certify("request", "paper", offline, ...sealed);
  expect(run("take", path("paper"), "--keys", keys)).toMatch(/^The release key .* counts until/);
  expect(run("take", path("paper"), "--keys", keys)).toMatch(/is not newer than/);
  const before = run("--keys", keys);
  expect(before).toContain(`Root key     ${root}  (secret: kept elsewhere, or sealed)`);

  expect(
    run("renew", "--new-key", "--keys", keys, "--root-key", join(offline, "root-key.pem"), ...sealed),
  ).toMatch(/^The release key .* counts until/);
  expect(run("--keys", keys)).not.toBe(before);
  expect(run("renew", "--keys", keys)).toMatch(/The secret of the root key is not in/);

  const [other = ""] = run("make", "--out", path("other")).split("\n");
  expect(run("hand-over", "nothing", "--keys", keys)).toMatch(/"nothing" is no root key/);
  run("hand-over", other, "--root-key", join(offline, "root-key.pem"), ...sealed, "--out", path("word"));
  expect(run("take", path("word"), "--keys", keys)).toContain(other);
  expect(run("--keys", keys)).toMatch(/not certified; run: npm run root-key -- request/);
  expect(run("renew", "--keys", keys, "--root-key", join(path("other"), "root-key.pem"))).toMatch(
    /counts until/,
  );
});

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-root-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: (name: string) => join(folder, name),
    run(...args: string[]): string {
      const script = join(import.meta.dirname, "root-key.ts");
      const { stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
        cwd: folder,
        encoding: "utf8",
      });
      return `${stdout}${stderr}`;
    },
  };
}

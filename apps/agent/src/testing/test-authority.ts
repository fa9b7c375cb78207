import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate authority for tests, by the real openssl. */
export interface TestAuthority {
  /** Signs a request, DER in base64, as it is, and gives the chain in PEM. Dates are like 20260101000000Z. */
  issue(request: string, validity?: { from?: string; until?: string }): string;
  close(): void;
}

export function openTestAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), "test-authority-"));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
  openssl("req", "-x509", ...key, "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem");
  writeFileSync(join(folder, "index.txt"), "");
  writeFileSync(
    join(folder, "ca.conf"),
    `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = anything
copy_extensions = copy
unique_subject = no
certificate = ca.pem
private_key = ca.key
[anything]
commonName = optional
`,
  );
  return {
    issue(request, { from = "20200101000000Z", until = "20490101000000Z" } = {}) {
      const der = Buffer.from(request, "base64");
      writeFileSync(join(folder, "request.der"), der);
      openssl("req", "-inform", "DER", "-in", "request.der", "-out", "request.pem");
      const dates = ["-startdate", from, "-enddate", until];
      openssl(
        "ca",
        "-config",
        "ca.conf",
        "-batch",
        "-notext",
        ...dates,
        "-in",
        "request.pem",
        "-out",
        "own.pem",
      );
      return readFileSync(join(folder, "own.pem"), "utf8") + readFileSync(join(folder, "ca.pem"), "utf8");
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

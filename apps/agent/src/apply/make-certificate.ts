import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { JobFailure } from "../jobs/job-failure.ts";
import { temporaryName } from "../platform/files.ts";
import { lastWords } from "../platform/run-command.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

const validDays = 3650;

/** Makes a self-signed certificate and its key on the host, until certificates are automated. */
export const makeCertificate: Executor<"make-certificate"> = {
  prepare: async () => nothingToUndo,
  async apply(step, { host }) {
    const [keyPath, certificatePath] = [host.path(step.keyPath), host.path(step.certificatePath)];
    await mkdir(dirname(keyPath), { recursive: true });
    const [newKey, newCertificate] = [temporaryName(keyPath), temporaryName(certificatePath)];
    try {
      const result = await host.run([
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-noenc",
        "-sha256",
        "-days",
        String(validDays),
        "-subj",
        `/CN=${commonName(step.hostname)}`,
        "-addext",
        `subjectAltName=DNS:${step.hostname}`,
        "-keyout",
        newKey,
        "-out",
        newCertificate,
      ]);
      if (result.exitCode !== 0)
        throw new JobFailure(
          `openssl could not make a certificate for ${step.hostname}: ${lastWords(result)}`,
          {
            retry: "temporary",
          },
        );
      for (const path of [newKey, newCertificate]) await host.sync(path);
      // The certificate goes last: one that is there stands for a pair that is whole.
      await rm(certificatePath, { force: true });
      await rename(newKey, keyPath);
      await rename(newCertificate, certificatePath);
      for (const path of [keyPath, certificatePath]) await host.sync(dirname(path));
    } finally {
      await rm(newKey, { force: true });
      await rm(newCertificate, { force: true });
    }
    return { outcome: "changed" };
  },
};

// RFC 5280 Appendix A: ub-common-name. Clients read the alternative name, which has no such bound.
function commonName(hostname: string): string {
  return hostname.length <= 64 ? hostname : (hostname.split(".")[0] ?? hostname).slice(0, 64);
}

import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepKind } from "@mailstead/core/converge";
import { defaultStackSettings, type StackSettings } from "@mailstead/core/servers";
import type { TargetChanges } from "./managed-host.ts";
import { sampleDomains } from "./sample-target.ts";
import type { TrackedJob } from "./test-gateway.ts";

/** What makes a step necessary on a host that is as it should be. */
interface Need {
  /** Taken from the host by this shell script. */
  readonly onHost?: string;
  /** Asked for by the target state, in each round differently. What it already holds beside the sample's is given. */
  readonly inTarget?: (round: number, held: TargetChanges) => TargetChanges;
}

export interface KillPoint {
  readonly where: string;
  /** How the id of the step begins. */
  readonly stepId: string;
  /** Perl pattern of the line in the agent's journal at which it is killed. */
  readonly record: string;
  readonly need: Need;
}

/** A setting that concerns few services, so that a round takes no longer than it must. */
function newSetting(setting: (round: number, held: StackSettings) => Partial<StackSettings>): Need {
  return {
    inTarget: (round, { stack }) => {
      const held = (stack as StackSettings | undefined) ?? defaultStackSettings;
      return { stack: { ...held, ...setting(round, held) } };
    },
  };
}
const newMessageSize = newSetting((round) => ({ messageSizeMaxBytes: 20_000_000 + round }));
const newHostname: Need = {
  inTarget: (round) => ({ hostname: `mx${round}.alpha.example` }),
};

const certificateName = "killed.alpha.example";
const certificate = selfSigned(certificateName);

function selfSigned(name: string): { key: string; chain: string } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const folder = mkdtempSync(join(tmpdir(), "self-signed-"));
  try {
    writeFileSync(join(folder, "key.pem"), key);
    const made = ["-key", join(folder, "key.pem"), "-subj", "/", "-addext", `subjectAltName=DNS:${name}`];
    return { key, chain: execFileSync("openssl", ["req", "-x509", "-days", "30", ...made]).toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Stands in for ClamAV's fetcher, which is not installed here and runs although the virus scan is off.
const unwantedUnit = `mkdir -p /usr/local/lib/systemd/system
printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/usr/local/lib/systemd/system/clamav-freshclam.service
systemctl daemon-reload
systemctl unmask clamav-freshclam.service
systemctl enable --now clamav-freshclam.service`;

/** Each kind of step but that of a service's files, so that a new one does not compile without. */
const needs: Readonly<Record<Exclude<StepKind, "apply-files">, Need>> = {
  "install-packages": { onHost: "DEBIAN_FRONTEND=noninteractive apt-get -qy remove libsasl2-modules" },
  "create-system-user": { onHost: "userdel --force vmail" },
  "create-folder": { onHost: "chmod 0700 /etc/dovecot/sieve" },
  "set-hostname": newHostname,
  "make-certificate": newHostname,
  "make-tls-key": {
    inTarget: (round) => ({
      certificates: [{ id: "host", keyId: `key-${round}`, names: [certificateName] }],
    }),
  },
  "install-certificates": {
    onHost: `install -d -m 0700 /var/lib/mailstead-tls
printf %s ${Buffer.from(certificate.key).toString("base64")} | base64 -d >/var/lib/mailstead-tls/killed.key`,
    inTarget: (round) => ({
      certificates: [
        {
          id: "host",
          keyId: "killed",
          names: [certificateName],
          issued: { version: `round-${round}`, chain: certificate.chain },
        },
      ],
    }),
  },
  "make-dkim-key": {
    inTarget: (round) => ({
      domains: [
        ...sampleDomains,
        {
          name: `round${round}.example`,
          dkimKeys: [{ selector: "ms1", algorithm: "ed25519", isSigning: true }],
        },
      ],
    }),
  },
  "destroy-dkim-key": {
    onHost: "touch /var/lib/mailstead-dkim/alpha.example.ended.key",
    inTarget: (_round, { domains }) => ({
      domains: ((domains as typeof sampleDomains | undefined) ?? sampleDomains).map((domain) =>
        domain.name === "alpha.example" ? { ...domain, destroyedSelectors: ["ended"] } : domain,
      ),
    }),
  },
  "create-directory-database": { onHost: "rm /var/lib/mailstead-directory/directory.sqlite*" },
  "mask-unit": { onHost: unwantedUnit },
  "start-unit": { onHost: "systemctl stop fail2ban" },
};
const needsOfFiles: Readonly<Record<string, Need>> = {
  rspamd: newSetting((round) => ({ sendsPerMailboxPerHourMax: 100 + round })),
  dovecot: newSetting((_round, held) => ({
    recipientDelimiter: held.recipientDelimiter === "-" ? "+" : "-",
  })),
  postfix: newMessageSize,
  fail2ban: newSetting((round) => ({ neverBanned: [`198.51.100.${100 + round}`] })),
};

/** Every moment at which an agent is killed: in each kind of step, and with files half swapped. */
export const killPoints: readonly KillPoint[] = [
  ...Object.entries(needs).map(([kind, need]) => pointIn(`${kind}:`, need)),
  ...Object.entries(needsOfFiles).map(([service, need]) => pointIn(`apply-files:${service}`, need)),
  {
    where: "at the first new file of postfix",
    stepId: "apply-files:postfix",
    record: '"kind":"file-changed","path":"/etc/postfix/',
    need: newMessageSize,
  },
];

function pointIn(stepId: string, need: Need): KillPoint {
  const where = `in ${stepId.replace(/:$/, "")}`;
  return { where, stepId, record: `"kind":"step-begun".*"stepId":"${stepId}`, need };
}

/** True when the agent found after its restart that it had been stopped between this step's begin and its end. */
export function wasStoppedIn(job: TrackedJob, stepId: string): boolean {
  return job.events.some(
    ({ body }) =>
      body.kind === "step-ended" &&
      body.stepId.startsWith(stepId) &&
      body.detail?.startsWith("The agent was stopped in this step") === true,
  );
}

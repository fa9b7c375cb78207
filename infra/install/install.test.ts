import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Delegation, delegationText, rootKeyText } from "@mailstead/core/agent-updates";
import { describe, expect, test } from "vitest";
import { keyId, rawKey, signText } from "../release/key-text.ts";
import { type ReleaseStatement, signedStatement } from "../release/statement.ts";
import {
  installOnThrowawayHost,
  type Outcome,
  type Scenario,
  whyNoThrowawayHost,
} from "./testing/throwaway-host.ts";

const reason = whyNoThrowawayHost();
const describeInstall = reason === null ? describe : describe.skip;

const agent = gzipSync('#!/bin/sh\necho "$@" >>/var/agent-calls\nexit 0\n');
const failingAgent = gzipSync(
  '#!/bin/sh\necho "This token was used before; make a new one in the dashboard." >&2\nexit 1\n',
);
const updater = readFileSync(join(import.meta.dirname, "../updater/mailstead-updater"));
const place =
  "daemon-reload\nenable --quiet --now mailstead-updater.timer mailstead-updater.path mailstead-updater-trial.path\n";
const controlPlane = generateKeyPairSync("ed25519");
const root = generateKeyPairSync("ed25519");
const releaseKey = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");
const nowSeconds = Math.floor(Date.now() / 1000);
const certificate: Delegation = {
  sequence: 5,
  key: rawKey(releaseKey.publicKey),
  notBefore: nowSeconds - 86_400,
  expires: nowSeconds + 86_400,
};

describeInstall(`install.sh${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  test("installs, enrols and starts a signed agent on a clean host", () => {
    const outcome = install({});
    expect(outcome.output).toBe(
      "Mailstead agent 1.2.3 runs. The dashboard shows this server as online within seconds.\n",
    );
    expect(outcome.exitCode).toBe(0);
    expect(outcome.agentCalls).toBe(`enrol --token ${token()} --url http://127.0.0.1:8080#plain-http\n`);
    expect(outcome.systemctl).toBe(
      `daemon-reload\nenable --quiet mailstead-agent.service\nrestart mailstead-agent.service\n${place}`,
    );
    expect(outcome.changedFiles.toSorted()).toEqual([
      "/etc/mailstead/updater",
      "/etc/systemd/system/mailstead-agent.service",
      "/etc/systemd/system/mailstead-updater-trial.path",
      "/etc/systemd/system/mailstead-updater-trial.service",
      "/etc/systemd/system/mailstead-updater.path",
      "/etc/systemd/system/mailstead-updater.service",
      "/etc/systemd/system/mailstead-updater.timer",
      "/usr/lib/mailstead/mailstead-agent",
      "/usr/lib/mailstead/mailstead-updater",
      "/usr/lib/mailstead/versions/1.2.3/archive-sha256",
      "/usr/lib/mailstead/versions/1.2.3/mailstead-agent",
      "/usr/lib/mailstead/versions/1.2.3/mailstead-updater",
      "/usr/local/bin/mailstead-agent",
      "/var/agent-calls",
      "/var/lib/mailstead/updater/installed",
      "/var/lib/mailstead/updater/seen",
    ]);
    expect(outcome.settings).toBe(settings(root.publicKey));
    expect(outcome.seen).toBe("sequence 5\nnumber 12\n");
  });

  const refusals: [what: string, change: Partial<Scenario>, sentence: RegExp][] = [
    ["no token", { scriptArguments: [] }, /not an enrolment token/],
    ["half a token", { scriptArguments: [token().slice(0, 40)] }, /not an enrolment token/],
    [
      "a token with a command in it",
      { scriptArguments: [`${token()}\n$(reboot)`] },
      /not an enrolment token/,
    ],
    [
      "a user who is not root",
      { programs: { id: "#!/bin/sh\necho 1000\n" } },
      /needs root; run the command with sudo/,
    ],
    ["another distribution", { osRelease: "ID=ubuntu\nVERSION_ID=24.04\n" }, /runs ubuntu 24\.04/],
    ["an old Debian", { osRelease: 'ID=debian\nVERSION_ID="11"\n' }, /runs debian 11/],
    ["another architecture", { architecture: "riscv64" }, /this host is riscv64/],
    ["a host without systemd", { withoutSystemd: true }, /started by systemd/],
    [
      "another mail server",
      { port25Taken: true },
      /Port 25 is taken by .+, so this host already runs a mail server/,
    ],
    [
      "a clock that is behind",
      { controlClockAheadMs: 300_000 },
      /clock of this host is wrong by (299|300|301) seconds/,
    ],
    [
      "a clock that is ahead",
      { controlClockAheadMs: -300_000 },
      /clock of this host is wrong by (299|300|301) seconds/,
    ],
    ["old OpenSSL", { programs: { openssl: "#!/bin/sh\necho OpenSSL 1.1.1n\n" } }, /OpenSSL 3 is needed/],
    [
      "a full disk",
      { programs: { df: "#!/bin/sh\nprintf 'h\\n/dev/x 1 1 1024 99%% /\\n'\n" } },
      /has 1 MiB free/,
    ],
    [
      "a control plane without a release",
      { served: {} },
      /Cannot download http:\/\/127\.0\.0\.1:8080\/releases\/linux-x64\.release/,
    ],
    [
      "a control plane that still builds its first release",
      { served: {}, absentStatus: 503 },
      /The agent at http:\/\/127\.0\.0\.1:8080 is still being built; run the command again/,
    ],
    [
      "a release without its executable",
      { served: release({ archive: null }) },
      /Cannot download .*agent\.gz/,
    ],
    [
      "a key that the token does not name",
      { served: release({ shownKey: stranger.publicKey }) },
      /not the one that the token names/,
    ],
    [
      "a key of another kind",
      { served: release({ shownKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey }) },
      /not the one that the token names/,
    ],
    [
      "a root key that another key than the token's named",
      { served: release({ handOver: { signer: stranger.privateKey } }) },
      /root key .* is not signed by the control plane that made the token/,
    ],
    [
      "a root key that is none",
      { served: release({ handOver: { text: rootKeyText("none") } }) },
      /root key .* is not signed by the control plane that made the token/,
    ],
    [
      "a release key in the place of a root key",
      { served: release({ handOver: { text: delegationText(certificate) } }) },
      /root key .* is not signed by the control plane that made the token/,
    ],
    [
      "a control plane whose root key has certified nothing",
      { served: release({ certifier: null }) },
      /Cannot download .*release-key-by-/,
    ],
    [
      "a release key that the token's key certified itself",
      { served: release({ certifier: controlPlane.privateKey }) },
      /release key .* is not signed by the root key/,
    ],
    [
      "a release key whose certificate has expired",
      { served: release({ certificate: { ...certificate, expires: nowSeconds - 1 } }) },
      /certificate of the release key .* has expired/,
    ],
    [
      "a release key whose certificate is not valid yet",
      { served: release({ certificate: { ...certificate, notBefore: nowSeconds + 3600 } }) },
      /is not valid yet/,
    ],
    [
      "an update by a release key that is older than one the host has seen",
      { scriptArguments: ["update"], present: enrolledHost(root.publicKey, 6) },
      /release key .* is older than one that this host has seen/,
    ],
    [
      "an update to an agent that is older than one the host has seen",
      { scriptArguments: ["update"], present: enrolledHost(root.publicKey, 5, 13) },
      /The agent at .* is older than one that this host has seen/,
    ],
    [
      "an update that the root key which the host has pinned did not sign",
      { scriptArguments: ["update"], present: enrolledHost(stranger.publicKey, 1) },
      /Cannot download .*release-key-by-/,
    ],
    ...[controlPlane, root, stranger].map((key): [string, Partial<Scenario>, RegExp] => [
      "a release that another key signed",
      { served: release({ signer: key.privateKey }) },
      /not signed by the control plane/,
    ]),
    [
      "a release whose statement was changed",
      { served: release({ edit: (text) => text.replace("size ", "size 1") }) },
      /not signed by the control plane/,
    ],
    [
      "a release of another platform",
      { served: release({ statement: { platform: "linux-arm64" } }) },
      /is not one for linux-x64/,
    ],
    [
      "a path that leads out of the folder",
      { served: release({ statement: { archive: describeArchive("../etc/shadow", agent) } }) },
      /is not one for linux-x64/,
    ],
    [
      "an updater that was changed",
      { served: { ...release({}), "releases/1.2.3/mailstead-updater": flipLastByte(updater) } },
      /updater arrived damaged or was changed/,
    ],
    [
      "an update of a host that is not enrolled",
      { scriptArguments: ["update"] },
      /This host is not enrolled \(\/etc\/mailstead\/identity\.json\)/,
    ],
    [
      "an update from another control plane than enrolled the host",
      {
        scriptArguments: ["update"],
        present: { "/etc/mailstead/identity.json": identity(stranger.publicKey) },
      },
      /not the one that this host has pinned/,
    ],
    [
      "an executable that was changed",
      { served: release({ archive: flipLastByte(agent) }) },
      /arrived damaged or was changed/,
    ],
    [
      "an executable that is longer than announced",
      { served: release({ archive: Buffer.concat([agent, agent]) }) },
      /Cannot download/,
    ],
  ];

  test.each(refusals)("refuses %s with one sentence and changes nothing", (_what, change, sentence) => {
    const outcome = install(change);
    expect(outcome.output).toMatch(sentence);
    expect(outcome.output).toMatch(/Nothing was changed\.\n$/);
    expect(outcome.output.trim().split("\n")).toHaveLength(1);
    expect(outcome).toMatchObject({ exitCode: 1, changedFiles: [], systemctl: "", agentCalls: "" });
  });

  test("does not judge the clock when the control plane does not tell the time", () => {
    expect(install({ controlClockAheadMs: null })).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^Mailstead agent 1\.2\.3 runs\./),
    });
  });

  const refused = release({
    archive: failingAgent,
    statement: { archive: describeArchive("1.2.3/agent.gz", failingAgent) },
  });

  test("takes everything away again when the control plane refuses the token", () => {
    const outcome = install({ served: refused });
    expect(outcome).toMatchObject({ exitCode: 1, changedFiles: [], systemctl: "" });
    expect(outcome.output).toBe(
      "This token was used before; make a new one in the dashboard. Nothing was changed.\n",
    );
  });

  const earlierAgent = {
    "/usr/lib/mailstead/agent-1.2.2": "",
    "/usr/lib/mailstead/mailstead-agent": "-> agent-1.2.2",
    "/etc/systemd/system/mailstead-agent.service": "",
    "/usr/local/bin/mailstead-agent": "-> /usr/lib/mailstead/mailstead-agent",
  };

  test("leaves the agent of an enrolled host as it is, and nothing of the new one", () => {
    const outcome = install({ served: refused, present: earlierAgent });
    expect(outcome).toMatchObject({ exitCode: 1, changedFiles: [], systemctl: "" });
    expect(outcome.output).toMatch(/Nothing was changed\.\n$/);
    expect(outcome.agentFolder).toEqual(["agent-1.2.2", "mailstead-agent -> agent-1.2.2"]);
  });

  const newLayout = [
    "mailstead-agent -> versions/1.2.3/mailstead-agent",
    "mailstead-updater -> versions/1.2.3/mailstead-updater",
    "versions",
  ];

  test("removes the versions that an earlier installation left", () => {
    const outcome = install({
      present: {
        ...earlierAgent,
        "/usr/lib/mailstead/agent-1.2.1": "",
        "/usr/lib/mailstead/versions/1.2.2/mailstead-agent": "",
      },
    });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.agentFolder).toEqual(newLayout);
  });

  test("gives an enrolled host the newest agent and an updater without a token, and does not enrol it again", () => {
    const outcome = install({
      scriptArguments: ["update"],
      present: { ...earlierAgent, "/etc/mailstead/identity.json": identity(controlPlane.publicKey) },
      port25Taken: false,
    });
    expect(outcome.output).toMatch(/^Mailstead agent 1\.2\.3 runs\./);
    expect(outcome).toMatchObject({ exitCode: 0, agentCalls: "", agentFolder: newLayout });
    expect(outcome.systemctl).toContain(`restart mailstead-agent.service\n${place}`);
  });

  test("an update follows the root key that the host has pinned to the one after it", () => {
    const next = generateKeyPairSync("ed25519");
    const outcome = install({
      scriptArguments: ["update"],
      present: { ...earlierAgent, ...enrolledHost(root.publicKey, 9) },
      served: {
        ...release({}),
        [`releases/root-key-after-${idOf(root.publicKey)}`]: signText(
          rootKeyText(rawKey(next.publicKey)),
          root.privateKey,
        ),
        [`releases/release-key-by-${idOf(next.publicKey)}`]: signText(
          delegationText(certificate),
          next.privateKey,
        ),
      },
    });
    expect(outcome.output).toMatch(/^Mailstead agent 1\.2\.3 runs\./);
    expect(outcome.settings).toBe(settings(next.publicKey));
    expect(outcome.seen).toBe("sequence 5\nnumber 12\n");
  });

  test("refuses before the token is spent when a file cannot be written", () => {
    const outcome = install({ present: { "/etc/systemd/system/mailstead-agent.service.new/taken": "" } });
    expect(outcome.output).toMatch(
      /^The agent cannot be written to this host \(.*mailstead-agent\.service\.new.*\)\. Nothing was changed\.\n$/,
    );
    expect(outcome).toMatchObject({ exitCode: 1, changedFiles: [], agentCalls: "", agentFolder: [] });
  });

  const refuseUnit = `#!/bin/sh
    case "$*" in *mailstead-agent.service.new*) echo "mv: no" >&2; exit 1 ;; esac
    exec /bin/mv "$@"\n`;
  const failRestart = `#!/bin/sh
    echo "$*" >>/var/systemctl-calls
    [ "$1" != restart ] || { echo "Job failed." >&2; exit 1; }\n`;
  const start = "systemctl restart mailstead-agent.service && /usr/lib/mailstead/mailstead-updater place";
  test.each([
    [
      "its unit cannot be put in place",
      { mv: refuseUnit },
      "mv: no",
      `mv /etc/systemd/system/mailstead-agent.service.new /etc/systemd/system/mailstead-agent.service && systemctl daemon-reload && systemctl enable --quiet mailstead-agent.service && ${start}`,
    ],
    ["systemd does not start it", { systemctl: failRestart }, "Job failed.", start],
  ])("says how to go on without another token when %s", (_when, programs, complaint, command) => {
    const outcome = install({ programs });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.output).toBe(
      `${complaint}\nThis host is enrolled and needs no other token, but its agent does not run; put right what stands above or in journalctl -u mailstead-agent, then run: ${command}\n`,
    );
    expect(outcome.agentFolder).toEqual(newLayout);
    expect(outcome.changedFiles).toContainEqual(
      expect.stringMatching(/^\/etc\/systemd\/system\/mailstead-agent\.service(\.new)?$/),
    );
  });

  test("a script that arrives in part does nothing", () => {
    for (const scriptLengthMax of [500, 3000, 6000]) {
      expect(install({ scriptLengthMax })).toMatchObject({ changedFiles: [], systemctl: "", agentCalls: "" });
    }
  });
});

function install(change: Partial<Scenario>): Outcome {
  return installOnThrowawayHost({
    scriptArguments: [token()],
    osRelease: 'ID=debian\nVERSION_ID="12"\n',
    architecture: "amd64",
    controlClockAheadMs: 0,
    present: {},
    port25Taken: false,
    withoutSystemd: false,
    programs: {},
    served: release({}),
    ...change,
  });
}

function token(): string {
  const raw = Buffer.from(rawKey(controlPlane.publicKey), "base64");
  return `ms1.${"A".repeat(22)}.${createHash("sha256").update(raw).digest("base64url")}`;
}

function identity(key: KeyObject): string {
  return JSON.stringify({ formatVersion: 1, signingPublicKey: rawKey(key), agentKeys: {} }, null, 2);
}

function settings(pinned: KeyObject): string {
  return `control-url http://127.0.0.1:8080\nroot-key ${rawKey(pinned)}\nchannel stable\n`;
}

/** The files of a host that this control plane enrolled, which has pinned a root key and seen a release key and an agent. */
function enrolledHost(pinned: KeyObject, seenSequence: number, seenNumber = 1): Record<string, string> {
  return {
    "/etc/mailstead/identity.json": identity(controlPlane.publicKey),
    "/etc/mailstead/updater": settings(pinned),
    "/var/lib/mailstead/updater/seen": `sequence ${seenSequence}\nnumber ${seenNumber}\n`,
  };
}

function idOf(key: KeyObject): string {
  return keyId(rawKey(key));
}

interface ReleaseChange {
  readonly statement?: Partial<ReleaseStatement>;
  readonly signer?: KeyObject;
  readonly shownKey?: KeyObject;
  readonly archive?: Buffer | null;
  readonly edit?: (text: string) => string;
  readonly certificate?: Delegation;
  /** Null leaves the certificate out. */
  readonly certifier?: KeyObject | null;
  readonly handOver?: { readonly text?: string; readonly signer?: KeyObject };
}

function release({
  statement = {},
  signer = releaseKey.privateKey,
  shownKey = controlPlane.publicKey,
  archive = agent,
  edit = (text) => text,
  certificate: certified = certificate,
  certifier = root.privateKey,
  handOver: { text = rootKeyText(rawKey(root.publicKey)), signer: named = controlPlane.privateKey } = {},
}: ReleaseChange) {
  const described: ReleaseStatement = {
    version: "1.2.3",
    number: 12,
    platform: "linux-x64",
    archive: describeArchive("1.2.3/agent.gz", agent),
    updater: describeArchive("1.2.3/mailstead-updater", updater),
    ...statement,
  };
  return {
    "releases/linux-x64.release": edit(signedStatement(described, signer)),
    "releases/signing-key.pem": createPublicKey(shownKey.export({ type: "spki", format: "pem" }).toString())
      .export({ type: "spki", format: "pem" })
      .toString(),
    [`releases/root-key-after-${idOf(controlPlane.publicKey)}`]: signText(text, named),
    ...(certifier === null
      ? {}
      : {
          [`releases/release-key-by-${idOf(root.publicKey)}`]: signText(delegationText(certified), certifier),
        }),
    "releases/1.2.3/mailstead-updater": updater,
    ...(archive ? { "releases/1.2.3/agent.gz": archive } : {}),
  };
}

function describeArchive(file: string, content: Buffer) {
  return { file, sha256: createHash("sha256").update(content).digest("hex"), sizeBytes: content.length };
}

function flipLastByte(content: Buffer): Buffer {
  const changed = Buffer.from(content);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
}

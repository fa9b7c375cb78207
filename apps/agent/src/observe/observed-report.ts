import { readFile, stat } from "node:fs/promises";
import type { RenderedStack } from "@mailstead/core/converge";
import { stackPaths } from "@mailstead/core/mail-flow";
import type {
  CertificateKeyReport,
  DkimPublicKey,
  ObservedReport,
  TargetState,
} from "@mailstead/core/servers";
import type { AgentFrame } from "@mailstead/core/wire";
import { publicKeyOfDkim } from "../apply/make-dkim-key.ts";
import { spkiSha256Of } from "../apply/make-tls-key.ts";
import { readDirectoryHead } from "../directory/directory-database.ts";
import { pathExists, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { findDrift, findPending } from "./drift.ts";
import { readSshHostKeys, sshHostKeyPaths } from "./ssh-host-keys.ts";
import { readZoneKeys } from "./zone-keys.ts";

/** What the host holds now of what Mailstead manages. */
export async function reportObserved(
  host: Host,
  stack: RenderedStack,
  target: TargetState,
): Promise<ObservedReport> {
  const directoryPath = host.path(stack.directoryDatabase.path);
  const head = (await pathExists(directoryPath))
    ? await readDirectoryHead(directoryPath)
    : { epoch: 0, revision: 0 };
  return {
    targetRevision: target.revision,
    drift: await findDrift(host, stack),
    pendingPaths: await findPending(host, stack),
    dkimPublicKeys: await readDkimPublicKeys(host, stack),
    zoneKeys: await readZoneKeys(host, stack),
    directory: { epoch: head.epoch, revision: head.revision },
    certificateKeys: await readCertificateKeys(host, stack),
    sshHostKeys: await readSshHostKeys(host),
  };
}

const keysPerFrameMax = 1_000;
/** A request with many names is some kilobytes. */
const requestsPerFrameMax = 50;

/** The report in as many frames as its keys need; the control plane adds up what they say of keys. */
export function observedFrames(report: ObservedReport): Extract<AgentFrame, { type: "observed" }>[] {
  const { dkimPublicKeys, certificateKeys, zoneKeys } = report;
  const count = Math.max(
    1,
    Math.ceil(dkimPublicKeys.length / keysPerFrameMax),
    Math.ceil(certificateKeys.length / requestsPerFrameMax),
  );
  const frames = Array.from({ length: count }, (_, at) => ({
    type: "observed" as const,
    report: {
      ...report,
      dkimPublicKeys: dkimPublicKeys.slice(at * keysPerFrameMax, (at + 1) * keysPerFrameMax),
      certificateKeys: certificateKeys.slice(at * requestsPerFrameMax, (at + 1) * requestsPerFrameMax),
      zoneKeys: [] as typeof zoneKeys,
    },
  }));
  for (let from = 0; from < zoneKeys.length; from += keysPerFrameMax)
    frames.push({
      type: "observed",
      report: {
        ...report,
        dkimPublicKeys: [],
        certificateKeys: [],
        zoneKeys: zoneKeys.slice(from, from + keysPerFrameMax),
      },
    });
  return frames;
}

const publicKeys = new Map<string, { modifiedMs: number; publicKey: string }>();

async function readDkimPublicKeys(host: Host, stack: RenderedStack): Promise<DkimPublicKey[]> {
  const found: DkimPublicKey[] = [];
  for (const { path, domain, selector, algorithm } of stack.dkimKeys) {
    const realPath = host.path(path);
    if (!(await pathExists(realPath))) continue;
    const { mtimeMs } = await stat(realPath);
    let known = publicKeys.get(realPath);
    if (known?.modifiedMs !== mtimeMs) {
      const text = (await readTextIfExists(realPath)) ?? "";
      known = { modifiedMs: mtimeMs, publicKey: publicKeyOfDkim(algorithm, text) };
      publicKeys.set(realPath, known);
    }
    found.push({ domain, selector, algorithm, publicKey: known.publicKey });
  }
  return found;
}

async function readCertificateKeys(host: Host, { tlsKeys }: RenderedStack): Promise<CertificateKeyReport[]> {
  const found: CertificateKeyReport[] = [];
  for (const { keyId, keyPath, requestPath } of tlsKeys) {
    if (!(await pathExists(host.path(requestPath)))) continue;
    const [request, privateKey] = await Promise.all([
      readFile(host.path(requestPath)),
      readTextIfExists(host.path(keyPath)),
    ]);
    if (privateKey !== null)
      found.push({ keyId, request: request.toString("base64"), spkiSha256: spkiSha256Of(privateKey) });
  }
  return found;
}
// Knot notes here which keys it has, and makes them some moments after it has read a zone.
const zoneKeysPath = `${stackPaths.knotState}/keys/data.mdb`;

/** Changes of all files that a report is made of, cheaply: by size and time of change. */
export async function stampFiles(host: Host, stack: RenderedStack): Promise<string> {
  const stamps: string[] = [];
  const requests = stack.tlsKeys.map(({ requestPath }) => ({ path: requestPath }));
  const zoneKeys = stack.signedZones.length > 0 ? [{ path: zoneKeysPath }] : [];
  const sshKeys = sshHostKeyPaths.map((path) => ({ path }));
  const made = [...stack.dkimKeys, ...requests, ...zoneKeys, ...sshKeys];
  for (const { path } of [...stack.files, ...made, stack.directoryDatabase]) {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(host.path(path));
      stamps.push(`${mtimeMs}:${ctimeMs}:${size}:${ino}`);
    } catch {
      // A file that cannot be looked at stamps differently from one that can, which is all that is asked here.
      stamps.push("missing");
    }
  }
  return stamps.join();
}

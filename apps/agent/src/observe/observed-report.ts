import { stat } from "node:fs/promises";
import type { RenderedStack } from "@mailstead/core/converge";
import { stackPaths } from "@mailstead/core/mail-flow";
import type { DkimPublicKey, ObservedReport, TargetState } from "@mailstead/core/servers";
import type { AgentFrame } from "@mailstead/core/wire";
import { publicKeyOfDkim } from "../apply/make-dkim-key.ts";
import { readDirectoryHead } from "../directory/directory-database.ts";
import { pathExists, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { findDrift } from "./drift.ts";
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
    dkimPublicKeys: await readDkimPublicKeys(host, stack),
    zoneKeys: await readZoneKeys(host, stack),
    directory: { epoch: head.epoch, revision: head.revision },
  };
}

const keysPerFrameMax = 1_000;

/** The report in as many frames as its keys need; the control plane adds up what they say of keys. */
export function observedFrames(report: ObservedReport): Extract<AgentFrame, { type: "observed" }>[] {
  const frames: Extract<AgentFrame, { type: "observed" }>[] = [];
  const keys = report.dkimPublicKeys;
  for (let from = 0; from === 0 || from < keys.length; from += keysPerFrameMax)
    frames.push({
      type: "observed",
      report: { ...report, dkimPublicKeys: keys.slice(from, from + keysPerFrameMax), zoneKeys: [] },
    });
  for (let from = 0; from < report.zoneKeys.length; from += keysPerFrameMax) {
    const zoneKeys = report.zoneKeys.slice(from, from + keysPerFrameMax);
    frames.push({ type: "observed", report: { ...report, dkimPublicKeys: [], zoneKeys } });
  }
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

// Knot notes here which keys it has, and makes them some moments after it has read a zone.
const zoneKeysPath = `${stackPaths.knotState}/keys/data.mdb`;

/** Changes of all files that a report is made of, cheaply: by size and time of change. */
export async function stampFiles(host: Host, stack: RenderedStack): Promise<string> {
  const stamps: string[] = [];
  const zoneKeys = stack.signedZones.length > 0 ? [{ path: zoneKeysPath }] : [];
  for (const { path } of [...stack.files, ...stack.dkimKeys, ...zoneKeys, stack.directoryDatabase]) {
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

import type { Delegation, Manifest } from "./documents.ts";

export interface UpdateQuestion {
  readonly platform: string;
  readonly channel: string;
  /** What the host runs, and the number of the manifest that brought it. */
  readonly installed: { readonly version: string; readonly number: number };
  /** The highest that this host has seen at the address that it asks by itself. */
  readonly seen: { readonly sequence: number; readonly number: number };
  /** True for exactly the manifest that a signed order named: it may be older than the newest, never than what runs. */
  readonly isOrdered: boolean;
  readonly delegation: Delegation;
  readonly manifest: Manifest;
  readonly nowUnixSeconds: number;
}

export type RefusalReason =
  | "older-delegation"
  | "older-manifest"
  | "not-yet-valid"
  | "another-channel"
  | "downgrade"
  | "rollback-from-another-version"
  | "no-agent-for-platform";

export type Decision =
  | { kind: "update" }
  | { kind: "already-there" }
  /** Nothing is installed by it; the agent that runs goes on. */
  | { kind: "warn-expired"; what: "delegation" | "manifest"; sinceUnixSeconds: number }
  | { kind: "refuse"; reason: RefusalReason };

/** Says what a host makes of a manifest whose signatures are good. Never leads back without a rollback that names it. */
export function decideUpdate(question: UpdateQuestion): Decision {
  const { delegation, manifest, installed, seen, nowUnixSeconds } = question;
  if (delegation.sequence < seen.sequence) return refuse("older-delegation");
  if (!question.isOrdered && manifest.number < seen.number) return refuse("older-manifest");
  if (manifest.channel !== question.channel) return refuse("another-channel");
  if (nowUnixSeconds < delegation.notBefore) return refuse("not-yet-valid");
  for (const [what, { expires }] of [
    ["delegation", delegation],
    ["manifest", manifest],
  ] as const)
    if (nowUnixSeconds >= expires) return { kind: "warn-expired", what, sinceUnixSeconds: expires };
  if (manifest.version === installed.version) return { kind: "already-there" };
  if (manifest.number <= installed.number) return refuse("downgrade");
  if (manifest.rollsBackFrom !== null && !manifest.rollsBackFrom.includes(installed.version))
    return refuse("rollback-from-another-version");
  if (manifest.agents[question.platform] === undefined) return refuse("no-agent-for-platform");
  return { kind: "update" };
}

function refuse(reason: RefusalReason): Decision {
  return { kind: "refuse", reason };
}

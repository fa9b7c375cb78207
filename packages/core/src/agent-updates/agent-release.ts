import { type Manifest, parseManifest } from "./documents.ts";

/** A version of the agent as a control plane offers it, and as an order names it. */
export interface AgentRelease {
  readonly version: string;
  /** SHA-256, hex, of the manifest's whole text with its signature. */
  readonly manifestDigest: string;
  readonly number: number;
  readonly expiresUnixSeconds: number;
  readonly platforms: readonly string[];
  /** Null in a release; a rollback names the versions that may go back by it. */
  readonly rollsBackFrom: readonly string[] | null;
}

/**
 * Reads a manifest as it is downloaded, with the digest of its text. Whose signature it bears is for hosts to say, which have
 * pinned the root key; null when it is no manifest.
 */
export function readAgentRelease(signed: string, manifestDigest: string): AgentRelease | null {
  const [, text = ""] = /^((?:.*\n)+)signature .+\n$/.exec(signed) ?? [];
  const manifest: Manifest | null = parseManifest(text);
  if (manifest === null) return null;
  const { version, number, expires, agents, rollsBackFrom } = manifest;
  return {
    ...{ version, manifestDigest, number, rollsBackFrom },
    expiresUnixSeconds: expires,
    platforms: Object.keys(agents).toSorted(),
  };
}

import { type Delegation, type Manifest, parseDelegation, parseManifest, parseRootKey } from "./documents.ts";

/** Two texts as they are downloaded, each with its signature as its last line. */
export interface SignedDocuments {
  readonly delegation: string;
  readonly manifest: string;
}

/** Whether `signature` (base64) over a text is by `key` (raw Ed25519, base64). */
export type VerifySignature = (question: {
  readonly text: string;
  readonly signature: string;
  readonly key: string;
}) => boolean;

/** A text followed by its signature. */
export function withSignature(text: string, signature: string): string {
  return `${text}signature ${signature}\n`;
}

/** The text of a signed one without its signature; null when it is not by this key. */
export function readSigned(signed: string, key: string, verify: VerifySignature): string | null {
  const parts = splitSignature(signed);
  return parts !== null && verify({ ...parts, key }) ? parts.text : null;
}

/** A host follows no more root keys than this at once, so that two that name each other end somewhere. */
export const rootKeysMax = 8;

/**
 * Follows the root keys, each of which signs the one after it, from what a host has pinned to the newest. `after` gives
 * the signed text in which a key names the next, and null when it names none.
 */
export function followRootKeys(
  pinned: string,
  after: (key: string) => string | null,
  verify: VerifySignature,
): { kind: "good"; rootKey: string } | { kind: "broken"; sentence: string } {
  let rootKey = pinned;
  for (let step = 0; step < rootKeysMax; step += 1) {
    const signed = after(rootKey);
    if (signed === null) break;
    const next = parseRootKey(readSigned(signed, rootKey, verify) ?? "");
    if (next === null)
      return {
        kind: "broken",
        sentence: "The new root key is not signed by the one that this host has pinned.",
      };
    rootKey = next;
  }
  return { kind: "good", rootKey };
}

/** Follows the signatures from the root key to a manifest; the sentence says where the chain breaks. */
export function readChain(
  documents: SignedDocuments,
  rootKey: string,
  verify: VerifySignature,
): { kind: "good"; delegation: Delegation; manifest: Manifest } | { kind: "broken"; sentence: string } {
  const broken = (sentence: string) => ({ kind: "broken", sentence }) as const;
  const delegationPart = readSigned(documents.delegation, rootKey, verify);
  if (delegationPart === null)
    return broken("The release key is not signed by the root key that this host has pinned.");
  const delegation = parseDelegation(delegationPart);
  if (delegation === null) return broken("The delegation of the release key cannot be understood.");
  const manifestPart = readSigned(documents.manifest, delegation.key, verify);
  if (manifestPart === null) return broken("The manifest is not signed by the release key.");
  const manifest = parseManifest(manifestPart);
  if (manifest === null) return broken("The manifest cannot be understood.");
  return { kind: "good", delegation, manifest };
}

function splitSignature(signed: string): { text: string; signature: string } | null {
  const [, text, signature] = /^((?:.*\n)+)signature ([A-Za-z0-9+/]{86}==)\n$/.exec(signed) ?? [];
  return text === undefined || signature === undefined ? null : { text, signature };
}

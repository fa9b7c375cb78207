import { type Delegation, type Manifest, parseDelegation, parseManifest } from "./documents.ts";

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

/** Follows the signatures from the root key to a manifest; the sentence says where the chain breaks. */
export function readChain(
  documents: SignedDocuments,
  rootKey: string,
  verify: VerifySignature,
): { kind: "good"; delegation: Delegation; manifest: Manifest } | { kind: "broken"; sentence: string } {
  const broken = (sentence: string) => ({ kind: "broken", sentence }) as const;
  const delegationParts = splitSignature(documents.delegation);
  if (delegationParts === null || !verify({ ...delegationParts, key: rootKey }))
    return broken("The release key is not signed by the root key that this host has pinned.");
  const delegation = parseDelegation(delegationParts.text);
  if (delegation === null) return broken("The delegation of the release key cannot be understood.");
  const manifestParts = splitSignature(documents.manifest);
  if (manifestParts === null || !verify({ ...manifestParts, key: delegation.key }))
    return broken("The manifest is not signed by the release key.");
  const manifest = parseManifest(manifestParts.text);
  if (manifest === null) return broken("The manifest cannot be understood.");
  return { kind: "good", delegation, manifest };
}

function splitSignature(signed: string): { text: string; signature: string } | null {
  const [, text, signature] = /^((?:.*\n)+)signature ([A-Za-z0-9+/]{86}==)\n$/.exec(signed) ?? [];
  return text === undefined || signature === undefined ? null : { text, signature };
}

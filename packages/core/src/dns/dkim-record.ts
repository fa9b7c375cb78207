import type { DkimAlgorithm, DkimPublicKey } from "../servers/index.ts";
import { tagList } from "./tag-list.ts";

const keyTypeOf: Record<DkimAlgorithm, string> = { "rsa-2048": "rsa", ed25519: "ed25519" };

/** The TXT value that lets receivers verify a key's signatures (RFC 6376 §3.6.1, RFC 8463 §4). */
export function dkimRecordValue(key: DkimPublicKey): string {
  return `v=DKIM1; k=${keyTypeOf[key.algorithm]}; p=${key.publicKey}`;
}

/** Name under which a verifier looks for a key. */
export function dkimRecordName(key: Pick<DkimPublicKey, "selector" | "domain">): string {
  return `${key.selector}._domainkey.${key.domain}`;
}

/** Says in a sentence why a published value does not serve the planned one, or null when it does. */
export function dkimRecordProblem(published: string, planned: string): string | null {
  const found = tagList(published);
  const wanted = tagList(planned);
  if (found.has("v") && found.get("v") !== "DKIM1") return "the record does not start with v=DKIM1";
  const key = (found.get("p") ?? "").replace(/\s/g, "");
  if (key === "") return "the key is published as revoked (p= is empty)";
  if ((found.get("k") ?? "rsa") !== wanted.get("k"))
    return `the key type is ${found.get("k") ?? "rsa"}, not ${wanted.get("k")}`;
  if (key !== wanted.get("p")) return "another key is published under this name";
  if ((found.get("t") ?? "").split(":").includes("y"))
    return "t=y says that this domain is only testing, so receivers may ignore the signature";
  return null;
}

import { mtaStsPolicy } from "../../dns/index.ts";
import type { MtaStsSettings } from "../../servers/index.ts";

/** The policy of a domain as its host serves it, with the id that its TXT record must show (RFC 8461 §3.1). */
export function servedMtaStsPolicy(
  hostname: string,
  { mode, maxAgeSeconds, mxHosts }: MtaStsSettings,
): { text: string; id: string } {
  return mtaStsPolicy({ mode, maxAgeSeconds, mxHosts: mxHosts.length > 0 ? mxHosts : [hostname] });
}

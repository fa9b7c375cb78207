import { sha256Hex } from "./sha-256.ts";

export type MtaStsMode = "none" | "testing" | "enforce";

export interface MtaStsPolicy {
  mode: MtaStsMode;
  /** Host names of the MX records, or patterns like `*.example.com` that stand for one label. */
  mxHosts: readonly string[];
  /** For how long senders may keep the policy, 0 to `mtaStsMaxAgeSecondsMax`. */
  maxAgeSeconds: number;
}

/** RFC 8461 §3.2. */
export const mtaStsMaxAgeSecondsMax = 31_557_600;

// RFC 8461 §3.1: at most 32 letters and digits; half of the digest's bits are plenty to tell policies apart.
const idLength = 32;

const mxPattern = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The file at https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 §3.2) and the id for its TXT record. The id is
 * a digest of the text, so that it changes exactly when the policy does; order, capitals and repetition of the hosts
 * change nothing. Throws `RangeError` when a host is no host name, none is given though the mode needs one, or the
 * age is out of bounds.
 *
 * @example mtaStsPolicy({ mode: "testing", mxHosts: ["mx.example.com"], maxAgeSeconds: 86_400 }).text
 * // "version: STSv1\r\nmode: testing\r\nmx: mx.example.com\r\nmax_age: 86400\r\n"
 */
export function mtaStsPolicy({ mode, mxHosts, maxAgeSeconds }: MtaStsPolicy): { text: string; id: string } {
  if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 0 || maxAgeSeconds > mtaStsMaxAgeSecondsMax)
    throw new RangeError(`The max_age of an MTA-STS policy is 0 to ${mtaStsMaxAgeSecondsMax} seconds.`);
  // Mode none withdraws what was said before, and so names no host (§3.2).
  const hosts = mode === "none" ? [] : distinctHosts(mxHosts);
  if (mode !== "none" && hosts.length === 0)
    throw new RangeError(`An MTA-STS policy in mode ${mode} needs at least one MX host.`);
  const lines = [
    "version: STSv1",
    `mode: ${mode}`,
    ...hosts.map((host) => `mx: ${host}`),
    `max_age: ${maxAgeSeconds}`,
  ];
  const text = lines.map((line) => `${line}\r\n`).join("");
  return { text, id: sha256Hex(text).slice(0, idLength) };
}

function distinctHosts(mxHosts: readonly string[]): string[] {
  const hosts = new Set(mxHosts.map((host) => host.toLowerCase().replace(/\.$/, "")));
  for (const host of hosts)
    if (host.length > 253 || !mxPattern.test(host))
      throw new RangeError(`"${host}" is no host that an MTA-STS policy can name.`);
  return [...hosts].sort();
}

import { ipBits, ipText } from "../dns/index.ts";

/** The one text of an IP address, however it is written, so that it is found again; null for what is none. */
export function normalIp(text: string): string | null {
  const bits = ipBits(
    text
      .trim()
      .replace(/^\[(?:ipv6:)?/i, "")
      .replace(/\]$/, ""),
  );
  return bits === null ? null : ipText(bits);
}

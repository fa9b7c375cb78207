import type { IncomingMessage } from "node:http";

/**
 * The address of whoever asks. Only a proxy on this machine is believed about it, and only in what it added itself,
 * which is the last entry.
 */
export function clientAddress(request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? "unknown";
  const forwarded = request.headers["x-forwarded-for"];
  const last = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "")).split(",").at(-1)?.trim();
  return isLoopback(peer) && last ? last : peer;
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

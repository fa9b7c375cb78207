/** A host on the other side, as Postfix writes it: name, address in brackets, port. */
export interface Endpoint {
  readonly name: string;
  /** IPv4 or IPv6; null for a socket of this host. */
  readonly address: string | null;
  /** Path of a socket of this host, as `private/dovecot-lmtp`. */
  readonly socket: string | null;
  readonly port: number | null;
}

const address = /^(?=.*[.:])[0-9a-f.:]{2,45}$/i;
const portPattern = /^:\d{1,5}$/;

/** Reads `mx.a.example[192.0.2.1]:25`; null for a word that names no host (`none`, `local`, `virtual`). */
export function parseEndpoint(text: string): Endpoint | null {
  const open = text.indexOf("[");
  const close = text.indexOf("]", open);
  if (open < 0 || close < 0) return null;
  const name = text.slice(0, open);
  const inside = text.slice(open + 1, close);
  const port = text.slice(close + 1);
  if (/[\]\s]/.test(name) || (port !== "" && !portPattern.test(port))) return null;
  const isAddress = address.test(inside);
  return {
    name,
    address: isAddress ? inside : null,
    socket: isAddress || inside === "unknown" || inside === "" ? null : inside,
    port: port === "" ? null : Number(port.slice(1)),
  };
}

/** Source of a pattern that captures an endpoint whole. */
export const endpointPattern = String.raw`([^\s[\]]*\[[^\]\s]*\](?::\d+)?)`;

/** A host on the other side, as Postfix writes it: name, address in brackets, port. */
export interface Endpoint {
  readonly name: string;
  /** IPv4 or IPv6; null for a socket of this host. */
  readonly address: string | null;
  /** Path of a socket of this host, as `private/dovecot-lmtp`. */
  readonly socket: string | null;
  readonly port: number | null;
}

const shape = /^([^[\]\s]*)\[([^\]]*)\](?::(\d+))?$/;
const address = /^[0-9a-f.:]+$/i;

/** Reads `mx.a.example[192.0.2.1]:25`; null for a word that names no host (`none`, `local`, `virtual`). */
export function parseEndpoint(text: string): Endpoint | null {
  const [, name, inside, port] = shape.exec(text) ?? [];
  if (name === undefined || inside === undefined) return null;
  const isAddress = address.test(inside) && /[.:]/.test(inside);
  return {
    name,
    address: isAddress ? inside : null,
    socket: isAddress || inside === "unknown" || inside === "" ? null : inside,
    port: port === undefined ? null : Number(port),
  };
}

/** Source of a pattern that captures an endpoint whole. */
export const endpointPattern = String.raw`([^\s[\]]*\[[^\]\s]*\](?::\d+)?)`;

/** Context tag of max_early_data in an SSL_SESSION of OpenSSL (ssl/ssl_asn1.c); left out when it is zero. */
const earlyDataTag = 0xa0 | 15;
const sequenceTag = 0x30;
const integerTag = 0x02;

// Newer versions of Node put the server's name in front: this label, its length in two octets, and the name.
const nodeLabel = Buffer.from("\0nodejs:tls:session:1\0", "latin1");

/**
 * How many bytes of early data a session ticket allows (RFC 8446 §4.6.1), read from the session as Node gives it, in
 * DER. Null when the bytes are no session.
 */
export function earlyDataMaxOf(told: Buffer): number | null {
  const session = derOf(told);
  const whole = elementAt(session, 0);
  if (whole === null || whole.tag !== sequenceTag) return null;
  for (let at = whole.start; at < whole.end; ) {
    const element = elementAt(session, at);
    if (element === null) return null;
    if (element.tag === earlyDataTag) {
      const value = elementAt(session, element.start);
      if (value === null || value.tag !== integerTag) return null;
      return Number(BigInt(`0x${session.subarray(value.start, value.end).toString("hex") || "0"}`));
    }
    at = element.end;
  }
  return 0;
}

function derOf(told: Buffer): Buffer {
  const isLabelled =
    told.subarray(0, nodeLabel.length).equals(nodeLabel) && told.length > nodeLabel.length + 2;
  return isLabelled ? told.subarray(nodeLabel.length + 2 + told.readUInt16BE(nodeLabel.length)) : told;
}

function elementAt(der: Buffer, at: number): { tag: number; start: number; end: number } | null {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined) return null;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 4 || at + 2 + octets > der.length) return null;
  const size = octets === 0 ? first : der.readUIntBE(at + 2, octets);
  const start = at + 2 + octets;
  return start + size > der.length ? null : { tag, start, end: start + size };
}

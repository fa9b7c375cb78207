/** Puts together what one side of a connection says over WebSocket (RFC 6455 §5.2), from the bytes that it sends. */
export interface SentText {
  take(chunk: Buffer): void;
}

const headEnd = "\r\n\r\n";

/** Reads an upgrade's head and every frame after it; both are given to `told` as text. */
export function readSentText(told: (text: string) => void): SentText {
  let rest = Buffer.alloc(0);
  let isUpgraded = false;
  return {
    take(chunk) {
      rest = Buffer.concat([rest, chunk]);
      if (!isUpgraded) {
        const end = rest.indexOf(headEnd);
        if (end < 0) return;
        told(rest.subarray(0, end).toString("utf8"));
        rest = rest.subarray(end + headEnd.length);
        isUpgraded = true;
      }
      for (let frame = readFrame(rest); frame !== null; frame = readFrame(rest)) {
        told(frame.payload.toString("utf8"));
        rest = rest.subarray(frame.length);
      }
    },
  };
}

/** The first frame, with its mask taken off; null while it is not whole. */
function readFrame(bytes: Buffer): { payload: Buffer; length: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const isMasked = (bytes.readUInt8(1) & 0x80) !== 0;
  const head = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (bytes.length < head) return null;
  const size =
    lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + size) return null;
  const payload = Buffer.from(bytes.subarray(head, head + size));
  const mask = bytes.subarray(head - 4, head);
  if (isMasked) for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at % 4] ?? 0);
  return { payload, length: head + size };
}

import { createServer, type Socket } from "node:net";
import { decodeMessage, encodeRecord } from "./dns-wire.ts";
import { signMessage, type TsigKey } from "./tsig.ts";

/** How a test server answers one message. */
export interface TestAnswer {
  responseCode: number;
  /** Left out, the answer is not signed. */
  sign?: (unsigned: Buffer) => Buffer;
  /** Sent instead of an answer. */
  raw?: Buffer;
}

/** A name server over TCP that answers as a test says. */
export class TestNameServer {
  answer: (message: Buffer) => TestAnswer = () => ({ responseCode: 0 });
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const bound = this.#server.address();
    return bound !== null && typeof bound === "object" ? bound.port : 0;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const message = Buffer.from(received.subarray(2, 2 + received.readUInt16BE(0)));
        received = received.subarray(2 + message.length);
        const { responseCode, sign, raw } = this.answer(message);
        const unsigned = Buffer.alloc(12);
        message.copy(unsigned, 0, 0, 2);
        unsigned.writeUInt16BE((message.readUInt16BE(2) & 0x7800) | 0x8000 | responseCode, 2);
        const sent = raw ?? sign?.(unsigned) ?? unsigned;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(sent.length);
        socket.write(Buffer.concat([length, sent]));
      }
    });
  }
}

/** Adds a TSIG record that says no without a signature, as servers do for keys that they do not know (RFC 8945 §5.3.2). */
export function withTsigError(unsigned: Buffer, { key, error }: { key: TsigKey; error: number }): Buffer {
  const signed = signMessage(unsigned, key, new Date(0)).signed;
  const record = decodeMessage(signed).additionals[0];
  if (record === undefined) throw new Error("there is no TSIG record");
  // Algorithm, time and fudge stay; the MAC is empty; then original id, error and no other data.
  const head = record.data.subarray(0, key.algorithm.length + 2 + 8);
  const tail = Buffer.alloc(8);
  unsigned.copy(tail, 2, 0, 2);
  tail.writeUInt16BE(error, 4);
  const data = Buffer.concat([head, tail]);
  const tsig = encodeRecord({ name: key.name, type: 250, class: 255, ttlSeconds: 0, data });
  const whole = Buffer.concat([unsigned, tsig]);
  whole.writeUInt16BE(1, 10);
  return whole;
}

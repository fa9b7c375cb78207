import { connect } from "node:net";
import { DnsProviderError } from "./provider.ts";

export interface TcpExchange {
  host: string;
  port: number;
  withinMs: number;
}

// Servers read ahead only so far, and answer in whatever order suits them (RFC 7766 §6.2.1.1).
const messagesAhead = 16;
const receivedBytesMax = 8 * 1024 * 1024;

/** Sends DNS messages over one TCP connection and gives the answers in the order of the questions. */
export function exchangeOverTcp(server: TcpExchange, messages: readonly Buffer[]): Promise<Buffer[]> {
  if (messages.length === 0) return Promise.resolve([]);
  const where = `The name server ${server.host} (port ${server.port})`;
  return new Promise((resolve, reject) => {
    const answers = new Map<number, Buffer>();
    let received: Buffer = Buffer.alloc(0);
    let receivedBytes = 0;
    let sentCount = 0;
    const socket = connect({ host: server.host, port: server.port });
    const timer = setTimeout(
      () => fail(`did not answer within ${server.withinMs / 1000} s`),
      server.withinMs,
    );
    const fail = (what: string, cause?: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new DnsProviderError("unreachable", `${where} ${what}.`, { cause }));
    };
    const sendMore = () => {
      for (; sentCount < Math.min(messages.length, answers.size + messagesAhead); sentCount += 1) {
        const message = messages[sentCount] ?? Buffer.alloc(0);
        const length = Buffer.alloc(2);
        length.writeUInt16BE(message.length);
        socket.write(Buffer.concat([length, message]));
      }
    };
    socket.on("connect", sendMore);
    socket.on("error", (cause) => fail("cannot be reached over TCP", cause));
    socket.on("close", () => fail("closed the connection before its answer was complete"));
    socket.on("data", (chunk) => {
      receivedBytes += chunk.length;
      if (receivedBytes > receivedBytesMax) return fail(`sent more than ${receivedBytesMax} bytes`);
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const answer = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + answer.length);
        if (answer.length >= 2) answers.set(answer.readUInt16BE(0), answer);
      }
      const inOrder = messages.flatMap((message) => answers.get(message.readUInt16BE(0)) ?? []);
      if (inOrder.length < messages.length) return sendMore();
      clearTimeout(timer);
      socket.removeAllListeners("close");
      socket.destroy();
      resolve(inOrder);
    });
  });
}

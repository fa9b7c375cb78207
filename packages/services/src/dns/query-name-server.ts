import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { RecordType } from "@mailstead/core/dns";
import * as dnsPacket from "dns-packet";
import { questionsAtOnceMax, resolverQuestionsAtOnceMax, waitForTurn } from "./server-pace.ts";

export interface NameServerAddress {
  address: string;
  port: number;
}

export interface DnsQuestion {
  name: string;
  type: RecordType | "SPF" | "NS" | "SOA" | "DS" | "DNSKEY";
  /** Asks a resolver to do the work; left out when an authoritative server is asked. */
  wantsRecursion?: boolean;
  /** Asks for the signatures too, and a validating resolver for its word on them (RFC 4035 §3.2.1). */
  wantsSignatures?: boolean;
  /** Asks a validating resolver to answer whatever it thinks of the signatures (RFC 4035 §3.2.2). */
  isCheckingDisabled?: boolean;
  /** Asks over TCP at once, to learn whether the server can be asked so. */
  overTcp?: boolean;
}

/** The question could not be answered by this server now; asking again later can help. */
export class DnsQueryError extends Error {
  override readonly name = "DnsQueryError";
  readonly kind = "temporary";

  /** Whether this machine has no way to addresses of that family at all, which says nothing of the server. */
  get isWithoutRoute(): boolean {
    const code = this.cause instanceof Error && "code" in this.cause ? this.cause.code : undefined;
    return typeof code === "string" && withoutRouteCodes.includes(code);
  }
}

const withoutRouteCodes = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];

export type DnsReply = dnsPacket.DecodedPacket;

const attemptTimeoutMs = 2000;
const attemptsMax = 2;
// DNS flag day 2020: answers up to this size pass everywhere without fragments.
const udpPayloadSizeBytes = 1232;

/**
 * Asks one name server one question, over UDP with one repeat and over TCP when the answer was cut off (RFC 7766 §5).
 * Resolves with whatever the server says, error codes included; throws DnsQueryError when it says nothing in time.
 */
export async function queryNameServer(server: NameServerAddress, question: DnsQuestion): Promise<DnsReply> {
  const id = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  const query = encodeQuery(id, question);
  const endTurn = await waitForTurn(
    server,
    question.wantsRecursion === true ? resolverQuestionsAtOnceMax : questionsAtOnceMax,
  );
  try {
    return await ask(server, { query, id, overTcp: question.overTcp === true });
  } finally {
    endTurn();
  }
}

async function ask(
  server: NameServerAddress,
  { query, id, overTcp }: { query: Buffer; id: number; overTcp: boolean },
): Promise<DnsReply> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (overTcp) return await askOverTcp(server, query, id);
      const reply = await askOverUdp(server, query, id);
      return reply.flag_tc ? await askOverTcp(server, query, id) : reply;
    } catch (cause) {
      if (attempt >= attemptsMax || !(cause instanceof DnsQueryError)) throw cause;
    }
  }
}

function encodeQuery(id: number, question: DnsQuestion): Buffer {
  return dnsPacket.encode({
    type: "query",
    id,
    flags:
      (question.wantsRecursion === true ? dnsPacket.RECURSION_DESIRED : 0) |
      (question.isCheckingDisabled === true ? dnsPacket.CHECKING_DISABLED : 0),
    // Its types leave out SPF, which it can ask for.
    questions: [{ type: question.type as Exclude<DnsQuestion["type"], "SPF">, name: question.name }],
    additionals: [
      {
        type: "OPT",
        name: ".",
        udpPayloadSize: udpPayloadSizeBytes,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: question.wantsSignatures === true ? dnsPacket.DNSSEC_OK : 0,
        flag_do: question.wantsSignatures === true,
        options: [],
      },
    ],
  });
}

function askOverUdp(server: NameServerAddress, query: Buffer, id: number): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    const timer = setTimeout(
      () =>
        finish(() =>
          reject(new DnsQueryError(`${server.address} did not answer within ${attemptTimeoutMs / 1000} s`)),
        ),
      attemptTimeoutMs,
    );
    socket.on("error", (cause) =>
      finish(() => reject(new DnsQueryError(`${server.address} cannot be reached`, { cause }))),
    );
    // A connected socket takes packets from this server only, so a forger must also guess our port and the id.
    // By event, because a callback of connect() is also called when it fails.
    socket.on("connect", () => socket.send(query));
    socket.connect(server.port, server.address);
    socket.on("message", (message) => {
      const reply = decodeReply(message);
      if (reply !== null && reply.id === id) finish(() => resolve(reply));
    });
  });
}

function askOverTcp(server: NameServerAddress, query: Buffer, id: number): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host: server.address, port: server.port });
    const fail = (problem: string, cause?: unknown) => {
      socket.destroy();
      reject(new DnsQueryError(`${server.address} ${problem}`, { cause }));
    };
    // For the whole answer: a server that sends a byte a second would otherwise hold a check for hours.
    const timer = setTimeout(
      () => fail(`did not answer over TCP within ${attemptTimeoutMs / 1000} s`),
      attemptTimeoutMs,
    );
    socket.on("error", (cause) => fail("cannot be reached over TCP", cause));
    socket.on("close", () => {
      clearTimeout(timer);
      fail("closed the connection before its answer was complete");
    });
    socket.on("connect", () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const reply = decodeReply(received.subarray(2, 2 + received.readUInt16BE(0)));
      if (reply === null || reply.id !== id) return fail("sent an answer that is not DNS");
      resolve(reply);
      socket.destroy();
    });
  });
}

function decodeReply(message: Buffer): DnsReply | null {
  try {
    const reply = dnsPacket.decode(message);
    return reply.type === "response" ? reply : null;
  } catch {
    // Anyone can send bytes to an open port; what is not DNS is not an answer.
    return null;
  }
}

import { connect, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";

/** What the other side did, to be read after its name; says whether trying again can help. */
export class MailTrouble extends Error {
  override readonly name = "MailTrouble";
  readonly retry: "temporary" | "permanent";

  constructor(message: string, retry: "temporary" | "permanent", cause?: unknown) {
    super(message, { cause });
    this.retry = retry;
  }
}

export interface TlsWanted {
  readonly name: string;
  /** In PEM, those of the host; null for the runtime's own. */
  readonly certificates: string | null;
  readonly isVerified: boolean;
}

export interface MailDoor {
  readonly host: string;
  readonly port: number;
  /** Null where the connection begins in the clear. */
  readonly tls: TlsWanted | null;
  readonly answerWithinMs?: number;
}

const usualAnswerMs = 20_000;

/** A connection to a mail server, whose words are read as they come. */
export class MailSocket {
  readonly answerWithinMs: number;
  /** What has come and was not taken yet, a byte for each character. */
  text = "";
  #socket: Socket;
  #ended: MailTrouble | null = null;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket, answerWithinMs: number) {
    this.#socket = socket;
    this.answerWithinMs = answerWithinMs;
    this.#listen();
  }

  /** Throws MailTrouble where nobody answers, or TLS cannot be agreed on. */
  static async connect({ host, port, tls, answerWithinMs = usualAnswerMs }: MailDoor): Promise<MailSocket> {
    const socket = connect({ host, port });
    await opened(socket, { event: "connect", withinMs: answerWithinMs });
    return new MailSocket(tls === null ? socket : await secured(socket, tls, answerWithinMs), answerWithinMs);
  }

  async startTls(tls: TlsWanted): Promise<void> {
    this.#socket.removeAllListeners();
    // What came before TLS was agreed on is nobody's word (CVE-2011-0411).
    this.text = "";
    this.#socket = await secured(this.#socket, tls, this.answerWithinMs);
    this.#listen();
  }

  /** The certificate that the other side shows, in DER; null where no TLS was agreed on. */
  peerCertificate(): Buffer | null {
    return this.#socket instanceof TLSSocket ? (this.#socket.getPeerCertificate().raw ?? null) : null;
  }

  write(bytes: string): void {
    this.#socket.write(bytes, "latin1");
  }

  /** Takes from what comes as soon as `take` finds something in it. Throws MailTrouble where that does not come in time. */
  async take<T>(take: (text: string) => { value: T; length: number } | null): Promise<T> {
    const until = performance.now() + this.answerWithinMs;
    for (;;) {
      const found = take(this.text);
      if (found !== null) {
        this.text = this.text.slice(found.length);
        return found.value;
      }
      if (this.#ended !== null) throw this.#ended;
      await this.#more(until - performance.now());
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const end = (trouble: MailTrouble) => {
      this.#ended ??= trouble;
      this.#wake?.();
    };
    this.#socket.on("data", (data: Buffer) => {
      this.text += data.toString("latin1");
      this.#wake?.();
    });
    this.#socket.on("error", (error) => end(troubleOf(error)));
    this.#socket.on("close", () => end(new MailTrouble("closes the connection", "temporary")));
  }

  #more(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(() => {
        this.#wake = null;
        reject(new MailTrouble("does not answer in time", "temporary"));
      }, withinMs);
      this.#wake = done;
    });
  }
}

async function secured(
  socket: Socket,
  { name, certificates, isVerified }: TlsWanted,
  withinMs: number,
): Promise<Socket> {
  const tls = connectTls({
    socket,
    servername: name,
    rejectUnauthorized: isVerified,
    minVersion: "TLSv1.2",
    ...(certificates === null ? {} : { ca: certificates }),
  });
  await opened(tls, { event: "secureConnect", withinMs });
  return tls;
}

function opened(
  socket: Socket,
  { event, withinMs }: { event: "connect" | "secureConnect"; withinMs: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (trouble: MailTrouble) => {
      clearTimeout(timer);
      socket.destroy();
      reject(trouble);
    };
    const timer = setTimeout(
      () => fail(new MailTrouble("cannot be reached: it does not answer in time", "temporary")),
      withinMs,
    );
    const failed = (error: Error) => fail(troubleOf(error));
    socket.once("error", failed);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve();
    });
  });
}

/** Names that do not exist and certificates that prove nothing stay so until somebody acts. */
function troubleOf(error: NodeJS.ErrnoException): MailTrouble {
  const code = error.code ?? "";
  if (code === "ENOTFOUND")
    return new MailTrouble("cannot be reached: there is no such host", "permanent", error);
  const isNetwork = /^(ECONN|ETIMEDOUT|EHOST|ENET|EAI_AGAIN|EPIPE)/.test(code);
  if (isNetwork) return new MailTrouble(`cannot be reached: ${code}`, "temporary", error);
  const shown = certificateWords[code];
  return new MailTrouble(
    shown === undefined ? `cannot be spoken to over TLS: ${error.message}` : `shows a certificate ${shown}`,
    "permanent",
    error,
  );
}

const untrusted = "of an authority that this host does not trust";
const certificateWords: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "that it signed itself, so anybody could answer in its name",
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: "that has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "of another host",
};

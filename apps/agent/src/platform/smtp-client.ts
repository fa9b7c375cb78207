import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface SmtpAnswer {
  readonly code: number;
  /** Without the code, one line for each of the reply's. */
  readonly text: string;
}

/** What the other side did, to be read after its name; says whether trying again can help. */
export class SmtpTrouble extends Error {
  override readonly name = "SmtpTrouble";
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

const usualAnswerMs = 20_000;
const replyLengthMax = 65_536;

/** One SMTP session as a client, asked command by command. */
export class SmtpClient {
  #socket: Socket;
  #text = "";
  #ended: SmtpTrouble | null = null;
  #wake: (() => void) | null = null;
  readonly #answerWithinMs: number;

  private constructor(socket: Socket, answerWithinMs: number) {
    this.#socket = socket;
    this.#answerWithinMs = answerWithinMs;
    this.#listen();
  }

  /** Throws SmtpTrouble where nobody answers, or TLS cannot be agreed on. */
  static async connect({
    host,
    port,
    tls,
    answerWithinMs = usualAnswerMs,
  }: {
    host: string;
    port: number;
    tls: TlsWanted | null;
    answerWithinMs?: number;
  }): Promise<SmtpClient> {
    const socket = connect({ host, port });
    await opened(socket, { event: "connect", withinMs: answerWithinMs });
    return new SmtpClient(tls === null ? socket : await secured(socket, tls, answerWithinMs), answerWithinMs);
  }

  async startTls(tls: TlsWanted): Promise<void> {
    this.#socket.removeAllListeners();
    // What came before TLS was agreed on is nobody's word (CVE-2011-0411).
    this.#text = "";
    this.#socket = await secured(this.#socket, tls, this.#answerWithinMs);
    this.#listen();
  }

  ask(command: string): Promise<SmtpAnswer> {
    this.#socket.write(`${command}\r\n`);
    return this.read();
  }

  async read(): Promise<SmtpAnswer> {
    const until = performance.now() + this.#answerWithinMs;
    for (;;) {
      const last = /^(\d{3})(?: .*)?\r?\n/m.exec(this.#text);
      if (last !== null) {
        const end = last.index + last[0].length;
        const lines = this.#text.slice(0, end).trimEnd().split(/\r?\n/);
        this.#text = this.#text.slice(end);
        return { code: Number(last[1]), text: lines.map((line) => line.slice(4)).join("\n") };
      }
      if (this.#ended !== null) throw this.#ended;
      if (this.#text.length > replyLengthMax)
        throw new SmtpTrouble("sends a reply without an end, so it is no mail server", "permanent");
      await this.#more(until - performance.now());
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const end = (trouble: SmtpTrouble) => {
      this.#ended ??= trouble;
      this.#wake?.();
    };
    this.#socket.on("data", (data: Buffer) => {
      this.#text += data.toString("latin1");
      this.#wake?.();
    });
    this.#socket.on("error", (error) => end(troubleOf(error)));
    this.#socket.on("close", () => end(new SmtpTrouble("closes the connection", "temporary")));
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
        reject(new SmtpTrouble("does not answer in time", "temporary"));
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
    const fail = (trouble: SmtpTrouble) => {
      clearTimeout(timer);
      socket.destroy();
      reject(trouble);
    };
    const timer = setTimeout(
      () => fail(new SmtpTrouble("cannot be reached: it does not answer in time", "temporary")),
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
function troubleOf(error: NodeJS.ErrnoException): SmtpTrouble {
  const code = error.code ?? "";
  if (code === "ENOTFOUND")
    return new SmtpTrouble("cannot be reached: there is no such host", "permanent", error);
  const isNetwork = /^(ECONN|ETIMEDOUT|EHOST|ENET|EAI_AGAIN|EPIPE)/.test(code);
  if (isNetwork) return new SmtpTrouble(`cannot be reached: ${code}`, "temporary", error);
  const shown = certificateWords[code];
  return new SmtpTrouble(
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

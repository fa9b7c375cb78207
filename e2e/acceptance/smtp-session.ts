import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureVersion } from "node:tls";

export interface SmtpReply {
  readonly code: number;
  /** Text of each line, without its code. */
  readonly lines: readonly string[];
  /** The reply on one line, with its code. */
  readonly text: string;
}

const answerWithinMs = 40_000;

export interface SocketOptions {
  /** TLS from the first byte. */
  readonly isTls?: boolean;
  /** The only version of TLS to speak, with whatever old cipher it needs. */
  readonly onlyVersion?: SecureVersion;
}

function tlsOptions({ onlyVersion }: SocketOptions) {
  const pinned = { minVersion: onlyVersion, maxVersion: onlyVersion, ciphers: "ALL:@SECLEVEL=0" };
  return { rejectUnauthorized: false, ...(onlyVersion === undefined ? {} : pinned) };
}

/** A line protocol spoken word by word, so that a case sees every reply and may send what no library would. */
export class LineSession {
  #socket: Socket;
  #buffer = "";
  #wake: (() => void) | null = null;
  #isClosed = false;

  protected constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  #listen(): void {
    this.#socket.on("data", (chunk: Buffer) => {
      this.#buffer += chunk.toString("latin1");
      this.#wake?.();
    });
    const end = () => {
      this.#isClosed = true;
      this.#wake?.();
    };
    this.#socket.on("close", end);
    this.#socket.on("error", end);
  }

  /** The next line without its end; null when the other side has closed. Throws when nothing comes in time. */
  async readLine(): Promise<string | null> {
    const deadline = Date.now() + answerWithinMs;
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffer.slice(0, end).replace(/\r$/, "");
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      if (this.#isClosed) return null;
      if (Date.now() > deadline) throw new Error(`No answer within ${answerWithinMs / 1000} s.`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  async upgradeToTls(options: SocketOptions = {}): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners();
    this.#socket = await new Promise((resolve, reject) => {
      const secure = connectTls({ socket: plain, ...tlsOptions(options) }, () => resolve(secure));
      secure.once("error", reject);
    });
    this.#listen();
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Opens a TCP connection, with TLS from the first byte when asked. */
export function openSocket(port: number, options: SocketOptions = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = options.isTls
      ? connectTls({ host: "127.0.0.1", port, ...tlsOptions(options) }, () => resolve(socket))
      : connectTcp({ host: "127.0.0.1", port }, () => resolve(socket));
    socket.once("error", reject);
  });
}

export class SmtpSession extends LineSession {
  /** Connects and reads the greeting. */
  static async open(port: number, options: { isTls?: boolean } = {}): Promise<SmtpSession> {
    const session = new SmtpSession(await openSocket(port, options));
    const greeting = await session.readReply();
    if (greeting.code !== 220) throw new Error(`The server greets with ${greeting.text}.`);
    return session;
  }

  /** Connects, says EHLO, starts TLS when it is not on from the start, and signs in when an account is given. */
  static async submit(
    port: number,
    account: { address: string; password: string },
    options: { isTls?: boolean } = {},
  ): Promise<SmtpSession> {
    const session = await SmtpSession.open(port, options);
    await session.command("EHLO client.example");
    if (!options.isTls) await session.startTls();
    const reply = await session.authPlain(account);
    if (reply.code !== 235) throw new Error(`${account.address} cannot sign in: ${reply.text}`);
    return session;
  }

  async readReply(): Promise<SmtpReply> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.readLine();
      if (line === null) return { code: 0, lines, text: `${lines.join(" ")} (connection closed)` };
      lines.push(line.slice(4));
      if (line[3] !== "-") {
        const code = Number(line.slice(0, 3));
        return { code, lines, text: `${code} ${lines.join(" ")}` };
      }
    }
  }

  async command(line: string): Promise<SmtpReply> {
    this.write(`${line}\r\n`);
    return await this.readReply();
  }

  /** Starts TLS and says EHLO again; returns the second EHLO's reply. */
  async startTls(): Promise<SmtpReply> {
    const reply = await this.command("STARTTLS");
    if (reply.code !== 220) throw new Error(`STARTTLS was answered with ${reply.text}.`);
    await this.upgradeToTls();
    return await this.command("EHLO client.example");
  }

  async authPlain({ address, password }: { address: string; password: string }): Promise<SmtpReply> {
    return await this.command(`AUTH PLAIN ${base64(`\0${address}\0${password}`)}`);
  }

  async authLogin({ address, password }: { address: string; password: string }): Promise<SmtpReply> {
    const asked = await this.command("AUTH LOGIN");
    if (asked.code !== 334) return asked;
    const second = await this.command(base64(address));
    if (second.code !== 334) return second;
    return await this.command(base64(password));
  }

  /** Sends envelope and message and returns the reply that ended it, the first refusal or the last answer. */
  async send(mail: { from: string; to: string; message: string }): Promise<SmtpReply> {
    for (const line of [`MAIL FROM:<${mail.from}>`, `RCPT TO:<${mail.to}>`, "DATA"]) {
      const reply = await this.command(line);
      if (reply.code >= 400) return reply;
    }
    const text = mail.message.replaceAll(/\r?\n/g, "\r\n").replaceAll(/^\./gm, "..");
    this.write(`${text}\r\n.\r\n`);
    return await this.readReply();
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

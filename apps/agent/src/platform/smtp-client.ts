import { type MailDoor, MailSocket, MailTrouble, type TlsWanted } from "./mail-socket.ts";

export interface SmtpAnswer {
  readonly code: number;
  /** Without the code, one line for each of the reply's. */
  readonly text: string;
}

const replyLengthMax = 65_536;

/** One SMTP session as a client, asked command by command. */
export class SmtpClient {
  readonly #socket: MailSocket;

  private constructor(socket: MailSocket) {
    this.#socket = socket;
  }

  /** Throws MailTrouble where nobody answers, or TLS cannot be agreed on. */
  static async connect(door: MailDoor): Promise<SmtpClient> {
    return new SmtpClient(await MailSocket.connect(door));
  }

  startTls(tls: TlsWanted): Promise<void> {
    return this.#socket.startTls(tls);
  }

  ask(command: string): Promise<SmtpAnswer> {
    this.#socket.write(`${command}\r\n`);
    return this.read();
  }

  /** Hands in the text of a message, whose lines end in CR LF, after DATA was answered (RFC 5321 §4.5.2). */
  handIn(message: string): Promise<SmtpAnswer> {
    return this.ask(`${message.replace(/^\./gm, "..").replace(/(?:\r\n)?$/, "\r\n")}.`);
  }

  read(): Promise<SmtpAnswer> {
    return this.#socket.take((text) => {
      const last = /^(\d{3})(?: .*)?\r?\n/m.exec(text);
      if (last === null) {
        if (text.length > replyLengthMax)
          throw new MailTrouble("sends a reply without an end, so it is no mail server", "permanent");
        return null;
      }
      const length = last.index + last[0].length;
      const lines = text.slice(0, length).trimEnd().split(/\r?\n/);
      return {
        length,
        value: { code: Number(last[1]), text: lines.map((line) => line.slice(4)).join("\n") },
      };
    });
  }

  peerCertificate(): Buffer | null {
    return this.#socket.peerCertificate();
  }

  close(): void {
    this.#socket.close();
  }
}

import type { Socket } from "node:net";
import { storableText } from "@mailstead/core/text";

export interface SmtpReply {
  code: number;
  isPositive: boolean;
  /** The texts of its lines, without codes. */
  text: string;
}

// RFC 5321 §4.5.3.1.5 allows 512 octets a line; a server that says this much says no SMTP.
const replySizeMaxBytes = 16_384;

/** Says a line and waits for the reply (RFC 5321 §4.2). Rejects when the line breaks or what comes is no SMTP. */
export class SmtpDialogue {
  readonly #socket: Socket;
  #received = "";
  #wake: () => void = () => undefined;
  #ended: Error | null = null;
  readonly #onData = (chunk: Buffer) => {
    // Whatever comes may be kept as evidence.
    this.#received += storableText(chunk.toString("latin1"));
    this.#wake();
  };
  readonly #onClose = () => {
    this.#ended ??= new Error("the server ended the connection");
    this.#wake();
  };
  readonly #onError = (cause: Error) => {
    this.#ended = cause;
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#onData).on("close", this.#onClose).on("error", this.#onError);
  }

  async say(line: string): Promise<SmtpReply> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  async reply(): Promise<SmtpReply> {
    for (;;) {
      const whole = /^((?:\d{3}-[^\n]*\n)*)(\d{3})(?: ([^\n]*))?\r?\n/.exec(this.#received);
      if (whole !== null) return this.#take(whole[0]);
      if (this.#received.length > replySizeMaxBytes) throw new Error("the server's answer does not end");
      if (/^(?!\d{0,3}$|\d{3}[- \r\n])/.test(this.#received) && this.#received !== "")
        throw new Error(`the server does not speak SMTP: ${this.#received.slice(0, 60).trim()}`);
      if (this.#ended !== null) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Says goodbye without waiting long for it to be heard. */
  async quit(): Promise<void> {
    this.#socket.end("QUIT\r\n");
  }

  /** Lets go of the socket, for TLS to take it. */
  release(): void {
    this.#socket.off("data", this.#onData).off("close", this.#onClose).off("error", this.#onError);
  }

  #take(whole: string): SmtpReply {
    this.#received = this.#received.slice(whole.length);
    const lines = whole.trimEnd().split(/\r?\n/);
    const code = Number(whole.slice(0, 3));
    return {
      code,
      isPositive: code >= 200 && code < 400,
      text: lines.map((line) => line.slice(4)).join("\n"),
    };
  }
}

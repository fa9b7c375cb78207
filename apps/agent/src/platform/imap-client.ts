import { type MailDoor, MailSocket, MailTrouble } from "./mail-socket.ts";

export interface ImapAnswer {
  readonly state: "OK" | "NO" | "BAD";
  /** What the tagged line says after its state. */
  readonly text: string;
  /** All that came before it, literals included, a byte for each character. */
  readonly data: string;
}

/** No letter that is fetched here is so long. */
const answerLengthMax = 4 * 1_048_576;

/** One IMAP session as a client (RFC 9051), asked command by command. */
export class ImapClient {
  readonly #socket: MailSocket;
  #number = 0;

  private constructor(socket: MailSocket) {
    this.#socket = socket;
  }

  /** Throws MailTrouble where nobody answers, TLS cannot be agreed on, or the greeting is none. */
  static async connect(door: MailDoor): Promise<ImapClient> {
    const socket = await MailSocket.connect(door);
    const client = new ImapClient(socket);
    try {
      const greeting = await socket.take((text) => {
        const end = text.indexOf("\n") + 1;
        return end === 0 ? null : { value: text.slice(0, end).trim(), length: end };
      });
      if (!/^\* OK\b/i.test(greeting)) throw new MailTrouble(`greets with "${greeting}"`, "temporary");
      return client;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  ask(command: string): Promise<ImapAnswer> {
    this.#number += 1;
    const tag = `a${this.#number}`;
    this.#socket.write(`${tag} ${command}\r\n`);
    return this.#socket.take((text) => {
      if (text.length > answerLengthMax) throw new MailTrouble("sends an answer without an end", "permanent");
      return readAnswer(text, tag);
    });
  }

  peerCertificate(): Buffer | null {
    return this.#socket.peerCertificate();
  }

  close(): void {
    this.#socket.close();
  }
}

/** The literals of an answer, in order: what a FETCH of a whole message carries. */
export function literalsOf(data: string): string[] {
  const literals: string[] = [];
  for (const { literal } of linesOf(data)) literals.push(...(literal === null ? [] : [literal]));
  return literals;
}

function readAnswer(text: string, tag: string): { value: ImapAnswer; length: number } | null {
  for (const { line, begin, end } of linesOf(text)) {
    const [, state, words = ""] = line.startsWith(`${tag} `)
      ? (/^\S+ (OK|NO|BAD)\b ?(.*)$/i.exec(line) ?? [])
      : [];
    if (state !== undefined)
      return {
        value: { state: state.toUpperCase() as "OK", text: words, data: text.slice(0, begin) },
        length: end,
      };
  }
  return null;
}

interface Line {
  readonly line: string;
  /** What follows the line, where it ends in the length of a literal. */
  readonly literal: string | null;
  readonly begin: number;
  readonly end: number;
}

/** Each whole line with its literal; a literal may hold what looks like the end of an answer. */
function* linesOf(text: string): Generator<Line> {
  for (let begin = 0; ; ) {
    const newline = text.indexOf("\r\n", begin);
    if (newline < 0) return;
    const line = text.slice(begin, newline);
    const bytes = /\{(\d{1,9})\}$/.exec(line)?.[1];
    const after = newline + 2;
    const end = after + Number(bytes ?? 0);
    if (end > text.length) return;
    yield { line, literal: bytes === undefined ? null : text.slice(after, end), begin, end };
    begin = end;
  }
}

import { LineSession, openSocket, type SocketOptions } from "./smtp-session.ts";

/** An IMAP or ManageSieve dialogue, spoken line by line. */
export class TextSession extends LineSession {
  static async open(port: number, options: SocketOptions = {}): Promise<TextSession> {
    return new TextSession(await openSocket(port, options));
  }

  /** Sends a line and reads until a line fits; returns all of them joined by line feeds. */
  async ask(line: string | null, isLast: RegExp): Promise<string> {
    if (line !== null) this.write(`${line}\r\n`);
    const lines: string[] = [];
    for (;;) {
      const next = await this.readLine();
      if (next === null) return [...lines, "(connection closed)"].join("\n");
      lines.push(next);
      if (isLast.test(next)) return lines.join("\n");
    }
  }
}

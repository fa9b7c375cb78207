import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { mailHostCertificate } from "../testing/test-certificates.ts";

const ofToday = { minVersion: "TLSv1.2", ciphers: "ECDHE+AESGCM:!aNULL" } as const;

/** A mail host on a loopback address: SMTP with STARTTLS on one port, TLS from the start on another. */
export class TestMailHost {
  greetingName = "mail1.msp.example";
  offersTls = true;
  isOpenRelay = false;
  /** Greets whoever comes with a refusal, as hosts do that know the address for nobody who sends mail. */
  turnsAway = false;
  /** Addresses that it takes no mail for. */
  refused: string[] = [];
  readonly said: string[] = [];
  readonly #smtp: Server = createServer((socket) => this.#serve(socket, false));
  /** Takes over a connection behind STARTTLS. */
  readonly #secure = createTlsServer({ ...mailHostCertificate, ...ofToday }, (socket) => {
    socket.disableRenegotiation();
    this.#serve(socket, true);
  });
  readonly #tls = createTlsServer({ ...mailHostCertificate, ...ofToday }, (socket) => {
    socket.disableRenegotiation();
    socket.on("error", () => socket.destroy());
    socket.write("* OK ready\r\n");
  });

  async start(address: string): Promise<{ smtp: number; tls: number }> {
    for (const server of [this.#tls, this.#secure]) server.on("tlsClientError", () => undefined);
    const listen = (server: Server) =>
      new Promise<number>((resolve) =>
        server.listen(0, address, () => {
          const bound = server.address();
          resolve(typeof bound === "object" && bound !== null ? bound.port : 0);
        }),
      );
    return { smtp: await listen(this.#smtp), tls: await listen(this.#tls) };
  }

  stop(): void {
    this.#smtp.close();
    this.#tls.close();
  }

  #serve(socket: Socket, isSecure: boolean): void {
    socket.on("error", () => socket.destroy());
    if (this.turnsAway) socket.write(`554 ${this.greetingName} no SMTP service for you\r\n`);
    else if (!isSecure) socket.write(`220-${this.greetingName} ESMTP\r\n220 ready\r\n`);
    socket.on("data", (chunk) => {
      for (const line of chunk
        .toString()
        .split("\r\n")
        .filter((one) => one !== "")) {
        this.said.push(line);
        if (/^STARTTLS/i.test(line)) {
          socket.removeAllListeners("data");
          socket.write("220 go\r\n");
          this.#secure.emit("connection", socket);
          return;
        }
        socket.write(this.#answer(line, isSecure));
      }
    });
  }

  #answer(line: string, isSecure: boolean): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO")
      return `250-${this.greetingName}\r\n${this.offersTls && !isSecure ? "250-STARTTLS\r\n" : ""}250 PIPELINING\r\n`;
    const recipient = /^RCPT TO:<(.*)>/i.exec(line)?.[1] ?? "";
    if (this.refused.includes(recipient)) return "550 5.1.1 User unknown\r\n";
    if (recipient.endsWith("@a.example")) return "250 2.1.5 Ok\r\n";
    if (verb === "RCPT" && !this.isOpenRelay) return "554 5.7.1 Relay access denied\r\n";
    return verb === "QUIT" ? "221 bye\r\n" : "250 2.0.0 Ok\r\n";
  }
}

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { probePort } from "./probe-port.ts";

describe("a probe of a port", () => {
  let server: Server | null = null;
  afterEach(() => server?.close());

  async function serve(talk: (socket: Socket) => void): Promise<number> {
    server = createServer(talk);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  it("says each command when the last has been answered, also when the answer has lines and comes in parts", async () => {
    const heard: string[] = [];
    const port = await serve((socket) => {
      socket.write("220 mail ESMTP\r\n");
      socket.on("data", (data) => {
        heard.push(String(data).trim());
        if (heard.length === 1) {
          socket.write("250-mail\r\n250-SI");
          setImmediate(() => socket.write("ZE\r\n250 HELP\r\n"));
        } else socket.write("451 4.3.5 Server configuration error\r\n");
      });
    });
    const { text, problem } = await probePort({ port, commands: ["EHLO localhost", "RCPT TO:<postmaster>"] });
    expect(heard).toEqual(["EHLO localhost", "RCPT TO:<postmaster>"]);
    expect(problem).toBeNull();
    expect(text).toContain("451 4.3.5");
  });

  it("says what is wrong with a port that nobody serves, or that closes without a word", async () => {
    const port = await serve((socket) => socket.end());
    expect(await probePort({ port, commands: ["QUIT"] })).toMatchObject({
      text: "",
      problem: expect.stringContaining("closed"),
    });
    expect((await probePort({ port: 1 })).problem).toBe("ECONNREFUSED");
  });
});

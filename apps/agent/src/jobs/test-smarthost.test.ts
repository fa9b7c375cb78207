import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { tryOut } from "./test-smarthost.ts";

let server: Server | null = null;
afterEach(() => server?.close());

/** A smarthost that greets and then answers each command by its first word; gives its port and what it heard. */
async function smarthost(greeting: string, answers: Readonly<Record<string, string>> = {}) {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    socket.write(greeting);
    socket.on("data", (data) => {
      const command = data.toString("utf8").trim();
      heard.push(command);
      const answer = answers[command.split(" ")[0] ?? ""] ?? "502 5.5.1 no such command\r\n";
      // In two pieces, as networks do.
      socket.write(answer.slice(0, 5));
      setImmediate(() => socket.write(answer.slice(5)));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return { heard, port: typeof bound === "object" && bound !== null ? bound.port : 0 };
}

const trial = (port: number, signIn: { username: string; password: string } | null = null) =>
  tryOut(
    { host: "127.0.0.1", port, verifiesCertificate: true },
    { signIn, certificates: null, sender: null },
  );
const ehlo = "250-relay.example\r\n250-SIZE 10\r\n250 8BITMIME\r\n";

test("a smarthost without a password is found to take a connection, and no mail is sent", async () => {
  const { port, heard } = await smarthost("220 relay.example ESMTP\r\n", { EHLO: ehlo, QUIT: "221 bye\r\n" });
  expect(await trial(port)).toMatchObject({ reached: "done", retry: null });
  expect(heard.map((command) => command.split(" ")[0])).toEqual(["EHLO", "QUIT"]);
});

test("a recipient that will be forwarded is taken, as Postfix takes it", async () => {
  const { port } = await smarthost("220 relay.example ESMTP\r\n", {
    EHLO: ehlo,
    MAIL: "250 ok\r\n",
    RCPT: "251 user not local; will forward\r\n",
    RSET: "250 ok\r\n",
    QUIT: "221 bye\r\n",
  });
  const asked = { signIn: null, certificates: null, sender: "ann@a.example" };
  expect(await tryOut({ host: "127.0.0.1", port, verifiesCertificate: true }, asked)).toMatchObject({
    reached: "done",
    retry: null,
  });
});

test("a password is never sent where no TLS is offered, and the result says that trying again does not help", async () => {
  const { port, heard } = await smarthost("220 relay.example ESMTP\r\n", { EHLO: `${ehlo}` });
  const result = await trial(port, { username: "user", password: "secret" });
  expect(result).toMatchObject({ reached: "greeting", retry: "permanent" });
  expect(result.sentence).toMatch(/offers no STARTTLS/);
  expect(heard.join(" ")).not.toMatch(/AUTH/);
});

test.each([
  ["421 4.3.2 busy\r\n", "temporary", /greets with 421 4\.3\.2 busy\. It may be gone/],
  ["554-IP=192.0.2.1\r\n554 bad reputation\r\n", "permanent", /554 IP=192\.0\.2\.1 bad reputation/],
] as const)(
  "a smarthost that refuses at once is told with its words and whether to try again: %j",
  async (greeting, retry, words) => {
    const { port } = await smarthost(greeting);
    const result = await trial(port);
    expect(result).toMatchObject({ reached: "nothing", retry });
    expect(result.sentence).toMatch(words);
  },
);

test("a port where nobody listens, and one that breaks TLS off, are told apart", async () => {
  const { port } = await smarthost("220 x\r\n", {
    EHLO: "250-relay.example\r\n250 STARTTLS\r\n",
    STARTTLS: "220 go\r\n",
  });
  expect(await trial(port, { username: "u", password: "p" })).toMatchObject({
    reached: "greeting",
    retry: "permanent",
  });
  await new Promise((resolve) => server?.close(resolve));
  expect(await trial(port)).toMatchObject({ reached: "nothing", retry: "temporary" });
});

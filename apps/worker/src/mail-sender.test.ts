import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openMailSender } from "./mail-sender.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** A mail server that answers RCPT so, and keeps what it was given. */
async function openServer(rcptReply: string): Promise<{ url: string; messages: string[] }> {
  const messages: string[] = [];
  server = createServer((socket) => {
    let isData = false;
    let text = "";
    socket.on("error", () => socket.destroy());
    socket.write("220 mx.example ESMTP\r\n");
    socket.on("data", (chunk) => {
      if (isData) {
        text += chunk.toString();
        if (!text.endsWith("\r\n.\r\n")) return;
        messages.push(text);
        text = "";
        isData = false;
        socket.write("250 2.0.0 Ok\r\n");
        return;
      }
      for (const line of chunk
        .toString()
        .split("\r\n")
        .filter((one) => one !== "")) {
        if (/^RCPT/i.test(line)) socket.write(`${rcptReply}\r\n`);
        else if (/^DATA/i.test(line)) {
          isData = true;
          socket.write("354 go\r\n");
        } else socket.write(/^QUIT/i.test(line) ? "221 bye\r\n" : "250 Ok\r\n");
      }
    });
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const bound = listening.address();
  return { url: `smtp://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`, messages };
}

const mail = { id: "0199-1", recipient: "ann@msp.example", subject: "2 new", body: "One.\nTwo.\n" };
const from = "Mailstead <checks@control.example>";

test("a mail is sent with an id of its own, which every attempt repeats, and says that a machine wrote it", async () => {
  const { url, messages } = await openServer("250 Ok");
  const sender = openMailSender({ url, from });
  expect(await sender.send(mail)).toEqual({ kind: "sent" });
  expect(await sender.send(mail)).toEqual({ kind: "sent" });
  sender.close();
  expect(messages).toHaveLength(2);
  for (const message of messages) {
    expect(message).toMatch(/^Message-ID: <0199-1@control\.example>\r$/m);
    expect(message).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(message).toMatch(/^To: ann@msp\.example\r$/m);
  }
});

test.each([
  ["550 5.1.1 no such user", "permanent"],
  ["451 4.3.0 try later", "temporary"],
])("%s is %s", async (reply, kind) => {
  const { url } = await openServer(reply);
  const sender = openMailSender({ url, from });
  expect(await sender.send(mail)).toMatchObject({ kind, problem: expect.stringContaining(reply.slice(4)) });
  sender.close();
});

test("a server that is away is temporary", async () => {
  const sender = openMailSender({ url: "smtp://127.0.0.1:1", from });
  expect(await sender.send(mail)).toMatchObject({ kind: "temporary" });
  sender.close();
});

import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";

/** A session with a mail server that speaks TLS at once: it says something now and something later. */
export async function openSubmissionSession(at: ConnectionOptions) {
  const socket = connect(at);
  socket.setEncoding("utf8");
  await readReply(socket);
  const say = (line: string): Promise<string> => {
    const reply = readReply(socket);
    socket.write(`${line}\r\n`);
    return reply;
  };
  await say("EHLO client.example");
  return { say, serialNumber: socket.getPeerCertificate().serialNumber };
}

/** The last line of the next reply, with a space after its code (RFC 5321 §4.2.1). Rejects once the session ends. */
function readReply(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const over = (cause?: Error | boolean) =>
      end(() => reject(cause instanceof Error ? cause : new Error(`The session ended: ${text}`)));
    const hear = (part: string) => {
      text += part;
      const last = /^\d{3} .*\r\n$/m.exec(text);
      if (last !== null) end(() => resolve(last[0]));
    };
    const end = (then: () => void) => {
      socket.off("data", hear).off("error", over).off("close", over);
      then();
    };
    socket.on("data", hear).on("error", over).on("close", over);
  });
}

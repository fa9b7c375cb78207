import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { controlName } from "../lab/addresses.ts";
import type { MailHost } from "./mail-host.ts";

export interface Smarthost {
  readonly hostname: string;
  readonly port: number;
  readonly mails: readonly { user: string | undefined; text: string; isEncrypted: boolean }[];
  /** Every user name and password that a client has sent, right or wrong. */
  readonly passwordsHeard: readonly {
    username: string | null | undefined;
    password: string | null | undefined;
  }[];
  close(): Promise<void>;
}

let nextLabPort = 2500;

/**
 * A provider's relay that the host reaches as control.lab. With users it takes mail of signed-in clients over TLS only.
 * `certificateName` makes it show a good certificate of another host.
 */
export async function startSmarthost(
  server: Pick<MailHost, "lab">,
  options: {
    users: Readonly<Record<string, string>>;
    certificateName?: string;
    tls?: { ciphers: string; maxVersion: "TLSv1.2" };
  },
): Promise<Smarthost> {
  const passwordsHeard: Smarthost["passwordsHeard"][number][] = [];
  const mails: Smarthost["mails"][number][] = [];
  const wantsPassword = Object.keys(options.users).length > 0;
  const { certificate, key } = await server.lab.authority.issue([options.certificateName ?? controlName]);
  const smtp = new SMTPServer({
    name: controlName,
    cert: certificate,
    key,
    ...options.tls,
    authOptional: !wantsPassword,
    ...(wantsPassword ? {} : { disabledCommands: ["AUTH"] }),
    onAuth({ username, password }, _session, callback) {
      passwordsHeard.push({ username, password });
      if (username !== undefined && options.users[username] === password) callback(null, { user: username });
      else callback(new Error("Invalid username or password"));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push({
          user: session.user,
          text: Buffer.concat(chunks).toString("utf8"),
          isEncrypted: session.secure,
        });
        callback();
      });
    },
  });
  smtp.on("error", () => undefined); // A client that hangs up is no business of the test.
  const hostPort = await new Promise<number>((resolve) => {
    const listener = smtp.listen(0, "127.0.0.1", () => resolve((listener.address() as AddressInfo).port));
  });
  nextLabPort += 1;
  const port = nextLabPort;
  await server.lab.expose({ labPort: port, hostPort });
  return {
    hostname: controlName,
    port,
    mails,
    passwordsHeard,
    close: () => new Promise<void>((resolve) => smtp.close(() => resolve())),
  };
}

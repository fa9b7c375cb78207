import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { LogEntry, OutgoingMail, ReceivedMail } from "./mail-log.ts";
import { type ReceiverPolicy, readPolicy } from "./policy.ts";
import { type ReceiverName, receiverProfiles } from "./profiles.ts";
import { sendMail } from "./send-mail.ts";
import { startSmtpReceiver } from "./smtp-receiver.ts";

/** What the lab leaves in its folder for this process. */
export interface ReceiversConfig {
  readonly resolver: string;
  readonly certificate: string;
  readonly key: string;
  readonly rootCertificate: string;
  readonly dkimPrivateKey: string;
}

/** Older entries are dropped, so that a load test cannot fill the memory. */
const keptMax = 5_000;

const folder = process.argv[2] ?? ".";
const config = JSON.parse(await readFile(join(folder, "receivers.json"), "utf8")) as ReceiversConfig;
const resolver = new Resolver({ timeout: 5_000, tries: 2 });
resolver.setServers([config.resolver]);

let policies: Partial<Record<ReceiverName, ReceiverPolicy>> = {};
const log: LogEntry[] = [];
const inbox: ReceivedMail[] = [];
const keep = <T>(list: T[], entry: T): void => {
  list.push(entry);
  if (list.length > keptMax) list.shift();
};

for (const profile of receiverProfiles) {
  await startSmtpReceiver({
    profile,
    resolver,
    tls: { cert: config.certificate, key: config.key },
    policy: () => policies[profile.name] ?? {},
    onLog: (entry) => keep(log, entry),
    onMail: (mail) => keep(inbox, mail),
  });
}

const control = createServer((request, response) => {
  answer(request).then(
    (body) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body ?? null)),
    (cause: unknown) => response.writeHead(400).end(String(cause)),
  );
});
control.listen(join(folder, "receivers.sock"));

async function answer(request: IncomingMessage): Promise<unknown> {
  switch (`${request.method} ${request.url}`) {
    case "GET /log":
      return log;
    case "GET /inbox":
      return inbox;
    case "DELETE /inbox":
      inbox.length = 0;
      log.length = 0;
      return undefined;
    case "GET /policy":
      return policies;
    case "PUT /policy":
      policies = Object.fromEntries(
        Object.entries((await readJson(request)) as object).map(([name, policy]) => [
          name,
          readPolicy(policy),
        ]),
      );
      return undefined;
    case "POST /send":
      return sendMail((await readJson(request)) as OutgoingMail, {
        resolver,
        dkimPrivateKey: config.dkimPrivateKey,
        rootCertificate: config.rootCertificate,
      });
    default:
      throw new Error(`${request.method} ${request.url} is not something that the receivers do.`);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

// node receiving-post.ts FOLDER: takes mail at the addresses of its configuration, verifies it, and keeps the verdicts.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import type { MessageVerdict, Verifier } from "./verdict.ts";
import { openVerifier, type VerifierConfig } from "./verifiers.ts";

export interface PostConfig {
  readonly receivers: readonly {
    readonly name: string;
    readonly hostname: string;
    readonly addresses: readonly string[];
    readonly verifier: VerifierConfig;
  }[];
}

export const postFiles = { config: "post.json", socket: "post.sock", log: "post.log" } as const;

const folder = process.argv[2];
if (import.meta.main && folder !== undefined) {
  const config = JSON.parse(await readFile(join(folder, postFiles.config), "utf8")) as PostConfig;
  const verdicts: MessageVerdict[] = [];
  for (const { name, hostname, addresses, verifier } of config.receivers) {
    const verify = openVerifier(verifier);
    for (const address of addresses)
      await listen(address, hostname, async (raw, client) => {
        verdicts.push(await judge({ receiver: name, raw, client, verify }));
      });
  }
  // GET /?from=N gives the verdicts from the N-th on.
  createServer((request, response) => {
    const from = Number(new URL(request.url ?? "/", "http://post").searchParams.get("from"));
    response.end(JSON.stringify(verdicts.slice(from)));
  }).listen(join(folder, postFiles.socket));
}

async function judge(input: {
  receiver: string;
  raw: Buffer;
  client: string;
  verify: Verifier;
}): Promise<MessageVerdict> {
  const { receiver, raw, client, verify } = input;
  const atMs = Date.now();
  const id = /^Message-ID:\s*<([^@>]+)@/im.exec(raw.toString("latin1"))?.[1] ?? "";
  try {
    return { receiver, id, atMs, signatures: await verify(raw, client) };
  } catch (cause) {
    // A receiver that cannot verify has not verified; the bench must hear of it.
    return { receiver, id, atMs, signatures: [{ selector: "", result: String(cause) }] };
  }
}

/** Everything is taken, without TLS: what is measured here is what comes after. */
async function listen(
  address: string,
  hostname: string,
  onMessage: (raw: Buffer, client: string) => Promise<void>,
): Promise<void> {
  const server = new SMTPServer({
    name: hostname,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    maxClients: 500,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", done);
      stream.on("end", () => {
        onMessage(Buffer.concat(chunks), session.remoteAddress).then(() => done(), done);
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(25, address, () => {
      server.off("error", reject);
      // A client that is cut off in the middle of a session is what this is about.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { LabError } from "../lab/command.ts";
import type { LabHost } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { type PostConfig, postFiles } from "./receiving-post.ts";
import type { SendingConfig, TakenMessage } from "./sending-client.ts";
import type { MessageVerdict } from "./verdict.ts";

/** Mail that flows all the time from servers of the lab to receiving posts, and what became of each message. */
export interface MailStream {
  /** Messages that the servers have taken so far. */
  readonly taken: readonly TakenMessage[];
  /** What the receivers have found out so far. */
  verdicts(): Promise<readonly MessageVerdict[]>;
  /** Stops sending, and waits until each receiver has had every message that a server had taken. */
  finish(options: { readonly timeoutMs: number }): Promise<void>;
}

export interface StreamInput {
  readonly lab: Lab;
  readonly post: PostConfig;
  readonly hosts: readonly LabHost[];
  readonly account: SendingConfig["account"];
  readonly recipients: readonly string[];
  readonly perSecond: number;
}

/**
 * Starts the receivers and one client for each host, which sends its share of the pace. A client sits in its host's
 * own network, as webmail does: it goes on while the host's cable is pulled, and its mail waits in the host's queue.
 * All of it ends with the lab at the latest.
 */
export async function startMailStream(input: StreamInput): Promise<MailStream> {
  const { lab, hosts } = input;
  await startPost(lab, input.post);
  const taken: TakenMessage[] = [];
  const clients = hosts.map((host) =>
    startClient(lab, host, {
      config: {
        prefix: host.name,
        server: host.description.ipv4,
        account: input.account,
        recipients: input.recipients,
        perSecond: input.perSecond / hosts.length,
      },
      onTaken: (message) => taken.push(message),
    }),
  );
  const known: MessageVerdict[] = [];
  const verdicts = async (): Promise<readonly MessageVerdict[]> => {
    known.push(...(await readVerdicts(lab, known.length)));
    return known;
  };
  return {
    taken,
    verdicts,
    async finish({ timeoutMs }) {
      const deadline = Date.now() + timeoutMs;
      await Promise.all(clients.map((client) => endClient(client, timeoutMs)));
      const isComplete = async (): Promise<boolean> => {
        const had = new Set((await verdicts()).map(({ receiver, id }) => `${receiver} ${id}`));
        return input.post.receivers.every(({ name }) => taken.every(({ id }) => had.has(`${name} ${id}`)));
      };
      await waitFor("every message to reach the receivers", isComplete, {
        timeoutMs: Math.max(1, deadline - Date.now()),
        intervalMs: 250,
      });
    },
  };
}

const post = join(import.meta.dirname, "receiving-post.ts");
const client = join(import.meta.dirname, "sending-client.ts");

async function startPost(lab: Lab, config: PostConfig): Promise<void> {
  await writeFile(join(lab.folder, postFiles.config), JSON.stringify(config));
  lab.namespace.start([process.execPath, post, lab.folder], join(lab.folder, postFiles.log));
  await waitFor("the receiving post", async () => (await readVerdicts(lab, 0)).length === 0, {
    intervalMs: 50,
  });
}

function readVerdicts(lab: Lab, from: number): Promise<MessageVerdict[]> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: join(lab.folder, postFiles.socket), path: `/?from=${from}` });
    call.on("error", (cause) => reject(new LabError("The receiving post does not answer.", { cause })));
    call.on("response", (reply) => {
      text(reply).then((body) => resolve(JSON.parse(body) as MessageVerdict[]), reject);
    });
    call.end();
  });
}

function startClient(
  lab: Lab,
  host: LabHost,
  { config, onTaken }: { config: SendingConfig; onTaken: (message: TakenMessage) => void },
): ChildProcess {
  const argv = ["ip", "netns", "exec", host.name, process.execPath, client, JSON.stringify(config)];
  const [file = "", ...args] = lab.namespace.enter(argv);
  // Its input is this process's hand on it: when that is gone, it stops.
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "ignore"] });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => onTaken(JSON.parse(line) as TakenMessage));
  return child;
}

async function endClient(child: ChildProcess, timeoutMs: number): Promise<void> {
  if (child.exitCode !== null) throw new LabError(`A sending client ended by itself (${child.exitCode}).`);
  child.stdin?.end();
  await once(child, "close", { signal: AbortSignal.timeout(timeoutMs) });
}

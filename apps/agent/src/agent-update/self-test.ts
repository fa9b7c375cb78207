import { jobOrderSchema } from "@mailstead/core/jobs";
import { gatewayFrameSchema } from "@mailstead/core/wire";
import { WebSocket } from "ws";
import { loadLedger } from "../journal/journal.ts";
import { type Identity, readIdentity } from "../link/identity.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { checkHost } from "../platform/host-check.ts";
import { parseJson } from "../platform/parse-json.ts";
import { agentPaths } from "../platform/paths.ts";
import { openDatabase } from "../platform/sqlite.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { readApplied } from "../reconcile/target-documents.ts";

const greetedWithinMs = 20_000;

/**
 * Whether this version of the agent can take over what an earlier one left on the host; changes nothing, and may run
 * beside an agent. Null when it can, else one sentence. Throws HostRefusal where no agent may run.
 */
export async function selfTest(host: Host): Promise<string | null> {
  const kind = await checkHost(host);
  const identity = await readIdentity(host.path(agentPaths.identity), kind.machineId);
  const { ledger, damagedLines } = loadLedger(host.path(agentPaths.journal));
  if (damagedLines > 0) return `${damagedLines} lines of the journal were altered.`;
  for (const { jobId, order } of ledger.jobs.values())
    if (!jobOrderSchema.safeParse(parseJson(order)).success)
      return `The order of job ${jobId}, which is under way, cannot be understood.`;
  try {
    await readStore(host);
    const target = await readApplied(host);
    if (target !== null) renderTarget({ suite: kind.suite, sealingKeys: identity.sealingKeys, target });
  } catch (error) {
    return `What is kept on this host cannot be read: ${(error as Error).message}`;
  }
  return null;
}

async function readStore(host: Host): Promise<void> {
  const path = host.path(agentPaths.telemetry);
  if (!(await pathExists(path))) return;
  const store = await openDatabase(path, { isReadOnly: true });
  try {
    store.prepare("select count(*) from sqlite_schema").get();
  } finally {
    store.close();
  }
}

/** Whether the gateway can be reached and speaks as this version understands: a sentence when not. It does not sign in. */
export async function gatewayProblem({ gatewayUrl }: Identity): Promise<string | null> {
  const socket = new WebSocket(gatewayUrl, { perMessageDeflate: false, handshakeTimeout: greetedWithinMs });
  try {
    return await new Promise((resolve) => {
      const late = () => resolve(`The gateway ${gatewayUrl} does not greet.`);
      setTimeout(late, greetedWithinMs).unref();
      socket.on("error", (error) =>
        resolve(`The gateway ${gatewayUrl} cannot be reached: ${error.message}.`),
      );
      socket.on("close", late);
      socket.on("message", (data) => {
        const frame = gatewayFrameSchema.safeParse(parseJson(String(data)));
        const isGreeting = frame.success && ["challenge", "refused", "drain"].includes(frame.data.type);
        resolve(isGreeting ? null : `The gateway ${gatewayUrl} does not speak as this agent understands.`);
      });
    });
  } finally {
    socket.terminate();
  }
}

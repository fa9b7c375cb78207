import { X509Certificate } from "node:crypto";
import { jobOrderSchema } from "@mailstead/core/jobs";
import type { HostFacts } from "@mailstead/core/servers";
import { z } from "zod";
import { readUpdaterFile } from "../agent-update/updater-files.ts";
import { agentVersion } from "../env.ts";
import { loadLedger } from "../journal/journal.ts";
import { readFacts } from "../observe/facts.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { readBootId } from "../platform/host-check.ts";
import { parseJson } from "../platform/parse-json.ts";
import { agentPaths } from "../platform/paths.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { type AppliedHost, readAppliedHost } from "./applied-host.ts";

const linkStateSchema = z.object({
  isConnected: z.boolean(),
  sentence: z.string(),
  sinceUnixMs: z.number(),
  processId: z.number(),
});

/** `status`: what this host is and how it does, without asking the control plane. Exit code 0 when all services run. */
export async function status(): Promise<number> {
  const applied = await readAppliedHost();
  const facts = await readFactsOf(applied);
  const line = (name: string, value: string) => console.log(`${name.padEnd(14)} ${value}`);
  line("host", `${facts.hostname} (${facts.osName}, ${facts.architecture})`);
  line("agent", `${agentVersion}, server ${applied.identity.serverId}`);
  line("update", await updateSentence(applied.host));
  line("control plane", await linkSentence(applied.host));
  line("target state", applied.target === null ? "not installed yet" : `revision ${applied.target.revision}`);
  for (const { unit, state, sinceUnixMs } of facts.services)
    line(
      "service",
      `${unit} ${state}${sinceUnixMs === null ? "" : ` since ${new Date(sinceUnixMs).toISOString()}`}`,
    );
  for (const sentence of await certificateSentences(applied)) line("certificate", sentence);
  if (facts.queueSizeMessages !== null) line("mail queue", `${facts.queueSizeMessages} messages`);
  line("memory", `${gib(facts.memoryAvailableBytes)} of ${gib(facts.memoryTotalBytes)} GiB available`);
  line("disk", `${gib(facts.diskFreeBytes)} of ${gib(facts.diskTotalBytes)} GiB free`);
  if (facts.isRebootRequired) line("reboot", "required by an update");
  for (const sentence of openJobs(applied.host)) line("job", sentence);
  return facts.services.every(({ state }) => state === "running") ? 0 : 1;
}

/** What each service presents, and until when. */
async function certificateSentences({ host, kind, identity, target }: AppliedHost): Promise<string[]> {
  if (target === null) return [];
  const stack = renderTarget({ suite: kind.suite, sealingKeys: identity.sealingKeys, target });
  const served = [
    { names: [`${target.hostname} (self-signed)`], path: stack.certificate.certificatePath },
    ...stack.certificates.map(({ names, link }) => ({ names, path: `${link}/certificate.pem` })),
  ];
  return await Promise.all(
    served.map(async ({ names, path }) => {
      const text = await readTextIfExists(host.path(path));
      const until = text === null ? null : new X509Certificate(text).validTo;
      return `${names.join(", ")}: ${until === null ? "not installed yet" : `until ${new Date(until).toISOString()}`}`;
    }),
  );
}

async function readFactsOf({ host, kind, identity, target }: AppliedHost): Promise<HostFacts> {
  const stack =
    target === null ? null : renderTarget({ suite: kind.suite, sealingKeys: identity.sealingKeys, target });
  return await readFacts({
    host,
    kind,
    bootId: await readBootId(),
    units: stack?.units.map(({ unit }) => unit) ?? [],
    packages: stack?.packages ?? [],
    canReachPort25: null,
    hasValidatedDns: null,
    upkeep: null,
  });
}

async function linkSentence(host: Host): Promise<string> {
  const text = await readTextIfExists(host.path(agentPaths.status));
  const state = linkStateSchema.safeParse(parseJson(text ?? ""));
  if (!state.success || !isAlive(state.data.processId))
    return "the agent is not running (systemctl start mailstead-agent)";
  const { isConnected, sentence, sinceUnixMs } = state.data;
  return `${isConnected ? "" : "not connected: "}${sentence}, since ${new Date(sinceUnixMs).toISOString()}`;
}

/** What the updater last found, in its words; expired metadata is such a finding and stops nothing. */
async function updateSentence(host: Host): Promise<string> {
  const check = await readUpdaterFile(host, "last-check");
  if (check === null) return "the updater has not looked for a newer agent yet";
  const { at, channel, decision, sentence } = check;
  const warning = decision === "warn-expired" || decision === "refuse" ? "warning: " : "";
  return `${warning}${sentence} (channel ${channel}, looked at ${new Date(Number(at) * 1000).toISOString()})`;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    // Signal 0 only asks whether the process is there.
    return false;
  }
}

function openJobs(host: Host): string[] {
  const { ledger } = loadLedger(host.path(agentPaths.journal));
  return [...ledger.jobs.values()].map((job) => {
    const { verb } = jobOrderSchema.parse(JSON.parse(job.order));
    const state =
      job.state === "ended" ? `${job.outcome?.kind}, not yet stored by the control plane` : job.state;
    const left = job.state === "ended" && job.openStep !== null ? "; what it began is still half done" : "";
    return `${verb} ${job.jobId} ${state}${left}`;
  });
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

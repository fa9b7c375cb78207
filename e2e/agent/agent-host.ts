import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ProgressBody } from "@mailstead/core/jobs";
import { findBun } from "@mailstead/infra/release";
import type { LabHost } from "../lab/host.ts";
import { waitFor } from "../lab/wait-for.ts";
import type { EnrolledAgent, TestGateway, TrackedJob } from "./test-gateway.ts";

const root = join(import.meta.dirname, "../..");
const executable = "/usr/lib/mailstead/mailstead-agent";
const run = promisify(execFile);

/** Compiles the agent as the release does, for this machine's platform, and gives the executable's path. */
export async function compileAgent(folder: string, version = "0.0.0-test"): Promise<string> {
  const outfile = join(folder, "mailstead-agent");
  await run(
    findBun(root),
    [
      "build",
      "--compile",
      "--minify-whitespace",
      "--minify-syntax",
      `--define=process.env.MAILSTEAD_AGENT_VERSION="${version}"`,
      `--outfile=${outfile}`,
      join(root, "apps/agent/src/main.ts"),
    ],
    { cwd: folder },
  );
  return outfile;
}

/** Installs the agent on a host with the unit that the install script writes, enrols it and waits until it is online. */
export async function installAgent(input: {
  host: LabHost;
  gateway: TestGateway;
  agentPath: string;
}): Promise<EnrolledAgent> {
  const { host, gateway, agentPath } = input;
  const { token, serverId } = gateway.makeToken();
  await host.copyIn(agentPath, executable, { mode: "755" });
  await host.must([executable, "enrol", "--token", token, "--url", `${gateway.publicUrl}#plain-http`]);
  await host.writeFile("/etc/systemd/system/mailstead-agent.service", await unitText());
  await host.must(["systemctl", "daemon-reload"]);
  await host.must(["systemctl", "enable", "--now", "mailstead-agent.service"]);
  const agent = gateway.agentOf(serverId);
  await waitFor("the agent to come online", () => agent.facts ?? undefined, { timeoutMs: 60_000 });
  return agent;
}

async function unitText(): Promise<string> {
  const script = await readFile(join(root, "infra/install/install.sh"), "utf8");
  const unit = /<<'UNIT'\n([\s\S]*?)\nUNIT\n/.exec(script)?.[1];
  if (unit === undefined) throw new Error("infra/install/install.sh holds no unit any more");
  return `${unit}\n`;
}

/** Waits until a job has ended or was refused. */
export async function ended(job: TrackedJob, timeoutMs = 10 * 60_000): Promise<TrackedJob> {
  await waitFor(`the end of ${job.verb}`, () => ((job.outcome ?? job.refused) ? true : undefined), {
    timeoutMs,
  });
  return job;
}

/** The job's story as lines, for assertions and for reading when one fails. */
export function storyOf(job: TrackedJob): string {
  return job.events.map(({ body }) => lineOf(body)).join("\n");
}

function lineOf(body: ProgressBody): string {
  switch (body.kind) {
    case "plan":
      return `plan ${body.steps.map(({ id }) => id).join(", ")}`;
    case "step-started":
      return `start ${body.stepId}`;
    case "step-ended":
      return `end ${body.stepId} ${body.outcome} ${body.detail ?? ""}`;
    case "file-changed":
      return `file ${body.path}`;
    case "log":
      return `${body.level} ${body.text}`;
  }
}

import { agentVersion } from "../env.ts";
import { realHost } from "../platform/host.ts";
import { HostRefusal, requireRoot } from "../platform/host-check.ts";

type Command = (args: readonly string[]) => Promise<number>;

// Each command is loaded when it is asked for, so that the agent that runs for months holds only what it needs.
const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  status: {
    summary: "what this host is, whether the control plane is reached, and how the services do",
    load: async () => (await import("./status.ts")).status,
  },
  plan: {
    summary: "what would be changed to bring the host to its target state, as diffs; changes nothing",
    load: async () => (await import("./plan.ts")).plan,
  },
  logs: {
    summary: "what the agent has been doing; -f follows",
    load: async () => (await import("./logs.ts")).logs,
  },
  verify: {
    summary: "checks that services serve and that nothing was changed by hand; exit code 0 when all is well",
    load: async () => (await import("./verify.ts")).verify,
  },
  "self-test": {
    summary: "checks that this version can take the host over; the updater does this before it installs one",
    load: async () => (await import("./self-test.ts")).selfTestCommand,
  },
  "is-idle": {
    summary: "exit code 0 when no job is changing the host; the updater asks this",
    load: async () => (await import("./is-idle.ts")).isIdleCommand,
  },
  enrol: {
    summary: "--token TOKEN --url ADDRESS: puts this host under the control plane that made the token",
    load: async () => (await import("./enrol.ts")).enrol,
  },
  uninstall: {
    summary: "removes the agent and leaves a working mail server",
    load: async () => (await import("./uninstall.ts")).uninstall,
  },
  run: {
    summary: "runs the agent; systemd does this",
    load: async () => {
      const { runAgent } = await import("../run-agent.ts");
      return async () => {
        requireRoot();
        await runAgent(realHost());
        return 0;
      };
    },
  },
  "read-reports": {
    summary: "reads the reports that wait; the agent does this, in a process of its own",
    load: async () => (await import("./read-reports.ts")).readReportsCommand,
  },
  version: {
    summary: "prints the version",
    load: async () => async () => {
      console.log(agentVersion);
      return 0;
    },
  },
};

/** Runs one command of the executable and gives its exit code; problems are one sentence on standard error. */
export async function runCli(args: readonly string[]): Promise<number> {
  const command = commands[args[0] ?? ""];
  if (command === undefined) {
    const isAsked = args[0] === "help" || args[0] === "--help";
    (isAsked ? console.log : console.error)(usage());
    return isAsked ? 0 : 2;
  }
  try {
    const run = await command.load();
    return await run(args.slice(1));
  } catch (error) {
    if (!(error instanceof HostRefusal)) throw error;
    console.error(error.message);
    return 1;
  }
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  return `mailstead-agent operates this mail server for Mailstead.\n\n${lines.join("\n")}`;
}

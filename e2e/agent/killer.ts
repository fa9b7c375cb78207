import { spawn } from "node:child_process";
import { once } from "node:events";
import { LabError } from "../lab/command.ts";
import type { LabHost } from "../lab/host.ts";

export interface Killer {
  /** Stops watching and tells whether the agent was killed. */
  end(): Promise<boolean>;
}

/**
 * Kills the host's agent with -9 as soon as its journal gets a line that matches this Perl pattern. Steps can be over
 * within a millisecond, so it rests for much less between its looks, and a test must still look whether it was quick
 * enough.
 */
export async function killAtRecord(host: LabHost, pattern: string): Promise<Killer> {
  const pid = (
    await host.must(["systemctl", "show", "--property=MainPID", "--value", "mailstead-agent"])
  ).trim();
  if (pid === "0") throw new LabError(`No agent runs on ${host.name}.`);
  const [file = "", ...args] = await host.enter(["perl", "-e", watchScript, "killer", pattern, pid]);
  const watcher = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const words: string[] = [];
  watcher.stdout.on("data", (chunk: Buffer) => words.push(chunk.toString("utf8")));
  watcher.stdin.on("error", () => undefined); // It may have ended by itself.
  const ended = once(watcher, "close");
  await Promise.race([once(watcher.stdout, "data"), ended]);
  if (!words.join("").startsWith("watching"))
    throw new LabError(`The journal of the agent on ${host.name} cannot be watched.`);
  return {
    async end() {
      watcher.stdin.end();
      await ended;
      return words.join("").includes("killed");
    },
  };
}

/** Its input ends when nobody needs it any more. perl is in every Debian. */
const watchScript = `use Fcntl;
my ($name, $pattern, $pid) = @ARGV;
setpriority(0, 0, -20);
open(my $journal, "<", "/var/lib/mailstead/journal/journal.log") or die "journal: $!";
sysseek($journal, 0, 2);
fcntl(STDIN, F_SETFL, O_NONBLOCK) or die "input: $!";
$| = 1;
print "watching\\n";
for (my $lines = ""; ; ) {
  if (sysread($journal, $lines, 65536, length $lines)) {
    if ($lines =~ /$pattern/) { kill KILL => $pid; print "killed\\n"; exit }
    $lines =~ s/.*\\n//s;
  }
  my $left = sysread(STDIN, my $none, 1);
  exit if defined $left && $left == 0;
  select(undef, undef, undef, 0.0001);
}
`;

import { join } from "node:path";
import { LabError } from "../lab/command.ts";
import type { MailHost } from "./mail-host.ts";

export interface Guessed {
  /** Guesses that were answered before the door closed. */
  answered: number;
  door: "open" | "silent" | "refused";
}

interface Guesses {
  protocol: "submissions" | "imaps" | "managesieve";
  guesses: number;
}

/**
 * Has a client of its own address guess passwords at once, and looks at the port from there afterwards. Who expects the
 * door to stay open looks once fail2ban has counted every guess; who expects it to shut knocks for twenty seconds.
 */
export async function guessFrom(
  server: MailHost,
  source: string,
  { door, ...task }: Guesses & { door: "open" | "silent" },
): Promise<Guessed> {
  if (door === "silent") return await runGuesser(server, source, { ...task, knockForMs: 20_000 });
  const { answered } = await runGuesser(server, source, { ...task, knockForMs: 0 });
  await server.waitFor(`fail2ban to have counted ${task.guesses} guesses of ${source}`, async () => {
    const counted = await server.shell(
      'grep -cE "(Found|Ignore) $1( |$)" /var/log/fail2ban.log || true',
      source.replaceAll(".", "[.]"),
    );
    return Number(counted) >= task.guesses ? true : undefined;
  });
  return { ...(await runGuesser(server, source, { ...task, guesses: 0, knockForMs: 0 })), answered };
}

async function runGuesser(
  server: MailHost,
  source: string,
  task: Guesses & { knockForMs: number },
): Promise<Guessed> {
  return JSON.parse(await runFrom(server, source, { program: "password-guesser.ts", task })) as Guessed;
}

/**
 * Speaks to port 25 from an address of its own, line after line, and returns all that was answered. A client that is
 * not patient says its first line before it is greeted.
 */
export async function talkFrom(
  server: MailHost,
  source: string,
  task: { isPatient: boolean; lines: readonly string[] },
): Promise<string> {
  return await runFrom(server, source, { program: "port25-client.ts", task });
}

async function runFrom(
  server: MailHost,
  source: string,
  { program, task }: { program: string; task: object },
): Promise<string> {
  const { lab } = server;
  const added = await lab.run(["ip", "addr", "replace", `${source}/24`, "dev", "lab0"]);
  if (added.code !== 0) throw new LabError(`The lab did not get the address ${source}: ${added.stderr}`);
  const input = JSON.stringify({ ...task, source, target: server.host.description.ipv4 });
  const ended = await lab.run([process.execPath, join(import.meta.dirname, program), input], {
    timeoutMs: 120_000,
  });
  if (ended.code !== 0) throw new LabError(`${program} failed: ${ended.stderr}`);
  return ended.stdout;
}

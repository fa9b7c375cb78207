import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";
import { submitLetter } from "../scene/mail-client.ts";
import { openPatchFleet, type PatchFleet } from "./patch-fleet.ts";
import { expectUntouched, offerToAll, versionsOf } from "./rollout-checks.ts";

const log = (line: string): void => console.log(`deferrals: ${line}`);
const timeout = 1_000_000;
const lettersAtOnce = 40;
/** Long enough for the letters to be tried on machines that do other things meanwhile. */
const bakeTimeMs = 120_000;

/**
 * Answers every question about a receiver's TLS with "not now" (socketmap_table(5)), on the socket that its settings name as the
 * real one does, and is else as healthy.
 */
const refusingPolicyDaemon = `#!/usr/bin/python3
import os, re, socket, sys, threading

config = open(sys.argv[sys.argv.index("--config") + 1] if "--config" in sys.argv else "/etc/mta-sts-daemon.yml").read()
path = re.search(r"^path: (.+)$", config, re.M).group(1)
if os.path.exists(path):
    os.remove(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
os.chmod(path, 0o666)
server.listen(64)
if "NOTIFY_SOCKET" in os.environ:
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))

def serve(client):
    while client.recv(4096):
        client.sendall(b"12:TEMP not now,")

while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
`;

describeLab("a rollout of a package that has mail put off", () => {
  let fleet: PatchFleet | undefined;
  const opened = (): PatchFleet => {
    if (fleet === undefined) throw new Error("The fleet did not open.");
    return fleet;
  };

  beforeAll(async () => {
    fleet = await openPatchFleet({ receivers: true, log });
  });
  afterAll(() => fleet?.close());

  it("halts at the canaries, though every program runs, and they get back what they had", {
    timeout,
  }, async () => {
    const name = "postfix-mta-sts-resolver";
    const before = await versionsOf(opened(), name);
    await offerToAll(opened(), {
      names: [name],
      suffix: "+lab1",
      edit: (folder) =>
        writeFile(join(folder, "usr/bin/mta-sts-daemon"), refusingPolicyDaemon, { mode: 0o755 }),
    });
    await opened().untilWaiting(name, 4);
    // What each of them usually sends is taken.
    for (const host of opened().hosts) await sendLetters(opened(), host.name);
    log("every host has sent its letters");
    const ending = opened().rollOut(name, { canary: { serversMin: 1, bakeTimeMs, needsApproval: false } });
    const sending = (async () => {
      const canaries = new Set<string>();
      const sent: Promise<void>[] = [];
      while (canaries.size < 2) {
        const next = await nextBaking(opened(), canaries);
        log(`${next} bakes`);
        canaries.add(next);
        sent.push(sendLetters(opened(), next));
      }
      await Promise.all(sent);
      return canaries;
    })();
    // What people send while the canaries bake is what shows it.
    const [end, canaries] = await Promise.all([ending, sending]);
    await expectUntouched(opened(), end, "+lab1");
    for (const canary of canaries)
      expect(end.members.get(canary)?.problem, end.story).toMatch(/attempts were put off/);
    expect(await versionsOf(opened(), name), end.story).toEqual(before);
    for (const canary of canaries) await untilMailIsTaken(opened(), canary);
  });
});

/** Sends letters to a receiver that takes them, and waits until the host has tried each. */
async function sendLetters({ place, host }: PatchFleet, name: string): Promise<void> {
  const sender = { host: name, ...place.account };
  for (let letter = 0; letter < lettersAtOnce; letter += 1)
    // Gmail has no DANE, so that Postfix asks whether it enforces MTA-STS.
    await submitLetter(place.lab, sender, { to: `p${letter}@gmail.com`, subject: `Letter ${letter}` });
  await waitFor(
    `every letter of ${name} to be tried`,
    async () => (await host(name).must(["find", activeQueue, "-type", "f"])) === "",
    { timeoutMs: 120_000 },
  );
}

const activeQueue = "/var/spool/postfix/active";

/** A server that bakes now, beside those that are known. */
function nextBaking({ place }: PatchFleet, known: ReadonlySet<string>): Promise<string> {
  return waitFor(
    "another server to bake",
    async () => {
      const rows = await query<{ name: string }>(
        place.controlPlane,
        "select s.name from rollout_members m join servers s on s.id = m.server_id where m.state = 'baking'",
      );
      return rows.find(({ name }) => !known.has(name))?.name;
    },
    { timeoutMs: 400_000 },
  );
}

/** What was put off leaves the host with the package that it has again. */
async function untilMailIsTaken({ place, host }: PatchFleet, name: string): Promise<void> {
  await host(name).must(["postqueue", "-f"]);
  await waitFor(
    `the queue of ${name} to be empty`,
    async () => (await host(name).must(["postqueue", "-j"])) === "",
    { timeoutMs: 180_000 },
  );
  const subject = `Taken again from ${name}`;
  await submitLetter(place.lab, { host: name, ...place.account }, { to: "again@gmail.com", subject });
  await place.lab.receivers.waitForMail(({ raw }) => raw.includes(subject), { timeoutMs: 60_000 });
}

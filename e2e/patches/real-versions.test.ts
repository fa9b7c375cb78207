import { addDomain } from "@mailstead/services/domains";
import { createMailbox } from "@mailstead/services/mailboxes";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import { untilQuiet } from "../scene/install-on.ts";
import { readLetter, submitLetter } from "../scene/mail-client.ts";
import { openPatchFleet, type PatchFleet, patchedHosts, type RolloutEnd } from "./patch-fleet.ts";
import { suitesOf } from "./rollout-checks.ts";
import { beginWithOlder, installedOfSource, type VersionPair } from "./version-pairs.ts";

const log = (line: string): void => console.log(`real versions: ${line}`);
const timeout = 1_000_000;
const sources = ["dovecot", "redis", "openssl"] as const;
const [home, other] = patchedHosts;
const hosts = [home, other];
const password = "correct horse battery staple";

// Which pairs there are is up to Debian: its suites list two versions of a package from a security update to the next point
// release, or the other way round. What they list once only is packed anew, and the log says so.
describeLab("a rollout of Debian's own older and newer versions, as far as its suites list both", () => {
  let fleet: PatchFleet | undefined;
  const accounts = new Map<string, { address: string; password: string }>();
  const opened = (): PatchFleet => {
    if (fleet === undefined) throw new Error("The fleet did not open.");
    return fleet;
  };

  beforeAll(async () => {
    fleet = await openPatchFleet({ hosts, log });
    accounts.set(home.name, fleet.place.account);
    accounts.set(other.name, await makeMailbox(fleet, other.name));
  });
  afterAll(() => fleet?.close());

  const carryLetters = async (when: string): Promise<void> => {
    for (const { name } of hosts) {
      const account = { host: name, address: "", password, ...accounts.get(name) };
      const subject = `${when}, on ${name}`;
      await submitLetter(opened().place.lab, account, { to: account.address, subject });
      await readLetter(opened().place.lab, account, { subject });
    }
  };
  const expectVersions = async (
    source: string,
    wanted: (pair: VersionPair) => VersionPair["older"],
    { pairs, end }: { pairs: ReadonlyMap<string, VersionPair>; end?: RolloutEnd },
  ): Promise<void> => {
    for (const [name, pair] of pairs)
      expect(await installedOfSource(opened().host(name), source), end?.story).toEqual(wanted(pair));
  };

  for (const source of sources)
    it(`brings ${source} to the newer version and back, and mail goes on with both`, {
      timeout,
    }, async () => {
      const pairs = new Map<string, VersionPair>();
      for (const { name, suite } of hosts) {
        const place = { repository: opened().repository, source, suffix: "+lab1" };
        const pair = await beginWithOlder(opened().host(name), place);
        pairs.set(name, pair);
        log(`${source} on ${suite}: ${describePair(pair)}`);
      }
      await expectVersions(source, ({ older }) => older, { pairs });
      await carryLetters(`With the older ${source}`);

      await opened().untilWaiting(source, hosts.length);
      const there = await opened().rollOut(source);
      expect(there.state, there.story).toBe("finished");
      expect(suitesOf([...there.members.keys()])).toEqual(["bookworm", "trixie"]);
      for (const { state } of there.members.values()) expect(state, there.story).toBe("succeeded");
      await expectVersions(source, ({ newer }) => newer, { pairs, end: there });
      await carryLetters(`With the newer ${source}`);

      const back = await opened().rollBack(there.id);
      for (const { state } of back.members.values()) expect(state, back.story).toBe("restored");
      await expectVersions(source, ({ older }) => older, { pairs, end: back });
      await carryLetters(`Back with the older ${source}`);
    });
});

function describePair({ older, newer, isReal }: VersionPair): string {
  const [from, to] = [older[0]?.version, newer[0]?.version];
  return isReal
    ? `Debian's own ${from} and ${to}`
    : `${from} and the same packed anew as ${to}, because Debian's suites list one version`;
}

/** A mailbox whose domain has its home on this server. */
async function makeMailbox({ place }: PatchFleet, name: string) {
  const { lab, operator, controlPlane, tenantId, serverIds } = place;
  const serverId = serverIds.get(name) ?? "";
  const domain = "beta.example";
  await lab.dns.addZone(domain);
  const { domainId } = await addDomain(operator.ctx, { tenantId, serverId, name: domain });
  const { address } = await createMailbox(operator.ctx, { domainId, localPart: "ann", password });
  await untilQuiet(controlPlane, serverId);
  return { address, password };
}

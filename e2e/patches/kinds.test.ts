import { rollBackRollout, startRollout } from "@mailstead/services/rollouts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentCommand } from "../agent/managed-host.ts";
import { domainName, openSigningDomain, type SigningDomain } from "../dkim/signing-domain.ts";
import { describeLab } from "../lab/describe-lab.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";
import { offerNextAgent } from "./next-agent.ts";
import { isAtRest, patchSettings, untilEnd } from "./patch-fleet.ts";

const log = (line: string): void => console.log(`kinds: ${line}`);
const timeout = 1_000_000;
const hosts = [
  { name: "mail1", suite: "bookworm" },
  { name: "mail2", suite: "trixie" },
] as const;
const names = hosts.map(({ name }) => name);

describeLab("rollouts of an agent and of what it renders, over Debian 12 and 13", () => {
  let lab: Lab;
  let place: SigningDomain;

  beforeAll(async () => {
    lab = await openLab({
      hosts: hosts.map((host) => ({ ...host, image: "stack" })),
      zones: [domainName],
      receivers: false,
      log,
    });
    place = await openSigningDomain(lab, { hosts, negativeTtlS: 5, log });
  });
  afterAll(async () => {
    await place?.close();
    await lab?.close();
  });

  const mainCfs = () => Promise.all(names.map((name) => lab.host(name).readFile("/etc/postfix/main.cf")));
  const start = async (choice: Parameters<typeof startRollout>[1]["choice"]) => {
    const { ctx } = place.operator;
    const { rolloutId } = await startRollout(ctx, { title: choice.kind, choice, settings: patchSettings });
    return await untilEnd(place, rolloutId, isAtRest);
  };
  const statesOf = (end: Awaited<ReturnType<typeof start>>) =>
    [...end.members.values()].map(({ state }) => state);

  it("brings every host to the agent that is offered, and leaves all files as they are", {
    timeout,
  }, async () => {
    const before = await mainCfs();
    const version = await offerNextAgent(place.controlPlane, {
      from: 'maximal_queue_lifetime","5d"',
      to: 'maximal_queue_lifetime","4d"',
    });
    const end = await start({ kind: "agents" });
    expect(end.state, end.story).toBe("finished");
    expect(statesOf(end), end.story).toEqual(["succeeded", "succeeded"]);
    for (const name of names) {
      const { stdout } = await lab.host(name).exec([agentCommand, "status"]);
      expect(stdout).toContain(version);
    }
    expect(await mainCfs()).toEqual(before);
  });

  it("brings what that agent renders to all, and takes it back to the byte when it is told to", {
    timeout,
  }, async () => {
    const before = await mainCfs();
    await waitFor("the agents to tell what they would write", async () => {
      const pending = `select 1 from servers where observed -> 'pendingPaths' ? '/etc/postfix/main.cf'`;
      return (await query(place.controlPlane, pending)).length === names.length;
    });
    const end = await start({ kind: "configurations", revertsDrift: false });
    expect(end.state, end.story).toBe("finished");
    expect(statesOf(end), end.story).toEqual(["succeeded", "succeeded"]);
    for (const name of names)
      expect(await lab.host(name).must(["postconf", "-h", "maximal_queue_lifetime"])).toBe("4d\n");

    await rollBackRollout(place.operator.ctx, { rolloutId: end.id });
    const back = await untilEnd(place, end.id, ({ state }) => state === "rolled-back");
    expect(back.state, back.story).toBe("rolled-back");
    expect(statesOf(back), back.story).toEqual(["restored", "restored"]);
    expect(await mainCfs()).toEqual(before);
    for (const name of names)
      expect(await lab.host(name).must(["postconf", "-h", "maximal_queue_lifetime"])).toBe("5d\n");
  });
});

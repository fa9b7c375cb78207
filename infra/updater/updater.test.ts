import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@mailstead/core/agent-updates";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { nowSeconds, type Published, rawKey, UpdatedHost } from "./testing/updated-host.ts";

vi.setConfig({ testTimeout: 120_000 });
const describeUpdater = process.platform === "linux" ? describe : describe.skip;
const makeKeys = () => generateKeyPairSync("ed25519");
const stranger = makeKeys();

describeUpdater("mailstead-updater", () => {
  test("brings the newest agent, and keeps the former beside it", async () => {
    const host = await openHost();
    host.publish();
    expect(await host.update()).toBe("Agent 1.1.0 is on trial.\nAgent 1.1.0 is installed.\n");
    expect(host.linked()).toBe("1.1.0");
    expect(host.versions()).toEqual(["1.0.0", "1.1.0"]);
    expect(host.fact("installed", "number")).toBe("11");
    expect(host.has("etc/systemd/system/mailstead-updater.timer")).toBe(true);

    host.publish({ version: "1.2.0", number: 12 });
    await host.update();
    expect(host.versions()).toEqual(["1.1.0", "1.2.0"]);
    expect(host.fact("last-check", "sentence")).toBe("Agent 1.2.0 is installed.");
  });

  test.each(["crashes", "never-connects"] as const)(
    "an agent that %s is taken back, and is tried again only by an order",
    async (conduct) => {
      const host = await openHost();
      host.watchdogSeconds = 1;
      const { digest } = host.publish({ conduct });
      expect(await host.update()).toContain("Agent 1.1.0 was taken back, because it had not connected");
      expect(host.linked()).toBe("1.0.0");
      expect(host.versions()).toEqual(["1.0.0"]);
      expect(host.fact("installed", "version")).toBe("1.0.0");
      expect(await host.update()).toContain("did not come up here before, so it waits for an order");
      host.request({ version: "1.1.0", digest });
      expect(await host.update()).toContain("Agent 1.1.0 is on trial");
      expect(host.fact("result", "outcome")).toBe("failed");
      expect(host.fact("result", "job")).toBe("job-1");
    },
  );

  test("an agent that does not pass its self-test never runs", async () => {
    const host = await openHost();
    host.publish({ conduct: "fails-self-test" });
    expect(await host.update()).toBe("Agent 1.1.0 did not pass its self-test: The journal is damaged.\n");
    expect(host.linked()).toBe("1.0.0");
    expect(host.has("systemctl-calls")).toBe(false);
  });

  const refusals: [what: string, stage: (host: UpdatedHost) => Published, sentence: RegExp][] = [
    [
      "a release key that another root signed",
      (host) => {
        host.delegate({}, stranger.privateKey);
        return host.publish();
      },
      /release key .* is not signed by the root key/,
    ],
    [
      "a manifest that another key signed",
      (host) => host.publish({}, stranger.privateKey),
      /manifest .* is not signed by the release key/,
    ],
    [
      "a manifest that the root key signed itself",
      (host) => host.publish({}, host.root.privateKey),
      /not signed by the release key/,
    ],
    [
      "a release key that is not valid yet",
      (host) => {
        host.delegate({ notBefore: nowSeconds() + 3600 });
        return host.publish();
      },
      /not valid yet/,
    ],
    ["a manifest of another channel", (host) => host.publish({ channel: "early" }), /another channel/],
    ["a downgrade", (host) => host.publish({ number: 9, version: "0.9.0" }), /is older than agent 1\.0\.0/],
    [
      "a rollback that does not name what runs",
      (host) => host.publish({ version: "0.9.0", rollsBackFrom: ["1.5.0"] }),
      /is not one from agent 1\.0\.0/,
    ],
    ["a release without its platform", (host) => host.publish({ agents: {} }), /has no agent for linux-/],
    [
      "an expired manifest, which is a warning",
      (host) => host.publish({ expires: nowSeconds() - 1 }),
      /manifest .* has expired, so nothing newer is installed; the agent goes on/,
    ],
    [
      "an expired release key, which is a warning",
      (host) => {
        host.delegate({ expires: nowSeconds() - 1 });
        return host.publish();
      },
      /release key .* has expired, so nothing newer is installed; the agent goes on/,
    ],
    [
      "a download that was cut short",
      (host) => {
        host.serve = (path, content) => (path.endsWith(".gz") ? content.subarray(0, 20) : content);
        return host.publish();
      },
      /arrived damaged or was changed/,
    ],
    [
      "a download that was changed",
      (host) => {
        host.serve = (path, content) =>
          path.endsWith(".gz") ? Buffer.from(content).fill(0, 20, 24) : content;
        return host.publish();
      },
      /arrived damaged or was changed/,
    ],
    [
      "a download that is longer than announced",
      (host) => {
        host.serve = (path, content) => (path.endsWith(".gz") ? Buffer.concat([content, content]) : content);
        return host.publish();
      },
      /cannot be downloaded/,
    ],
    [
      "what its owner forbids",
      (host) => {
        host.write("etc/mailstead/policy.json", '{ "deny": ["converge", "update-agent"] }');
        return host.publish();
      },
      /owner of this host forbids "update-agent"/,
    ],
    [
      "what its owner does not allow",
      (host) => {
        host.write("etc/mailstead/policy.json", '{ "allow": [\n"converge"\n] }');
        return host.publish();
      },
      /owner of this host does not allow "update-agent"/,
    ],
    [
      "an owner's file that it does not understand",
      (host) => {
        host.write("etc/mailstead/policy.json", '{"deny":["update\\u002dagent"]}');
        return host.publish();
      },
      /cannot be understood, so nothing is installed/,
    ],
  ];

  test.each(refusals)(
    "refuses %s, asked or not, and leaves the agent alone",
    async (_what, stage, sentence) => {
      const host = await openHost();
      const { digest, manifest } = stage(host);
      expect(await host.update()).toMatch(sentence);
      host.request({ version: manifest.version, digest });
      await host.update();
      expect(host.fact("result", "outcome")).toBe("failed");
      expect(host.fact("result", "sentence")).toMatch(sentence);
      expect(host.has("var/lib/mailstead/updater/request")).toBe(false);
      expect(host.linked()).toBe("1.0.0");
      expect(host.versions()).toEqual(["1.0.0"]);
      expect(host.has("systemctl-calls")).toBe(false);
    },
  );

  test("an owner who forbids other things, or allows this, has the agent updated", async () => {
    for (const policy of ['{"deny":["converge"]}', '{"allow":["update-agent","converge"]}', "{}"]) {
      const host = await openHost();
      host.write("etc/mailstead/policy.json", policy);
      host.publish();
      expect(await host.update()).toContain("Agent 1.1.0 is installed.");
    }
  });

  test("a manifest that was seen before a newer one is refused, unless an order names it", async () => {
    const host = await openHost();
    const earlier = host.publish({ unattendedFrom: nowSeconds() + 3600 });
    const served = host.serve;
    host.publish({ version: "1.2.0", number: 12, unattendedFrom: nowSeconds() + 3600 });
    expect(await host.update()).toContain("Agent 1.2.0 can be installed and waits for an order.");
    host.publish({ ...earlier.manifest });
    expect(await host.update()).toContain("is older than one that this host has seen");
    host.serve = served;
    host.request({ version: "1.1.0", digest: earlier.digest });
    expect(await host.update()).toContain("Agent 1.1.0 is installed.");
    expect(host.fact("result", "outcome")).toBe("succeeded");
  });

  test("a rollback that names what runs leads back, once", async () => {
    const host = await openHost();
    host.publish();
    await host.update();
    const back = host.publish({ version: "1.0.0", number: 12, rollsBackFrom: ["1.1.0"] });
    expect(await host.update()).toContain("Agent 1.0.0 is installed.");
    expect(host.linked()).toBe("1.0.0");
    host.publish({ version: "1.1.0", number: 13 });
    await host.update();
    host.request({ version: "1.0.0", digest: back.digest });
    host.publish({ ...back.manifest });
    await host.update();
    expect(host.fact("result", "sentence")).toMatch(/is older than agent 1\.1\.0/);
    expect(host.linked()).toBe("1.1.0");
  });

  test("a key that was withdrawn does not come back", async () => {
    const host = await openHost();
    host.publish({ unattendedFrom: nowSeconds() + 3600 });
    host.delegate({ sequence: 2 });
    await host.update();
    host.delegate({ sequence: 1 });
    expect(await host.update()).toMatch(/delegation .* is older than one that this host has seen/);
  });

  test("an order that comes while another version is on trial waits for it, and is answered for itself", async () => {
    const host = await openHost();
    host.publish();
    await host.updater("run");
    const { digest } = host.publish({ version: "1.2.0", number: 12 });
    host.request({ version: "1.2.0", digest, job: "job-2" });
    const [ordered] = await Promise.all([host.updater("run"), host.updater("try")]);
    expect(host.linked()).toBe("1.1.0");
    expect(host.fact("result", "job")).toBe("");
    expect(ordered.output).toContain("Agent 1.2.0 is on trial.");
    await host.updater("try");
    expect(host.linked()).toBe("1.2.0");
    expect(host.fact("result", "job")).toBe("job-2");
  });

  test("an order that names another manifest than is served is refused", async () => {
    const host = await openHost();
    host.publish();
    host.request({ version: "1.1.0", digest: "0".repeat(64) });
    await host.update();
    expect(host.fact("result", "sentence")).toMatch(/is not the one that was ordered/);
    expect(host.linked()).toBe("1.0.0");
  });

  test("a host that is cut off does not wait for an order", async () => {
    const host = await openHost();
    host.publish({ unattendedFrom: nowSeconds() + 3600 });
    expect(await host.update()).toContain("waits for an order");
    execFileSync("touch", ["-d", "2 days ago", join(host.folder, "var/lib/mailstead/updater/connected")]);
    expect(await host.update()).toContain("Agent 1.1.0 is installed.");
  });

  test("a host that restarts again and again under a new agent goes back", async () => {
    const host = await openHost();
    host.publish();
    await host.updater("run");
    appendFileSync(join(host.folder, "var/lib/mailstead/updater/pending"), "boot another\nboots 3\n");
    expect((await host.updater("try")).output).toContain("the host was restarted 3 times");
    expect(host.linked()).toBe("1.0.0");
  });

  test.each(["connects", "never-connects"] as const)(
    "killed at any step, it leaves an agent that runs, and goes on to the same end: an agent that %s",
    { timeout: 600_000 },
    async (conduct) => {
      const { steps } = await killAt(0, conduct);
      expect(steps).toBeGreaterThan(30);
      // Some at once, since each mostly waits.
      for (let first = 1; first <= steps; first += killedAtOnce)
        await Promise.all(
          Array.from({ length: Math.min(killedAtOnce, steps - first + 1) }, (_, index) =>
            killAt(first + index, conduct),
          ),
        );
    },
  );

  test("a host goes over to the root key that the one it has pinned names, and to the next, and not back", async () => {
    const host = await openHost();
    const [token, second, third] = [host.root, makeKeys(), makeKeys()];
    host.write("var/lib/mailstead/updater/seen", `sequence 2000000000\nnumber 10\n`);
    host.handOver(token, second);
    host.delegate({}, second.privateKey, second.publicKey);
    host.publish();
    // A look changes nothing.
    expect((await host.updater("check")).output).toMatch(/^update: /);
    expect(host.pinned()).toBe(rawKey(token.publicKey));
    expect(await host.update()).toContain("Agent 1.1.0 is installed.");
    expect(host.pinned()).toBe(rawKey(second.publicKey));
    expect(host.fact("seen", "sequence")).toBe("1");

    host.handOver(second, third);
    host.delegate({}, third.privateKey, third.publicKey);
    host.publish({ version: "1.2.0", number: 12 });
    expect(await host.update()).toContain("Agent 1.2.0 is installed.");
    expect(host.pinned()).toBe(rawKey(third.publicKey));

    // Whoever has the key of the token, or the second root key, leads this host nowhere any more.
    const evil = makeKeys();
    for (const from of [token, second]) host.handOver(from, evil);
    host.publish({ version: "1.3.0", number: 13 });
    for (const signer of [token, second, evil]) {
      host.delegate({ sequence: 9 }, signer.privateKey, third.publicKey);
      expect(await host.update()).toMatch(/is not signed by the root key that this host has pinned/);
    }
    expect(host.linked()).toBe("1.2.0");
  });

  test.each<[string, (host: UpdatedHost) => void, RegExp]>([
    [
      "that another key has signed",
      (host) => host.handOver(host.root, stranger, stranger.privateKey),
      /new root key .* is not signed by the one that this host has pinned/,
    ],
    [
      "that is a release key in truth",
      (host) => {
        host.delegate();
        host.serve = (path, content) =>
          path.startsWith("root-key-after") ? (host.served(/^release-key-by/) ?? content) : content;
        host.handOver(host.root, stranger);
      },
      /new root key .* is not signed by the one that this host has pinned/,
    ],
    ["that signs no release key", (host) => host.handOver(host.root, stranger), /cannot be asked/],
    [
      "whose release key somebody else has signed",
      (host) => {
        host.handOver(host.root, stranger);
        host.delegate({}, host.root.privateKey, stranger.publicKey);
      },
      /not signed by the root key that this host has pinned/,
    ],
  ])("a root key %s is not pinned, and the agent goes on", async (_what, stage, sentence) => {
    const host = await openHost();
    host.publish();
    stage(host);
    expect(await host.update()).toMatch(sentence);
    expect(host.pinned()).toBe(rawKey(host.root.publicKey));
    expect(host.linked()).toBe("1.0.0");
  });

  test("root keys that name each other end nowhere", async () => {
    const host = await openHost();
    host.publish();
    host.handOver(host.root, stranger);
    host.handOver(stranger, host.root);
    expect(await host.update()).toContain("Agent 1.1.0 is installed.");
    expect(host.pinned()).toBe(rawKey(host.root.publicKey));
  });

  test("an updater from before there were root keys apart goes on, and the one that it brings pins the root key", async () => {
    const host = await openHost();
    host.write("usr/lib/mailstead/versions/1.0.0/mailstead-updater", earlier, 0o755);
    const root = makeKeys();
    host.handOver(host.root, root);
    host.delegate({}, root.privateKey, root.publicKey);
    host.delegateAsBefore();
    host.publish();
    expect(await host.update()).toContain("Agent 1.1.0 is installed.");
    expect(host.pinned()).toBe(rawKey(host.root.publicKey));
    host.publish({ version: "1.2.0", number: 12 });
    expect(await host.update()).toContain("Agent 1.2.0 is installed.");
    expect(host.pinned()).toBe(rawKey(root.publicKey));
  });

  test("a host that is led back to an agent from before there were root keys apart takes what comes after it", async () => {
    const host = await openHost();
    const root = makeKeys();
    host.handOver(host.root, root);
    host.delegate({}, root.privateKey, root.publicKey);
    host.delegateAsBefore();
    host.publish();
    await host.update();
    host.publish({ version: "1.0.9", number: 12, rollsBackFrom: ["1.1.0"], brings: earlier });
    expect(await host.update()).toContain("Agent 1.0.9 is installed.");
    host.publish({ version: "1.2.0", number: 13 });
    expect(await host.update()).toContain("Agent 1.2.0 is installed.");
  });

  test("the host pins the root key, and no answer of the control plane changes it", async () => {
    const host = await openHost();
    host.delegate({ key: rawKey(stranger.publicKey), sequence: 5 }, stranger.privateKey);
    host.publish({} satisfies Partial<Manifest>, stranger.privateKey);
    expect(await host.update()).toMatch(/root key that this host has pinned/);
  });
});

const earlier = readFileSync(join(import.meta.dirname, "testing/updater-of-one-root-key"));
const killedAtOnce = 6;

/** Kills an ordered update as its `step`th step begins, has systemd start it again, and sees it through. */
async function killAt(step: number, conduct: "connects" | "never-connects"): Promise<{ steps: number }> {
  const host = await UpdatedHost.open();
  try {
    if (conduct === "never-connects") host.watchdogSeconds = 1;
    const isGood = conduct === "connects";
    // One of the two has another root key to pin on its way, since each round more is many processes.
    const root = isGood ? makeKeys() : host.root;
    if (isGood) host.handOver(host.root, root);
    host.delegate({}, root.privateKey, root.publicKey);
    const { digest } = host.publish({ conduct });
    host.request({ version: "1.1.0", digest });
    const { isKilled } = await host.updater("run", step);
    if (!isKilled) await host.updater("try", step);
    const steps = host.countStepsAnew();
    expect(host.has(`usr/lib/mailstead/versions/${host.linked()}/mailstead-agent`)).toBe(true);
    await host.update();
    expect([step, host.fact("result", "sentence")]).toEqual([
      step,
      expect.stringMatching(isGood ? /^Agent 1\.1\.0 is installed/ : /was taken back/),
    ]);
    expect(host.linked()).toBe(isGood ? "1.1.0" : "1.0.0");
    expect(host.pinned()).toBe(rawKey(root.publicKey));
    expect(host.has("var/lib/mailstead/updater/pending")).toBe(false);
    expect(host.has("var/lib/mailstead/updater/request")).toBe(false);
    return { steps };
  } finally {
    await host.close();
  }
}

async function openHost(): Promise<UpdatedHost> {
  const host = await UpdatedHost.open();
  onTestFinished(() => host.close().catch(() => undefined));
  return host;
}

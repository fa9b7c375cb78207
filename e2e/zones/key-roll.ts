import { ended, storyOf } from "../agent/agent-host.ts";
import type { ManagedHost } from "../agent/managed-host.ts";
import type { TestGateway } from "../agent/test-gateway.ts";
import { waitFor } from "../lab/wait-for.ts";

/** The key that a zone's DS record leads to, and the roll of it, on the host that signs the zone. */
export class KeyRoll {
  readonly #primary: ManagedHost;
  readonly #gateway: TestGateway;
  readonly #zone: string;

  constructor({ primary, gateway, zone }: { primary: ManagedHost; gateway: TestGateway; zone: string }) {
    this.#primary = primary;
    this.#gateway = gateway;
    this.#zone = zone;
  }

  /** Has the agent begin the roll; true when one was under way. */
  async order(): Promise<boolean> {
    const { serverId } = this.#primary.agent;
    const args = { zone: this.#zone as never };
    const job = await ended(this.#gateway.order(serverId, { verb: "roll-zone-key", args }));
    if (job.outcome?.kind !== "succeeded") throw new Error(storyOf(job));
    return (job.outcome.result as { wasRolling: boolean }).wasRolling;
  }

  /** The keys that a DS record may lead to (RFC 4034 §2.1.1), by their data. */
  async keys(): Promise<string[]> {
    return (await this.#read("DNSKEY")).filter((data) => data.startsWith("257 "));
  }

  /** What the zone announces for the zone above it (RFC 7344). */
  signers(): Promise<string[]> {
    return this.#read("CDS");
  }

  /** A new key becomes two days old, as if they had passed; Knot's own waits stay as customers have them. */
  async age(): Promise<void> {
    const listed = await this.#primary.host.must(["keymgr", this.#zone, "list", "human"]);
    // A tag is padded to five places.
    const [, tag] = /^\S+ +(\d+) KSK (?!.*ready=)/m.exec(listed) ?? [];
    if (tag === undefined) throw new Error(`No key of ${this.#zone} is new: ${listed}`);
    await this.#primary.host.must(["keymgr", this.#zone, "set", tag, "created=-2d", "publish=-2d"]);
  }

  /** Knot looks at its keys, and above the zone where one waits for that, as it does by itself within the hour. */
  async look(): Promise<void> {
    await this.#primary.host.must(["knotc", "zone-keys-load", this.#zone]);
  }

  /** Looks until Knot has asked above the zone and found another DS record there than the new key's. */
  async lookInVain(): Promise<void> {
    const log = () => this.#primary.host.must(["journalctl", "-b", "-u", "knot", "-o", "cat"]);
    const count = async () => (await log()).split("submission check: negative").length;
    const before = await count();
    await this.look();
    await waitFor("Knot to find the former DS record above", async () => (await count()) > before);
  }

  async #read(type: "CDS" | "DNSKEY"): Promise<string[]> {
    const told = await this.#primary.host.must(["knotc", "zone-read", this.#zone, "@", type]);
    return told.split("\n").flatMap((line) => line.split(` ${type} `)[1] ?? []);
  }
}

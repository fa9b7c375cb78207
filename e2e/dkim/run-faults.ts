import { authorityAddress } from "../lab/addresses.ts";
import { dnsApiPort } from "../lab/dns-client.ts";
import type { LabHost } from "../lab/host.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";
import type { Span } from "./rotation-report.ts";
import type { SigningDomain } from "./signing-domain.ts";

/** What breaks when the rotation comes to a step; "started" is just before it begins. */
export type FaultPlan = { readonly at: string } & (
  | { readonly kind: "restart"; readonly host: string }
  | { readonly kind: "cut-off"; readonly host: string; readonly forMs: number }
  | { readonly kind: "provider-fails" }
);

export interface RunFaults {
  readonly spans: readonly Span[];
  onStep(step: string): void;
  /** Waits until everything that broke works again. Throws when something could not be mended, or never broke. */
  end(): Promise<void>;
}

const faultWithinMs = 120_000;

export function openFaults(input: {
  place: SigningDomain;
  plans: readonly FaultPlan[];
  log: (line: string) => void;
}): RunFaults {
  const { plans, log } = input;
  const spans: Span[] = [];
  const begun = new Map<FaultPlan, Promise<void>>();
  const begin = async (plan: FaultPlan): Promise<void> => {
    const fromMs = Date.now();
    const name = nameOf(plan);
    log(name);
    await breakAndMend(input, plan);
    spans.push({ name, fromMs, untilMs: Date.now() });
    log(`${name}: over`);
  };
  return {
    spans,
    onStep(step) {
      for (const plan of plans) {
        if (plan.at !== step || begun.has(plan)) continue;
        const broken = begin(plan);
        broken.catch(() => undefined); // `end` says so.
        begun.set(plan, broken);
      }
    },
    async end() {
      await Promise.all(begun.values());
      const idle = plans.filter((plan) => !begun.has(plan));
      if (idle.length > 0) throw new Error(`This did not happen: ${idle.map(nameOf).join(", ")}.`);
    },
  };
}

function nameOf(plan: FaultPlan): string {
  switch (plan.kind) {
    case "restart":
      return `${plan.host} is restarted`;
    case "cut-off":
      return `${plan.host} is cut off`;
    case "provider-fails":
      return "the DNS provider fails";
  }
}

async function breakAndMend({ place }: { place: SigningDomain }, plan: FaultPlan): Promise<void> {
  const { lab } = place;
  switch (plan.kind) {
    case "restart":
      return await lab.host(plan.host).reboot();
    case "cut-off": {
      const host = lab.host(plan.host);
      await lab.faults.cutLink(host, plan.forMs);
      return await flushQueue(host);
    }
    case "provider-fails": {
      const fault = await lab.faults.refuseConnections(authorityAddress.ipv4, dnsApiPort);
      try {
        await waitFor("the DNS provider to be asked in vain", () => hasFailedToPublish(place), {
          timeoutMs: faultWithinMs,
        });
      } finally {
        await fault.end();
      }
    }
  }
}

/** What could not be sent is tried at once, as an administrator has it; Postfix by itself would let minutes pass. */
async function flushQueue(host: LabHost): Promise<void> {
  await host.must(["postqueue", "-f"]);
}

async function hasFailedToPublish({ controlPlane, domainId }: SigningDomain): Promise<boolean> {
  const failed =
    "select 1 from dkim_rotations where domain_id = $1 and progress #>> '{publication,kind}' = 'failed'";
  return (await query(controlPlane, failed, [domainId])).length > 0;
}

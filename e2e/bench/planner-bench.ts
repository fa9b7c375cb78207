import { type PlannedServer, planRecords, type RecordPlanInput } from "@mailstead/core/dns";
import { type Bench, type Measure, median } from "./measure.ts";

const domainCount = 10_000;
const runs = 5;
const aimSeconds = 1;

/** Plans every record of a large fleet's domains, as an export of them all would. */
export const plannerBench: Bench = {
  name: "planner",
  whyNot: () => null,
  async run(log) {
    const measures = [
      measurePlanning("10,000 domains planned", usualInput),
      measurePlanning("the same with four servers each and every kind of record", fullInput),
    ];
    for (const { name, value, note } of measures) log(`${name}: ${value?.toFixed(2)} s (${note})`);
    return measures;
  },
};

function measurePlanning(name: string, inputOf: (index: number) => RecordPlanInput): Measure {
  const inputs = Array.from({ length: domainCount }, (_, index) => inputOf(index));
  const samples: number[] = [];
  let recordCount = 0;
  for (let run = 0; run < runs; run += 1) {
    const begunAt = performance.now();
    recordCount = inputs.reduce((sum, input) => sum + planRecords(input).length, 0);
    samples.push((performance.now() - begunAt) / 1000);
  }
  const aim = { kind: "at-most", value: aimSeconds } as const;
  return { name, unit: "s", value: median(samples), aim, runs, note: `${recordCount} records` };
}

/** A domain as most are: on two servers that serve all they can. */
function usualInput(index: number): RecordPlanInput {
  const { servers, namesWithoutMail: _, bimi: __, ...input } = fullInput(index);
  return { ...input, servers: servers.slice(0, 2) };
}

/** A domain with everything that can be planned, so that the number is the worst and not the usual one. */
function fullInput(index: number): RecordPlanInput {
  const domain = `d${index}.example`;
  const key = { domain, publicKey: "A".repeat(392) };
  const server = (number: number, changed: Partial<PlannedServer> = {}): PlannedServer => ({
    hostname: `mail${number}-${index % 50}.fleet.example`,
    ipAddresses: [`198.51.100.${number}`, `2001:db8::${number}`],
    serves: { web: true, calendars: true },
    tlsKeyDigests: ["ab".repeat(32), "cd".repeat(32)],
    isZoneSigned: true,
    sshHostKeys: [{ algorithm: "ed25519", sha256: "ef".repeat(32) }],
    certificateAuthority: { issuer: "letsencrypt.org", validationMethods: ["http-01"] },
    ...changed,
  });
  return {
    domain,
    servers: [server(1), server(2), server(3, { role: "backup-mx" }), server(4, { role: "outbound" })],
    dkimKeys: [
      { ...key, selector: "ms202611a", algorithm: "rsa-2048" },
      { ...key, selector: "ms202611b", algorithm: "ed25519" },
    ],
    namesWithoutMail: [`www.${domain}`],
    mtaSts: { mode: "enforce", maxAgeSeconds: 604_800 },
    tlsReportsTo: [`tls@${domain}`],
    dmarc: { policy: "reject", reportsTo: [`dmarc@${domain}`] },
    bimi: { logoUrl: `https://${domain}/logo.svg` },
  };
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";

export const knotAddress = "198.51.100.4";
const infraRoot = "/run/lab/infra/root";

export interface TestKey {
  readonly name: string;
  readonly algorithm: "hmac-sha256" | "hmac-sha512";
  /** Base64. */
  readonly secret: string;
}

/** Starts Knot DNS in the lab with one zone that the key may update, and another key that may only read it. */
export async function startKnot(
  lab: Lab,
  { zone, key, readingKey }: { zone: string; key: TestKey; readingKey: TestKey },
): Promise<void> {
  const { namespace } = lab;
  const outside = namespace.path(infraRoot);
  await mkdir(join(outside, "run/knot-lab/db"), { recursive: true });
  await writeFile(
    join(outside, `run/knot-lab/${zone}.zone`),
    `$ORIGIN ${zone}.\n$TTL 300\n@ SOA ns hostmaster 1 60 60 604800 5\n@ NS ns\nns A ${knotAddress}\n`,
  );
  const keyText = ({ name, algorithm, secret }: TestKey) =>
    `  - id: ${name}\n    algorithm: ${algorithm}\n    secret: ${secret}\n`;
  await writeFile(
    join(outside, "run/knot-lab/knot.conf"),
    `server:
  listen: ${knotAddress}@53
  rundir: /run/knot-lab
  user: root
database:
  storage: /run/knot-lab/db
key:
${keyText(key)}${keyText(readingKey)}acl:
  - id: update
    key: ${key.name}
    action: update
zone:
  - domain: ${zone}
    storage: /run/knot-lab
    file: ${zone}.zone
    acl: update
`,
  );
  await namespace.must(["ip", "addr", "add", `${knotAddress}/24`, "dev", "lab0"]);
  namespace.start(
    ["chroot", infraRoot, "knotd", "-c", "/run/knot-lab/knot.conf"],
    join(lab.folder, "knot.log"),
  );
  await waitFor(
    "Knot",
    async () =>
      (await lab.runTool(["dig", "+short", `@${knotAddress}`, zone, "SOA"])).stdout.includes("hostmaster"),
    { intervalMs: 50 },
  );
}

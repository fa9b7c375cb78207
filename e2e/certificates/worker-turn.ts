// One turn of the worker over certificates, in the lab's network: argument 1 is its input as JSON. Prints what came of it.
import { randomUUID } from "node:crypto";
import { createLookAtHost, runDueCertificates, runDueRevocations } from "@mailstead/services/certificates";
import { type Installation, openDatabase } from "@mailstead/services/context";
import { type RecordPublisher, resolverFromText } from "@mailstead/services/dns";
import { makeSecretOpener } from "@mailstead/services/secrets";
import { LabDns } from "../lab/dns-client.ts";

export interface WorkerTurn {
  appUrl: string;
  systemUrl: string;
  /** PKCS #8 PEM. */
  signingKey: string;
  directoryUrl: string;
  trusted: string;
  resolver: string;
  /** The socket of the lab's DNS API, as which a provider is connected. */
  dnsApi: string;
  /** Zones that the provider hosts. */
  zones: string[];
  /** How much later the worker believes that it is. */
  laterMs: number;
}

const turn = JSON.parse(process.argv[2] ?? "{}") as WorkerTurn;
const [app, system] = [openDatabase(turn.appUrl), openDatabase(turn.systemUrl)];
const dns = new LabDns(turn.dnsApi);

/** The provider's side: each record set is read, changed and written whole. */
const publisher: RecordPublisher = {
  async publish({ put, withdraw }) {
    for (const { name, type, value } of [...put, ...withdraw]) {
      const zone = turn.zones.find((one) => name.endsWith(`.${one}`));
      if (zone === undefined) return { kind: "by-hand" };
      const quoted = type === "TXT" ? `"${value}"` : value;
      const standing = new Set(await dns.records(zone, name, type));
      if (put.some((record) => record.name === name && record.value === value)) standing.add(quoted);
      else standing.delete(quoted);
      await dns.setRecords(zone, [{ name, type, records: [...standing] }]);
    }
    return { kind: "published", changes: put.length + withdraw.length };
  },
};

const installation: Installation = {
  publicUrl: "https://control.lab",
  gatewayUrl: "wss://control.lab/agent/link",
  signingPublicKey: "",
  masterKey: null,
  sendsMail: false,
  dnsResolver: turn.resolver,
};
const ctx = {
  actor: { kind: "system", name: "worker" } as const,
  database: system,
  now: () => new Date(Date.now() + turn.laterMs),
  requestId: randomUUID(),
};
const opener = makeSecretOpener(turn.signingKey);
const run = await runDueCertificates(ctx, {
  app,
  installation,
  opener,
  settings: {
    directoryUrl: turn.directoryUrl,
    trusted: [turn.trusted],
    contact: "ops@control.lab",
    areTermsAgreed: true,
  },
  publisher,
  resolver: resolverFromText(turn.resolver),
  lookAtHost: createLookAtHost(),
  pollEveryMs: 200,
});
const revocations = await runDueRevocations(ctx, { app, installation, opener });
const failed = [...run.failed, ...revocations.failed].map(({ cause, ...id }) => ({
  ...id,
  cause: String(cause),
}));
process.stdout.write(`${JSON.stringify({ advanced: run.advanced, failed })}\n`);
await app.close();
await system.close();

import { type Installation, openDatabase, type SystemContext } from "@mailstead/services/context";
import { keepReportSenders, keepTlsOverviews } from "@mailstead/services/reports";
import { keepServerDays } from "@mailstead/services/summed-days";
import { keepVerdictDays } from "@mailstead/services/verdicts";
import { passwords } from "./open-fleet.ts";

const installation: Installation = {
  publicUrl: "https://bench.example",
  gatewayUrl: "wss://bench.example/agent/link",
  signingPublicKey: "",
  masterKey: null,
  dnsResolver: undefined,
  sendsMail: false,
};

/** Does what the worker does every ten minutes for pages to read; throws where an organisation's failed. */
export async function keepSums(adminUrl: string, log: (line: string) => void): Promise<void> {
  const open = (user: string, password: string) => {
    const url = new URL(adminUrl);
    url.username = user;
    url.password = password;
    return openDatabase(url.href);
  };
  const system: SystemContext = {
    database: open("mailstead_system", passwords.systemPassword),
    now: () => new Date(),
    requestId: "bench",
    actor: { kind: "system", name: "bench" },
  };
  const app = open("mailstead_app", passwords.appPassword);
  try {
    for (const keep of [keepServerDays, keepVerdictDays, keepReportSenders, keepTlsOverviews]) {
      const begunAt = performance.now();
      const [failed] = await keep(system, { app, installation });
      if (failed !== undefined) throw failed.cause;
      log(`${keep.name} took ${((performance.now() - begunAt) / 1000).toFixed(1)} s`);
    }
  } finally {
    await app.close();
    await system.database.close();
  }
}

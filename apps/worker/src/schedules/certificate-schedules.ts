import { type AcmeSettings, createLookAtHost, runDueCertificates } from "@mailstead/services/certificates";
import { type RecordPublisher, resolverFromText } from "@mailstead/services/dns";
import type { DnsWorkerParts } from "../dns/dns-worker.ts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const dueCertificatesEveryMs = 5_000;

/** What gets certificates, renews them in time and changes their keys. */
export function certificateSchedules(
  { log, system }: WorkerContext,
  {
    app,
    installation,
    settings,
    opener,
    publisher,
  }: DnsWorkerParts & { settings: AcmeSettings; publisher: RecordPublisher },
): readonly Schedule[] {
  return [
    {
      name: "certificates",
      everyMs: dueCertificatesEveryMs,
      async run() {
        const { advanced, failed } = await runDueCertificates(system(), {
          app,
          installation,
          settings,
          opener,
          publisher,
          resolver: resolverFromText(installation.dnsResolver),
          lookAtHost: createLookAtHost(),
        });
        for (const { certificateId, advance } of advanced) {
          if (advance.kind === "issued")
            log.info(
              { certificateId, names: advance.names, notAfter: advance.notAfter },
              "issued a certificate",
            );
          if (advance.kind === "failed")
            log.warn({ certificateId, kind: advance.problem.kind }, advance.problem.sentence);
        }
        for (const { certificateId, cause } of failed)
          log.error({ err: cause, certificateId }, "a certificate could not be worked on; it is tried again");
      },
    },
  ];
}

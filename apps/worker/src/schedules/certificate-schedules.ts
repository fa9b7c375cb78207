import {
  type AcmeDefaults,
  createLookAtHost,
  recordCertificateFindings,
  runDueCertificates,
  runDueRevocations,
} from "@mailstead/services/certificates";
import { type RecordPublisher, resolverFromText } from "@mailstead/services/dns";
import type { DnsWorkerParts } from "../dns/dns-worker.ts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const dueCertificatesEveryMs = 5_000;
const dueRevocationsEveryMs = 5_000;
const findingsEveryMs = 10 * 60_000;

/** What gets certificates, renews them in time, changes their keys, revokes them, and tells what is wrong with them. */
export function certificateSchedules(
  { log, system }: WorkerContext,
  {
    app,
    installation,
    settings,
    opener,
    publisher,
  }: DnsWorkerParts & { settings: AcmeDefaults; publisher: RecordPublisher },
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
    {
      name: "certificate revocations",
      everyMs: dueRevocationsEveryMs,
      async run() {
        const { revoked, failed } = await runDueRevocations(system(), { app, installation, opener });
        for (const { issuedId, serial } of revoked) log.info({ issuedId, serial }, "revoked a certificate");
        for (const { issuedId, cause } of failed)
          log.error({ err: cause, issuedId }, "a certificate could not be revoked; it is tried again");
      },
    },
    {
      name: "certificate findings",
      everyMs: findingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordCertificateFindings(system(), {
          app,
          installation,
        }))
          log.error({ err: cause, organisationId }, "what is wrong with certificates could not be noted");
      },
    },
  ];
}

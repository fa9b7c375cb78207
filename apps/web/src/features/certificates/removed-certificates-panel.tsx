"use client";
import { useQuery } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { canBeRevoked, Revocation, RevokeCertificate } from "./revoke-certificate.tsx";

type Removed = RouterOutputs["certificates"]["removed"][number];

/** Certificates of what was removed, which stay valid and can be revoked until they end; nothing while there are none. */
export function RemovedCertificatesPanel() {
  const { t } = useWords();
  const isAdmin = useMay()("admin");
  const { data, error } = useQuery(useTRPC().certificates.removed.queryOptions({}, { enabled: isAdmin }));
  if (data === undefined || data.length === 0) return <ProblemNote error={error} />;
  return (
    <Panel title={t("certificates.removed")} description={t("certificates.removed-lead")} isFlush>
      <ul>
        {data.map((one) => (
          <RemovedLine key={one.id} removed={one} />
        ))}
      </ul>
    </Panel>
  );
}

function RemovedLine({ removed }: { removed: Removed }) {
  const { t } = useWords();
  const { title, names, serverName, tenantName, serial, issuer, notAfter, revocation } = removed;
  return (
    <li className="grid gap-1.5 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-0 flex-1 basis-56 gap-0.5 leading-tight">
          <span className="font-medium font-mono [overflow-wrap:anywhere]">{title}</span>
          <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">
            {[serverName, tenantName, issuer].filter((text) => text !== null).join(" · ")} ·{" "}
            {t("certificates.ends")} <Ago at={notAfter} />
          </span>
          <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">
            {names.join(", ")} · <span className="font-mono">{serial}</span>
          </span>
        </div>
        {canBeRevoked(removed) ? <RevokeCertificate issued={removed} standing="removed" /> : null}
      </div>
      <Revocation revocation={revocation} />
    </li>
  );
}

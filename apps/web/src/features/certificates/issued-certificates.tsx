"use client";
import { Folded } from "../../components/folded.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import type { CertificateView } from "./certificate-standing.ts";
import { canBeRevoked, Revocation, RevokeCertificate } from "./revoke-certificate.tsx";

type Issued = CertificateView["issued"][number];

/** What was issued and is still valid, each with the way to have it revoked. */
export function IssuedCertificates({ issued }: { issued: readonly Issued[] }) {
  const { t } = useWords();
  if (issued.length === 0) return null;
  return (
    <Folded label={t("certificates.issued", { count: issued.length })}>
      <ul className="grid gap-2 pt-2 text-table">
        {issued.map((one) => (
          <IssuedLine key={one.id} issued={one} />
        ))}
      </ul>
    </Folded>
  );
}

function IssuedLine({ issued }: { issued: Issued }) {
  const { t } = useWords();
  const { serial, issuer, issuedAt, isInForce, isKeyInForce, revocation } = issued;
  return (
    <li className="grid gap-1">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="grid min-w-0 flex-1 basis-56 leading-tight">
          <span className="font-mono [overflow-wrap:anywhere]">{serial}</span>
          <span className="text-ink-3 text-meta">
            {issuer} · <Ago at={issuedAt} />
            {isInForce ? ` · ${t("certificates.in-force")}` : null}
          </span>
        </span>
        {canBeRevoked(issued) ? (
          <ForRole needed="technician">
            <RevokeCertificate
              issued={issued}
              standing={isInForce ? "in-force" : isKeyInForce ? "key-in-force" : "earlier"}
            />
          </ForRole>
        ) : null}
      </div>
      <Revocation revocation={revocation} />
    </li>
  );
}

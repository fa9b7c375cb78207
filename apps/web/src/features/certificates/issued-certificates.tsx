"use client";
import { type RevocationReason, revocationReasons } from "@mailstead/core/certificates";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Field, Select, SwitchField } from "../../components/field.tsx";
import { Folded } from "../../components/folded.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { CertificateView } from "./certificate-standing.ts";

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
  const { serial, issuer, issuedAt, isInForce, revocation } = issued;
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
        {revocation === null || (revocation.revokedAt === null && !revocation.isAtOnce) ? (
          <Revoke issued={issued} />
        ) : null}
      </div>
      {revocation === null ? null : (
        <p className="text-ink-2 [overflow-wrap:anywhere]">
          {revocation.revokedAt === null ? (
            (revocation.problem ??
            t(revocation.isWaiting ? "certificates.revoke-waits" : "certificates.revoking"))
          ) : (
            <>
              {t("certificates.revoked", { name: revocation.requestedBy })} <Ago at={revocation.revokedAt} />{" "}
              · {t(`certificates.reason.${revocation.reason}`)}
            </>
          )}
        </p>
      )}
    </li>
  );
}

function Revoke({ issued }: { issued: Issued }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const [reason, setReason] = useState<RevocationReason>("key-compromise");
  const [isAtOnce, setAtOnce] = useState(false);
  const revoke = useMutation(
    trpc.certificates.revoke.mutationOptions({
      onSuccess: async () => {
        setAsked(false);
        await queryClient.invalidateQueries({ queryKey: trpc.certificates.pathKey() });
      },
    }),
  );
  const reasons = Object.keys(revocationReasons) as RevocationReason[];
  return (
    <>
      <Button
        size="small"
        look="quiet-danger"
        aria-label={t("certificates.revoke-named", { serial: issued.serial })}
        onClick={() => setAsked(true)}
      >
        {t("certificates.revoke")}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("certificates.revoke-title")}
        consequence={
          <div className="grid gap-3">
            <p>{t(issued.isInForce ? "certificates.revoke-in-force" : "certificates.revoke-earlier")}</p>
            <Field label={t("certificates.revoke-reason")}>
              <Select
                value={reason}
                onChange={({ target }) => setReason(reasons.find((one) => one === target.value) ?? reason)}
              >
                {reasons.map((one) => (
                  <option key={one} value={one}>
                    {t(`certificates.reason.${one}`)}
                  </option>
                ))}
              </Select>
            </Field>
            {issued.isInForce ? (
              <SwitchField
                label={t("certificates.revoke-at-once")}
                hint={t("certificates.revoke-at-once-hint")}
                isOn={isAtOnce}
                onChange={setAtOnce}
              />
            ) : null}
          </div>
        }
        actionLabel={t("certificates.revoke")}
        isBusy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate({ issuedId: issued.id, reason, isAtOnce })}
      />
    </>
  );
}

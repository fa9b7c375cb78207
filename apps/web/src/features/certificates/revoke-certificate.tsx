"use client";
import { type RevocationReason, revocationReasons } from "@mailstead/core/certificates";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Field, Select, SwitchField } from "../../components/field.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Issued = RouterOutputs["certificates"]["removed"][number];

/** Whether a person may still ask for it, or hurry what waits. */
export function canBeRevoked({ revocation }: Pick<Issued, "revocation">): boolean {
  return (
    revocation === null || (revocation.revokedAt === null && !revocation.isAtOnce && revocation.isWaiting)
  );
}

/** What became of a revocation that somebody asked for. */
export function Revocation({ revocation }: Pick<Issued, "revocation">) {
  const { t } = useWords();
  if (revocation === null) return null;
  return (
    <p className="text-ink-2 [overflow-wrap:anywhere]">
      {revocation.revokedAt === null ? (
        (revocation.problem ??
        t(revocation.isWaiting ? "certificates.revoke-waits" : "certificates.revoking"))
      ) : (
        <>
          {t("certificates.revoked", { name: revocation.requestedBy })} <Ago at={revocation.revokedAt} /> ·{" "}
          {t(`certificates.reason.${revocation.reason}`)}
        </>
      )}
    </p>
  );
}

/** The way to have a certificate revoked. `standing` says what the world still sees of it. */
export function RevokeCertificate({
  issued,
  standing,
}: {
  issued: Pick<Issued, "id" | "serial">;
  standing: "in-force" | "key-in-force" | "earlier" | "removed";
}) {
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
  const isShown = standing === "in-force" || (standing === "key-in-force" && reason === "key-compromise");
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
            <p>{t(`certificates.revoke-lead.${standing}`)}</p>
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
            {reason === "key-compromise" ? <p>{t("certificates.revoke-all-of-key")}</p> : null}
            {isShown ? (
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
        onConfirm={() => revoke.mutate({ issuedId: issued.id, reason, isAtOnce: isShown && isAtOnce })}
      />
    </>
  );
}

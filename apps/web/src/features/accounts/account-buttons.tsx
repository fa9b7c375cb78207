"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

interface Account {
  serverId: string;
  address: string;
  isHeld: boolean;
}

/** Holds an account, releases one that is held, or lets one go on; each after saying what that does, and leads to the job. */
export function AccountButtons({ serverId, address, isHeld }: Account) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [asked, setAsked] = useState<"hold" | "release" | null>(null);
  const onSuccess = ({ jobId }: { jobId: string }) => router.push(`/jobs/${jobId}`);
  const hold = useMutation(trpc.accounts.hold.mutationOptions({ onSuccess }));
  const release = useMutation(trpc.accounts.release.mutationOptions({ onSuccess }));
  const account = { serverId, address };
  const close = (isOpen: boolean) => isOpen || setAsked(null);
  const releaseLabel = t(isHeld ? "accounts.release" : "accounts.let-go-on");
  return (
    <>
      <IfMay use="accounts.release">
        <Button
          size="small"
          aria-label={t("accounts.release-of", { address })}
          onClick={() => setAsked("release")}
        >
          {releaseLabel}
        </Button>
      </IfMay>
      {isHeld ? null : (
        <IfMay use="accounts.hold">
          <Button
            size="small"
            aria-label={t("accounts.hold-of", { address })}
            onClick={() => setAsked("hold")}
          >
            {t("accounts.hold")}
          </Button>
        </IfMay>
      )}
      <ConfirmDialog
        isOpen={asked === "hold"}
        onOpenChange={close}
        title={t("accounts.hold-title", { address })}
        consequence={<p>{t("accounts.hold-consequence")}</p>}
        actionLabel={t("accounts.hold")}
        isBusy={hold.isPending}
        error={hold.error}
        onConfirm={() => hold.mutate(account)}
      />
      <ConfirmDialog
        isOpen={asked === "release"}
        onOpenChange={close}
        title={t("accounts.release-title", { address })}
        consequence={<p>{t(isHeld ? "accounts.release-consequence" : "accounts.let-go-on-consequence")}</p>}
        actionLabel={releaseLabel}
        isBusy={release.isPending}
        error={release.error}
        onConfirm={() => release.mutate(account)}
      />
    </>
  );
}

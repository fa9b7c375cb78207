"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

type Waiting = NonNullable<RouterOutputs["accounts"]["list"][number]["waiting"]>;

interface Account {
  serverId: string;
  address: string;
  isHeld: boolean;
  /** An order of before that the server has yet to carry out; nothing else is offered while it waits. */
  waiting: Waiting | null;
}

/** Holds an account, releases one that is held, or lets one go on; each after saying what that does, and leads to the job. */
export function AccountButtons({ waiting, ...account }: Account) {
  const { t } = useWords();
  if (waiting === null) return <Buttons {...account} />;
  return (
    <Link href={`/jobs/${waiting.jobId}`} className="text-accent text-table hover:underline">
      {t(
        account.isHeld || waiting.verb === "hold-account"
          ? `accounts.waits.${waiting.verb}`
          : "accounts.waits.let-go-on",
      )}
    </Link>
  );
}

function Buttons({ serverId, address, isHeld }: Omit<Account, "waiting">) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [asked, setAsked] = useState<"hold" | "release" | null>(null);
  const queryClient = useQueryClient();
  const onSuccess = ({ jobId }: { jobId: string }) => {
    // Whoever comes back must see that the order waits, and not the buttons.
    for (const queryKey of [trpc.accounts.pathKey(), trpc.findings.pathKey()])
      void queryClient.invalidateQueries({ queryKey });
    router.push(`/jobs/${jobId}`);
  };
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

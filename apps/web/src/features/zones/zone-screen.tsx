"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeftRight, Ellipsis, KeyRound, RefreshCw, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { type Level, LevelIcon } from "../../components/level.tsx";
import { Menu } from "../../components/menu.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { DelegationPanel } from "./delegation-panel.tsx";
import { DelegationSteps } from "./delegation-steps.tsx";
import { PromoteDialog } from "./promote-dialog.tsx";
import { ZoneRecordsPanel } from "./zone-records-panel.tsx";

export type Zone = RouterOutputs["zones"]["get"];

/** One hosted zone: what to set above it, whether the world shows it, and its records. */
export function ZoneScreen({ zoneId }: { zoneId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const [isPromoting, setPromoting] = useState(false);
  const [isRolling, setRolling] = useState(false);
  const query = useQuery(trpc.zones.get.queryOptions({ zoneId }));
  const renew = () => queryClient.invalidateQueries({ queryKey: trpc.zones.pathKey() });
  const check = useMutation(trpc.zones.check.mutationOptions({ onSuccess: renew }));
  const remove = useMutation(
    trpc.zones.remove.mutationOptions({
      onSuccess: async () => {
        router.push("/zones");
        await queryClient.invalidateQueries({ queryKey: trpc.zones.list.pathKey() });
      },
    }),
  );
  const roll = useMutation(
    trpc.zones.rollKey.mutationOptions({ onSuccess: ({ jobId }) => router.push(`/jobs/${jobId}`) }),
  );
  const zone = query.data;
  useFollow(
    (zone?.servers ?? []).map(({ serverId }) => ({ kind: "server", id: serverId })),
    () => void query.refetch(),
  );
  if (zone === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  return (
    <>
      <PageHeader
        title={<span className="font-mono tracking-tight">{zone.name}</span>}
        parent={{ href: "/zones", label: t("zones.title") }}
        description={
          <>
            {t("zone.on")}{" "}
            {zone.servers.map(({ serverId, serverName }, index) => (
              <span key={serverId}>
                {index > 0 ? ", " : null}
                <Link href={`/servers/${serverId}`} className="text-accent hover:underline">
                  {serverName}
                </Link>
              </span>
            ))}
          </>
        }
        actions={
          <ForRole needed="admin">
            <Menu
              trigger={
                <IconButton label={t("controls.more")} look="secondary">
                  <Ellipsis aria-hidden="true" className="size-4" />
                </IconButton>
              }
              groups={[
                [
                  {
                    label: t("zone.roll"),
                    icon: <KeyRound aria-hidden="true" className="size-3.5" />,
                    onSelect: () => setRolling(true),
                  },
                  {
                    label: t("zone.promote"),
                    icon: <ArrowLeftRight aria-hidden="true" className="size-3.5" />,
                    onSelect: () => setPromoting(true),
                  },
                ],
                [
                  {
                    label: t("zone.remove"),
                    icon: <Trash2 aria-hidden="true" className="size-3.5" />,
                    isDanger: true,
                    onSelect: () => setRemoving(true),
                  },
                ],
              ]}
            />
          </ForRole>
        }
      />
      <div className="grid gap-4">
        <section className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-ui border border-line bg-surface px-4 py-3.5">
          <Summary zone={zone} />
          <ForRole needed="technician">
            <Button look="primary" isBusy={check.isPending} onClick={() => check.mutate({ zoneId })}>
              {check.isPending ? null : <RefreshCw aria-hidden="true" className="size-3.5" />}
              {t("zone.check")}
            </Button>
          </ForRole>
          {zone.resolverProblem === null ? null : (
            <p role="alert" className="w-full rounded-ui bg-attention-soft px-3 py-2 text-table">
              {zone.resolverProblem}
            </p>
          )}
          <ProblemNote error={check.error} />
        </section>
        <DelegationSteps steps={zone.steps} />
        <DelegationPanel zone={zone} />
        <ZoneRecordsPanel zone={zone} onChanged={renew} />
      </div>
      <ConfirmDialog
        isOpen={isRolling}
        onOpenChange={setRolling}
        title={t("zone.roll-title", { name: zone.name })}
        consequence={<p>{t("zone.roll-consequence")}</p>}
        actionLabel={t("zone.roll.action")}
        isHarmless
        isBusy={roll.isPending}
        error={roll.error}
        onConfirm={() => roll.mutate({ zoneId })}
      />
      <PromoteDialog zone={zone} isOpen={isPromoting} onOpenChange={setPromoting} onPromoted={renew} />
      <ConfirmDialog
        isOpen={isRemoving}
        onOpenChange={setRemoving}
        title={t("zone.remove-title", { name: zone.name })}
        consequence={<p>{t("zone.remove-consequence", { name: zone.name })}</p>}
        actionLabel={t("zone.remove")}
        typedName={zone.name}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ zoneId, confirmedName: zone.name })}
      />
    </>
  );
}

function Summary({ zone }: { zone: Zone }) {
  const { t } = useWords();
  const { level, words } = summaryOf(zone);
  return (
    <div className="grid min-w-0 gap-0.5">
      <p role="status" className="flex items-center gap-2 font-medium text-body">
        <LevelIcon level={level} className="size-4" />
        {t(words)}
      </p>
      {zone.checkedAt === null ? null : (
        <p className="text-ink-3 text-meta">
          {t("domain.checked")} <Ago at={zone.checkedAt} />
        </p>
      )}
    </div>
  );
}

function summaryOf({ steps }: Zone) {
  const states = steps.map(({ state }) => state);
  const summary = (level: Level, words: "never-checked" | "all-right" | "steps-left" | "something-wrong") =>
    ({ level, words: `zone.${words}` }) as const;
  if (states.length === 0) return summary("unknown", "never-checked");
  if (states.includes("wrong")) return summary("trouble", "something-wrong");
  return states.every((state) => state === "done")
    ? summary("good", "all-right")
    : summary("attention", "steps-left");
}

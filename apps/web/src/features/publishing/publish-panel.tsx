"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Send } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { CompareZoneButton } from "./compare-zone-button.tsx";
import { PublishDialog } from "./publish-dialog.tsx";

/** Publishing on a domain's records screen: the way to the difference, or how to get there. */
export function PublishPanel({ domainId, name }: { domainId: string; name: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const connections = useQuery(trpc.publishing.connections.queryOptions({}));
  const plan = useMutation(
    trpc.publishing.plan.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.publishing.latest.pathKey() }),
    }),
  );
  useFollow([{ kind: "dns" }], () => {
    void queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.domains.get.pathKey() });
  });
  const may = useMay();
  const zones = useQuery(trpc.zones.list.queryOptions({}));
  if (connections.data === undefined || zones.data === undefined) return null;
  const zone = zones.data.find((each) => name === each.name || name.endsWith(`.${each.name}`));
  const hasWay = zone !== undefined || connections.data.length > 0;
  const look = () => {
    setOpen(true);
    plan.mutate({ domainId });
  };
  return (
    <section className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-ui border border-line bg-surface px-4 py-3.5">
      <div className="grid min-w-0 flex-1 basis-64 gap-0.5">
        <h2 className="font-medium text-body">{t("publish.title")}</h2>
        <p className="text-ink-3 text-meta">
          {zone === undefined
            ? t(hasWay ? "publish.lead" : "publish.without")
            : t("publish.hosted", { zone: zone.name })}
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {zone === undefined ? (
          <CompareZoneButton domainId={domainId} name={name} />
        ) : (
          <Button asChild>
            <Link href={`/zones/${zone.id}`}>{t("publish.hosted.action")}</Link>
          </Button>
        )}
        {hasWay || !may("admin") ? null : (
          <Button asChild>
            <Link href="/settings">{t("publish.without.action")}</Link>
          </Button>
        )}
        {hasWay && may("technician") ? (
          <Button isBusy={plan.isPending} onClick={look}>
            {plan.isPending ? null : <Send aria-hidden="true" className="size-3.5" />}
            {t("publish.open")}
          </Button>
        ) : null}
      </div>
      <ProblemNote error={plan.error} />
      <PublishDialog
        isOpen={isOpen && plan.error === null}
        onOpenChange={setOpen}
        domain={{ id: domainId, name }}
        isAsking={plan.isPending}
        onLookAgain={() => plan.mutate({ domainId })}
      />
    </section>
  );
}

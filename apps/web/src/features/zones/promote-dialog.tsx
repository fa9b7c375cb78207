"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Zone } from "./zone-screen.tsx";

/** Has the secondary take the place of a lost primary, after showing what that changes and what is left to do by hand. */
export function PromoteDialog({
  zone,
  isOpen,
  onOpenChange,
  onPromoted,
}: {
  zone: Zone;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onPromoted: () => Promise<unknown>;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const primary = zone.servers.find(({ role }) => role === "primary");
  const secondary = zone.servers.find(({ role }) => role === "secondary");
  const [followerId, setFollowerId] = useState(primary?.serverId ?? "");
  const [isOutageAccepted, setOutageAccepted] = useState(false);
  const servers = useQuery({
    ...trpc.servers.list.queryOptions({ sort: "name", isDescending: false, limit: 500 }),
    enabled: isOpen,
  });
  const plan = useQuery({
    ...trpc.zones.promotion.queryOptions({ zoneId: zone.id, followerId }),
    enabled: isOpen && followerId !== "",
  });
  const promote = useMutation(
    trpc.zones.promote.mutationOptions({
      onSuccess: async () => {
        onOpenChange(false);
        await onPromoted();
      },
    }),
  );
  const others = (servers.data?.servers ?? []).filter(
    ({ id, tenantId, appliedRevision }) =>
      tenantId === zone.tenantId &&
      appliedRevision > 0 &&
      id !== primary?.serverId &&
      id !== secondary?.serverId,
  );
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("zone.promote-title", { secondary: secondary?.serverName ?? "" })}
      consequence={
        <div className="grid gap-3">
          <p>{t("zone.promote-consequence", { primary: primary?.serverName ?? "" })}</p>
          <Field label={t("zone.promote.follower")}>
            <Select value={followerId} onChange={(event) => setFollowerId(event.target.value)}>
              {primary === undefined ? null : (
                <option value={primary.serverId}>
                  {t("zone.promote.follower-old", { name: primary.serverName })}
                </option>
              )}
              {others.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <ProblemNote error={plan.error} />
          {plan.data === undefined ? null : (
            <>
              {plan.data.warning === null ? null : (
                <p role="alert" className="rounded-ui bg-attention-soft px-3 py-2 text-table">
                  {plan.data.warning}
                </p>
              )}
              <h3 className="font-medium text-table">{t("zone.promote.steps")}</h3>
              <ol className="grid list-decimal gap-1.5 pl-5 text-table [overflow-wrap:anywhere]">
                {plan.data.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
              {plan.data.signers === "none" ? null : (
                <div className="flex items-start gap-2 text-table">
                  <span className="pt-0.5">
                    <Checkbox
                      label={t("zone.promote.outage")}
                      isChecked={isOutageAccepted}
                      onChange={() => setOutageAccepted(!isOutageAccepted)}
                    />
                  </span>
                  <span>{t("zone.promote.outage")}</span>
                </div>
              )}
            </>
          )}
        </div>
      }
      actionLabel={t("zone.promote.action")}
      typedName={zone.name}
      isBusy={promote.isPending}
      error={promote.error}
      onConfirm={() =>
        promote.mutate({ zoneId: zone.id, followerId, confirmedName: zone.name, isOutageAccepted })
      }
    />
  );
}

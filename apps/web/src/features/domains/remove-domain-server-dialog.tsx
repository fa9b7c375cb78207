"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { receives } from "./domain-roles.ts";
import { RecordChanges } from "./record-changes.tsx";

type Domain = RouterOutputs["domains"]["get"];

/** Says what becomes of mail and of records when a server is taken off a domain. */
export function RemoveDomainServerDialog({
  domain,
  server,
  isOpen,
  onOpenChange,
}: {
  domain: Domain;
  server: Domain["servers"][number];
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const ids = { domainId: domain.id, serverId: server.id };
  const preview = useQuery({ ...trpc.domains.serverRemoval.queryOptions(ids), enabled: isOpen });
  const remove = useMutation(
    trpc.domains.removeServer.mutationOptions({
      onSuccess: async () => {
        onOpenChange(false);
        await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("domain-servers.remove-title", { server: server.name, name: domain.unicodeName })}
      consequence={
        <>
          <p>
            {t(receives(server.role) ? "domain-servers.remove-receiver" : "domain-servers.remove-sender")}
          </p>
          {preview.data === undefined ? null : (
            <RecordChanges {...preview.data} now={preview.data.atOnce} keepsOwnName />
          )}
        </>
      }
      actionLabel={t("domain-servers.remove")}
      isBusy={remove.isPending}
      error={remove.error ?? preview.error}
      onConfirm={() => remove.mutate(ids)}
    />
  );
}

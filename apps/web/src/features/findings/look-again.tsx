"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

type Subject = RouterOutputs["findings"]["get"]["subject"];

/** Has the domain, the server or the zone looked at now, and shows what then is left of the finding. */
export function LookAgain({ subject: { kind, id } }: { subject: Subject }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const after = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.findings.pathKey() }) };
  const domain = useMutation(trpc.domains.check.mutationOptions(after));
  const server = useMutation(trpc.servers.checkOutside.mutationOptions(after));
  const zone = useMutation(trpc.zones.check.mutationOptions(after));
  const looks = {
    domain: { use: "domains.check", look: domain, start: () => domain.mutate({ domainId: id }) },
    server: { use: "servers.checkOutside", look: server, start: () => server.mutate({ serverId: id }) },
    zone: { use: "zones.check", look: zone, start: () => zone.mutate({ zoneId: id }) },
  } as const;
  if (kind === "organisation" || kind === "withdrawal") return null;
  const { use, look, start } = looks[kind];
  return (
    <IfMay use={use}>
      <Button size="small" isBusy={look.isPending} onClick={start}>
        {t("finding.look-again")}
      </Button>
      {look.isSuccess ? <span className="self-center text-ink-2">{t("finding.looked")}</span> : null}
      <ProblemNote error={look.error} />
    </IfMay>
  );
}

"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ComponentProps } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

type Finding = Pick<RouterOutputs["findings"]["get"], "subject" | "key">;

/** Has the domain, the server or the zone looked at now, and shows what then is left of the finding. */
export function LookAgain({ finding }: { finding: Finding }) {
  const { key } = finding;
  const { kind, id } = finding.subject;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const after = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.findings.pathKey() }) };
  const domain = useMutation(trpc.domains.check.mutationOptions(after));
  const server = useMutation(trpc.servers.checkOutside.mutationOptions(after));
  const zone = useMutation(trpc.zones.check.mutationOptions(after));
  switch (kind) {
    case "domain":
      return (
        <IfMay use="domains.check">
          <Look
            look={domain}
            seen={domain.data && { ...domain.data.report, isUnseen: domain.data.unseen.includes(key) }}
            start={() => domain.mutate({ domainId: id })}
          />
        </IfMay>
      );
    case "server":
      return (
        <IfMay use="servers.checkOutside">
          <Look
            look={server}
            seen={server.data && { ...server.data, isUnseen: isUnseenIn(server.data, key) }}
            start={() => server.mutate({ serverId: id })}
          />
        </IfMay>
      );
    case "zone":
      return (
        <IfMay use="zones.check">
          <Look
            look={zone}
            seen={zone.data && { ...zone.data, isUnseen: zone.data.unseen.includes(key) }}
            start={() => zone.mutate({ zoneId: id })}
          />
        </IfMay>
      );
    default:
      return null;
  }
}

type Seen = ({ kind: "checked" } | { kind: "resolver-silent"; sentence: string }) & {
  /** Whether the look could say nothing of this very finding. */
  isUnseen: boolean;
};

function isUnseenIn(check: RouterOutputs["servers"]["checkOutside"], key: string): boolean {
  return check.kind === "checked" && check.unseen.includes(key);
}

interface LookProps {
  look: { isPending: boolean; error: ComponentProps<typeof ProblemNote>["error"] };
  /** What came of the last look, once there was one. */
  seen: Seen | undefined;
  start: () => void;
}

function Look({ look, seen, start }: LookProps) {
  const { t } = useWords();
  return (
    <>
      <Button size="small" isBusy={look.isPending} onClick={start}>
        {t("finding.look-again")}
      </Button>
      {seen === undefined || look.isPending ? null : (
        <span role="status" className="self-center text-ink-2">
          {/* Where nobody answered nothing was looked at, and the finding stands as it did. */}
          {seen.kind === "resolver-silent"
            ? seen.sentence
            : t(seen.isUnseen ? "finding.not-looked" : "finding.looked")}
        </span>
      )}
      <ProblemNote error={look.error} />
    </>
  );
}

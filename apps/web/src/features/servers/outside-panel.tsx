"use client";
import { type AddressFacts, isUpkeepFinding, type PortFacts } from "@mailstead/core/checks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { CheckFindingItem } from "../domains/check-finding-item.tsx";

/** Who a server is to the outside world: where its addresses lead back to, what it says, and what its certificate names. */
export function OutsidePanel({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const outside = useQuery(trpc.servers.outside.queryOptions({ serverId }));
  const check = useMutation(
    trpc.servers.checkOutside.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.servers.outside.pathKey() }),
    }),
  );
  const seen = outside.data;
  // What the host's agent told then is shown above, as it is now.
  const findings = seen?.report.findings.filter((finding) => !isUpkeepFinding(finding)) ?? [];
  return (
    <Panel
      title={t("outside.title")}
      description={
        seen == null ? (
          t("outside.never")
        ) : (
          <>
            {t("domain.checked")} <Ago at={seen.checkedAt} />
          </>
        )
      }
      actions={
        <ForRole needed="technician">
          <Button size="small" isBusy={check.isPending} onClick={() => check.mutate({ serverId })}>
            {check.isPending ? null : <RefreshCw aria-hidden="true" className="size-3.5" />}
            {t("outside.check")}
          </Button>
        </ForRole>
      }
      isFlush
    >
      <ProblemNote error={outside.error ?? check.error} />
      {check.data?.kind === "resolver-silent" ? (
        <p role="alert" className="bg-attention-soft px-4 py-2 text-table">
          {check.data.sentence}
        </p>
      ) : null}
      {seen == null ? null : (
        <>
          {findings.length === 0 ? (
            <p className="flex items-center gap-2 border-line border-b px-4 py-3 text-ink-2 text-table">
              <LevelIcon level="good" className="size-4" />
              {t("outside.right")}
            </p>
          ) : null}
          {findings.map((finding) => (
            <CheckFindingItem key={`${finding.kind} ${finding.about}`} finding={finding} />
          ))}
          {seen.report.facts.addresses.map((address) => (
            <Identity key={address.address} address={address} />
          ))}
        </>
      )}
    </Panel>
  );
}

function Identity({ address }: { address: AddressFacts }) {
  const { t } = useWords();
  const open = address.ports.filter(
    (port): port is Extract<PortFacts, { kind: "open" }> => port.kind === "open",
  );
  const greeting = open.find(({ port }) => port === 25)?.greetingName ?? null;
  const certificate = open.find((port) => port.certificate !== null)?.certificate ?? null;
  const lines = [
    { term: t("outside.ptr"), text: address.reverseNames?.join(", ") || t("outside.none") },
    { term: t("outside.helo"), text: greeting ?? t("outside.not-seen") },
    { term: t("outside.certificate"), text: certificate?.names.join(", ") || t("outside.not-seen") },
  ];
  return (
    <section className="grid gap-1 border-line border-b px-4 py-3 text-table last:border-b-0">
      <h3 className="font-medium font-mono [overflow-wrap:anywhere]">{address.address}</h3>
      {address.isReachableFromHere ? null : <p className="text-ink-3 text-meta">{t("outside.no-route")}</p>}
      <dl className="grid grid-cols-[minmax(6.5rem,auto)_minmax(0,1fr)] gap-x-6 gap-y-0.5">
        {lines.map(({ term, text }) => (
          <div key={term} className="contents">
            <dt className="text-ink-3">{term}</dt>
            <dd className="font-mono [overflow-wrap:anywhere]">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

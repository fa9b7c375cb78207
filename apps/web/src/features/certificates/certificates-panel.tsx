"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { type Fact, Facts } from "../../components/facts.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { LookHint, TermsHint } from "./certificate-hints.tsx";
import { type CertificateView, isMoving, standingOf } from "./certificate-standing.ts";
import { IssuedCertificates } from "./issued-certificates.tsx";

export interface CertificatesPanelProps {
  serverId: string;
  /** Left out on the page of a server, which shows every certificate on it. */
  domainId?: string;
}

const lookAgainMs = 3_000;

/** Which names the host proves itself under, until when, and what is wrong, with the way to a new certificate. */
export function CertificatesPanel({ serverId, domainId }: CertificatesPanelProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = trpc.certificates.list.queryOptions(domainId === undefined ? { serverId } : { domainId });
  const query = useQuery({
    ...options,
    refetchInterval: ({ state }) => (state.data?.some(isMoving) ? lookAgainMs : false),
  });
  useFollow([{ kind: "server", id: serverId }], () => void query.refetch());
  const request = useMutation(
    trpc.certificates.request.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.certificates.pathKey() }),
    }),
  );
  const ask = (isWildcard: boolean) =>
    request.mutate({
      serverId,
      isWildcard,
      challenge: isWildcard ? "dns-01" : "http-01",
      ...(domainId === undefined ? {} : { domainId }),
    });
  const views = query.data ?? [];
  const isMissing = !views.some((view) => view.domainId === (domainId ?? null));
  return (
    <Panel
      title={t("certificates.title")}
      isFlush
      actions={
        <ForRole needed="technician">
          {domainId === undefined ? null : (
            <Button size="small" isBusy={request.isPending} onClick={() => ask(true)}>
              {t("certificates.get-wildcard")}
            </Button>
          )}
          <Button
            size="small"
            look={isMissing ? "primary" : "secondary"}
            isBusy={request.isPending}
            onClick={() => ask(false)}
          >
            {t("certificates.get")}
          </Button>
        </ForRole>
      }
    >
      {request.error === null && query.error === null ? null : (
        <div className="px-4 pt-3">
          <ProblemNote error={request.error ?? query.error} />
        </div>
      )}
      <TermsHint />
      {query.data !== undefined && isMissing ? (
        <p className="border-line border-b px-4 py-3.5 text-ink-3 text-table last:border-b-0">
          {t(domainId === undefined ? "certificates.none" : "certificates.none-domain")}
        </p>
      ) : null}
      {query.data !== undefined && isMissing && domainId !== undefined ? (
        <LookHint domainId={domainId} serverId={serverId} />
      ) : null}
      {views.map((view) => (
        <Certificate key={view.id} view={view} />
      ))}
    </Panel>
  );
}

function Certificate({ view }: { view: CertificateView }) {
  const { t } = useWords();
  const { level, word, daysLeft } = standingOf(view);
  const may = useMay();
  const { problem, toPaste } = view;
  return (
    <article className="grid gap-3 border-line border-b px-4 py-3.5 last:border-b-0">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 text-table">
        <span className="font-medium">
          <LevelWord level={level}>{t(word, { count: daysLeft })}</LevelWord>
        </span>
        {view.notAfter === null || view.isChangingKey || !may("technician") ? null : (
          <ChangeKey certificateId={view.id} />
        )}
      </div>
      <Facts facts={useFacts(view)} />
      {problem === null ? null : (
        <p
          role="status"
          className="rounded-ui bg-attention-soft px-3 py-2 text-table [overflow-wrap:anywhere]"
        >
          {problem.sentence}
        </p>
      )}
      {toPaste.length === 0 ? null : (
        <div className="grid gap-1.5">
          <p className="text-ink-2 text-table">{t("certificates.to-paste", { count: toPaste.length })}</p>
          <CopyBlock
            text={toPaste.map((record) => `${record.name}. IN ${record.type} ${dataOf(record)}`).join("\n")}
            what={t("certificates.the-records")}
          />
        </div>
      )}
      <IssuedCertificates issued={view.issued} />
    </article>
  );
}

function dataOf({ type, value }: CertificateView["toPaste"][number]): string {
  return type === "TXT" ? `"${value}"` : value;
}

function useFacts(view: CertificateView): Fact[] {
  const { t } = useWords();
  const facts: Fact[] = [
    { term: t("certificates.names"), detail: view.names.join(", ") },
    { term: t("certificates.proof"), detail: t(`certificates.proof.${view.challenge}`) },
  ];
  if (view.issuer !== null) facts.push({ term: t("certificates.issuer"), detail: view.issuer });
  if (view.notAfter !== null)
    facts.push({ term: t("certificates.expires"), detail: <Ago at={view.notAfter} /> });
  if (view.renewAt !== null && view.problem === null)
    facts.push({ term: t("certificates.renews"), detail: <Ago at={view.renewAt} /> });
  if (view.problem !== null || view.notAfter === null)
    facts.push({ term: t("certificates.next-attempt"), detail: <Ago at={view.nextAttemptAt} /> });
  return facts;
}

function ChangeKey({ certificateId }: { certificateId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const change = useMutation(
    trpc.certificates.changeKey.mutationOptions({
      onSuccess: async () => {
        setAsked(false);
        await queryClient.invalidateQueries({ queryKey: trpc.certificates.pathKey() });
      },
    }),
  );
  return (
    <>
      <Button size="small" look="quiet" onClick={() => setAsked(true)}>
        {t("certificates.change-key")}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("certificates.change-key-title")}
        consequence={<p>{t("certificates.change-key-consequence")}</p>}
        actionLabel={t("certificates.change-key")}
        isBusy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ certificateId })}
      />
    </>
  );
}

"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";
import { AuthorityDialog } from "./authority-dialog.tsx";

export type Authority = RouterOutputs["certificates"]["authority"];

const lookAgainMs = 3_000;

/** The worker has not said yet what the directory of a new authority says. */
function isBeingRead(authority: Authority | undefined): boolean {
  if (authority === undefined || authority.termsUrl !== null) return false;
  return authority.directoryReadAt === null && authority.directoryProblem === null;
}

/** Who issues the organisation's certificates, and the owner's word to its terms, without which none is ordered. */
export function AuthorityPanel() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [isChanging, setChanging] = useState(false);
  const query = useQuery({
    ...trpc.certificates.authority.queryOptions(),
    refetchInterval: ({ state }) => (isBeingRead(state.data) ? lookAgainMs : false),
  });
  const authority = query.data;
  if (authority === undefined) return query.error === null ? null : <ProblemNote error={query.error} />;
  return (
    <Panel
      id="certificate-authority"
      title={t("authority.title")}
      description={t("authority.lead")}
      actions={
        <ForRole needed="admin">
          <Button size="small" onClick={() => setChanging(true)}>
            {t("authority.change")}
          </Button>
        </ForRole>
      }
    >
      <div className="grid gap-4">
        <AuthorityFacts authority={authority} />
        {authority.terms === "accepted" ? null : <AcceptTerms authority={authority} />}
      </div>
      <AuthorityDialog authority={authority} isOpen={isChanging} onOpenChange={setChanging} />
    </Panel>
  );
}

function AuthorityFacts({ authority }: { authority: Authority }) {
  const { t } = useWords();
  const { name, directoryUrl, contact, eabKeyId, isAutomatic, termsAgreedAt, termsAgreedBy, termsAgreedUrl } =
    authority;
  const facts: Fact[] = [
    { term: t("authority.name"), detail: name },
    { term: t("authority.directory"), detail: directoryUrl },
    { term: t("authority.contact"), detail: contact === "" ? t("authority.contact-none") : contact },
    ...(eabKeyId === null ? [] : [{ term: t("authority.eab"), detail: eabKeyId }]),
    ...(authority.rootCertificates === null
      ? []
      : [{ term: t("authority.root"), detail: t("authority.root-own") }]),
    {
      term: t("authority.orders"),
      detail: t(isAutomatic ? "authority.orders-automatic" : "authority.orders-by-hand"),
    },
    {
      term: t("authority.terms"),
      detail:
        termsAgreedAt === null ? (
          t("authority.terms-open")
        ) : (
          <>
            {t("authority.terms-accepted", { name: termsAgreedBy ?? "" })} <Ago at={termsAgreedAt} />
            {termsAgreedUrl === null ? null : (
              <>
                {" · "}
                <TermsLink href={termsAgreedUrl}>{termsAgreedUrl}</TermsLink>
              </>
            )}
          </>
        ),
    },
  ];
  return <Facts facts={facts} />;
}

function AcceptTerms({ authority }: { authority: Authority }) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { name, directoryUrl, termsUrl, directoryProblem, terms } = authority;
  const accept = useMutation(
    trpc.certificates.acceptTerms.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.certificates.pathKey() }),
    }),
  );
  const isReading = isBeingRead(authority);
  return (
    <div className="grid gap-2.5 rounded-ui bg-attention-soft px-3 py-2.5 text-table">
      <p>{t(terms === "changed" ? "authority.changed-lead" : "authority.accept-lead", { name })}</p>
      {termsUrl === null ? (
        <>
          <p>{directoryProblem ?? t(isReading ? "authority.terms-reading" : "authority.terms-elsewhere")}</p>
          <TermsLink href={directoryUrl}>{t("authority.open-directory", { name })}</TermsLink>
        </>
      ) : (
        <TermsLink href={termsUrl}>{t("authority.read-terms", { name })}</TermsLink>
      )}
      <ProblemNote error={accept.error} />
      {may("owner") ? (
        <Button
          look="primary"
          className="w-fit"
          isBusy={accept.isPending || isReading}
          onClick={() => accept.mutate({ directoryUrl, termsUrl })}
        >
          {t("authority.accept")}
        </Button>
      ) : (
        <p className="text-ink-2">{t("authority.accept-owner")}</p>
      )}
    </div>
  );
}

function TermsLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="w-fit text-accent hover:underline [overflow-wrap:anywhere]"
    >
      {children}
    </a>
  );
}

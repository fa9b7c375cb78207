"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Breakable } from "../../components/breakable.tsx";
import { OnRequest } from "../../components/on-request.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { traceHref } from "../trace/trace-query.ts";
import { ReputationWord } from "./reputation-word.tsx";

type Evidence = RouterOutputs["deliverability"]["day"];
type Provider = RouterOutputs["deliverability"]["fleet"]["receivers"][number]["provider"];

/** Whose days are shown. */
export interface DayScope {
  readonly serverId?: string;
  /** One address of the server alone. */
  readonly address?: string;
  readonly domainId?: string;
  readonly tenantId?: string;
}

/** What the figures of a day at a receiver are made of, once somebody asks: who sent, what did not go through, what was said. */
export function DayEvidence(props: { day: string; provider: Provider; scope: DayScope }) {
  const { t } = useWords();
  return (
    <OnRequest show={t("evidence.show")}>
      <Asked {...props} />
    </OnRequest>
  );
}

function Asked({ day, provider, scope }: { day: string; provider: Provider; scope: DayScope }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data, error } = useQuery(
    trpc.deliverability.day.queryOptions({ ...scope, day, provider: provider ?? "other" }),
  );
  if (data === undefined) return error === null ? <RowsSkeleton rows={3} /> : <ProblemNote error={error} />;
  return (
    <div className="grid min-w-0 gap-4 pb-2">
      <Senders evidence={data} of={scope.domainId === undefined ? "server" : "domain"} />
      <Replies replies={data.replies} />
      {data.samples.length === 0 ? null : (
        <Part title={t("evidence.samples")}>
          <ul className="grid gap-2">
            {data.samples.map(({ saidAt, reply, domain, serverName }) => (
              <li key={`${saidAt.toISOString()} ${domain} ${reply}`} className="grid gap-0.5">
                <span className="text-ink-3 text-meta">
                  <Ago at={saidAt} />, {serverName}, {domain}
                </span>
                <span className="font-mono text-meta [overflow-wrap:anywhere]">{reply}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="grid min-w-0 gap-1.5">
      <h3 className="font-medium text-ink-3 text-meta">{title}</h3>
      {children}
    </section>
  );
}

const head = "py-1 pr-4 font-medium text-ink-3 text-meta";
const cell = "py-1 pr-4 align-top";
const figure = "figures py-1 pr-4 text-right align-top";

function Senders({ evidence: { senders, more }, of }: { evidence: Evidence; of: "server" | "domain" }) {
  const { t, format } = useWords();
  const counted = ["messages", "delivered", "deferred", "refused"] as const;
  return (
    <Part title={t("evidence.senders")}>
      <div className="overflow-x-auto">
        <table className="border-collapse text-left" aria-label={t("evidence.senders")}>
          <thead>
            <tr>
              <th scope="col" className={head}>
                {t(`evidence.sender.${of}`)}
              </th>
              {counted.map((name) => (
                <th key={name} scope="col" className={`${head} text-right`}>
                  {t(`deliverability.column.${name}`)}
                </th>
              ))}
              <th scope="col" className={`${head} max-sm:hidden`}>
                {t("deliverability.column.reputation")}
              </th>
            </tr>
          </thead>
          <tbody>
            {senders.map((row) => (
              <tr key={`${row.id} ${row.address}`}>
                <td className={cell}>
                  <Link
                    href={`/${of}s/${row.id}/deliverability`}
                    className="text-accent hover:underline [overflow-wrap:anywhere]"
                  >
                    <Breakable name={row.name} />
                  </Link>
                  {row.address === "" ? null : (
                    <span className="block font-mono text-ink-3 text-meta">{row.address}</span>
                  )}
                </td>
                {counted.map((name) => (
                  <td key={name} className={figure}>
                    {format.number(row[name])}
                  </td>
                ))}
                <td className={`${cell} max-sm:hidden`}>
                  <ReputationWord reputation={row.reputation} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more === 0 ? null : <p className="text-ink-3 text-meta">{t("evidence.more", { count: more })}</p>}
    </Part>
  );
}

function Replies({ replies }: Pick<Evidence, "replies">) {
  const { t, format } = useWords();
  const may = useMay();
  return (
    <Part title={t("evidence.replies")}>
      {replies.length === 0 ? (
        <p className="text-ink-2">{t("evidence.replies-none")}</p>
      ) : (
        <div className="overflow-x-auto">
          <table className="border-collapse text-left" aria-label={t("evidence.replies")}>
            <thead>
              <tr>
                <th scope="col" className={head}>
                  {t("evidence.column.what")}
                </th>
                <th scope="col" className={head}>
                  {t("evidence.column.reason")}
                </th>
                <th scope="col" className={`${head} text-right`}>
                  {t("evidence.column.count")}
                </th>
                <th scope="col" className={head}>
                  {t("evidence.sender.domain")}
                </th>
              </tr>
            </thead>
            <tbody>
              {replies.map(({ domain, serverId, serverName, status, category, count }) => (
                <tr key={`${serverId} ${domain} ${status} ${category}`}>
                  <td className={`${cell} whitespace-nowrap`}>{t(`evidence.status.${status}`)}</td>
                  <td className={cell}>{t(`reply.${category ?? "unclassified"}`)}</td>
                  <td className={figure}>{format.number(count)}</td>
                  <td className={cell}>
                    <span className="[overflow-wrap:anywhere]">{domain}</span>
                    <span className="block text-ink-3 text-meta">
                      {serverName}
                      {may("trace.start") ? (
                        <>
                          {" · "}
                          <Link href={traceHref({ domain })} className="text-accent hover:underline">
                            {t("evidence.trace")}
                          </Link>
                        </>
                      ) : null}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Part>
  );
}

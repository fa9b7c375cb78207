"use client";
import { useQuery } from "@tanstack/react-query";
import type { RouterInputs, RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { OnRequest } from "../../components/on-request.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Asked = RouterInputs["deliverability"]["senderReports"];
type Row = RouterOutputs["deliverability"]["senderReports"]["rows"][number];

/** The rows of DMARC reports that a sender's numbers are made of, once somebody asks. */
export function ReportRows({ asked }: { asked: Asked }) {
  const { t } = useWords();
  return (
    <OnRequest show={t("senders.reports")}>
      <Rows asked={asked} />
    </OnRequest>
  );
}

const head = "py-1 pr-4 font-medium text-ink-3 text-meta";
const cell = "py-1 pr-4 align-top";

function Rows({ asked }: { asked: Asked }) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.deliverability.senderReports.queryOptions(asked));
  if (data === undefined) return error === null ? <RowsSkeleton rows={3} /> : <ProblemNote error={error} />;
  return (
    <>
      <div className="overflow-x-auto">
        <table className="w-full border-collapse text-left" aria-label={t("senders.reports")}>
          <thead>
            <tr>
              <th scope="col" className={head}>
                {t("course.column.day")}
              </th>
              <th scope="col" className={head}>
                {t("senders.report.receiver")}
              </th>
              <th scope="col" className={head}>
                {t("senders.report.address")}
              </th>
              {asked.domainId === undefined ? (
                <th scope="col" className={head}>
                  {t("senders.report.domain")}
                </th>
              ) : null}
              <th scope="col" className={`${head} text-right`}>
                {t("senders.column.messages")}
              </th>
              <th scope="col" className={head}>
                {t("senders.report.did")}
              </th>
              <th scope="col" className={head}>
                {t("senders.report.result")}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row) => (
              <tr
                key={`${row.reporter} ${row.reportId} ${row.sourceIp} ${row.disposition} ${JSON.stringify([row.dkim, row.spf])}`}
              >
                <td className={`${cell} figures whitespace-nowrap`}>{format.utcDay(row.day)}</td>
                <td className={cell}>{row.reporter}</td>
                <td className={`${cell} font-mono`}>{row.sourceIp}</td>
                {asked.domainId === undefined ? (
                  <td className={`${cell} [overflow-wrap:anywhere]`}>{row.domain}</td>
                ) : null}
                <td className={`${cell} figures text-right`}>{format.number(row.messages)}</td>
                <td className={cell}>{t(`senders.did.${deedOf(row)}`)}</td>
                <td className={`${cell} text-ink-2`}>
                  <Proofs row={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.total > data.rows.length ? (
        <p className="text-ink-3 text-meta">
          {t("senders.reports-more", { shown: data.rows.length, total: data.total })}
        </p>
      ) : null}
    </>
  );
}

function deedOf({ disposition, isDkimAligned, isSpfAligned }: Row) {
  if (disposition === "quarantine" || disposition === "reject") return disposition;
  return isDkimAligned || isSpfAligned ? "pass" : "none";
}

function Proofs({ row: { dkim, spf } }: { row: Row }) {
  const { t } = useWords();
  const proofs = [
    ...dkim.map(({ domain, result }) => t("senders.proof", { what: "DKIM", result, domain })),
    ...(spf === null ? [] : [t("senders.proof", { what: "SPF", result: spf.result, domain: spf.domain })]),
  ];
  return <span className="[overflow-wrap:anywhere]">{proofs.join(", ") || t("senders.proof-none")}</span>;
}

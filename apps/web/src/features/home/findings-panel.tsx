"use client";
import Link from "next/link";
import { type ComponentProps, type ReactNode, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Button } from "../../components/button.tsx";
import { type Level, LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { LostAnswers } from "../alerts/lost-answers.tsx";
import { FindingAnswers } from "../findings/finding-answers.tsx";
import { concernFix, concernTitle } from "../servers/concern-words.ts";
import type { Answerable } from "./with-answers.ts";

type Overview = RouterOutputs["home"]["overview"];

interface Line {
  key: string;
  level: Level;
  title: string;
  about: string;
  sentence: ReactNode;
  fix: { href: string; label: string };
  /** The finding that a person can answer here; left out where the line is none, or many. */
  answered?: ComponentProps<typeof FindingAnswers>;
  /** The channel whose lost alerts a person can answer here. */
  lost?: ComponentProps<typeof LostAnswers>;
}

const urgency: Record<Level, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };

/** More than a screen holds. A large fleet has hundreds, and each is drawn with all its answers. */
const shownAtFirst = 40;

/** Everything that needs somebody, the worst first, each with the way to where it is dealt with. */
export function FindingsPanel({ overview }: { overview: Overview }) {
  const { t } = useWords();
  const lines = useLines(overview);
  const [areAllShown, setAllShown] = useState(false);
  const hidden = areAllShown ? 0 : lines.length - shownAtFirst;
  return (
    <Panel title={t("home.findings")} isFlush>
      {lines.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 py-4 text-ink-2">
          <LevelIcon level="good" className="size-4" />
          {t("home.findings-none")}
        </p>
      ) : (
        <ul>
          {(areAllShown ? lines : lines.slice(0, shownAtFirst)).map((line) => (
            <li key={line.key} className="border-line border-b last:border-b-0">
              <Link
                href={line.fix.href}
                className="group flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-table -outline-offset-2 hover:bg-hover"
              >
                <span className="flex min-w-0 flex-[1_1_20rem] items-start gap-3">
                  <LevelIcon level={line.level} className="mt-0.5 size-4" />
                  <span className="grid min-w-0 gap-0.5">
                    <span className="flex flex-wrap items-baseline gap-x-2">
                      <span className="font-medium">{line.title}</span>
                      <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">{line.about}</span>
                    </span>
                    <span className="text-ink-2">{line.sentence}</span>
                  </span>
                </span>
                <span className="whitespace-nowrap text-accent group-hover:underline max-sm:pl-7">
                  {line.fix.label}
                </span>
              </Link>
              {line.answered === undefined ? null : (
                <div className="px-4 pb-2.5">
                  <FindingAnswers {...line.answered} />
                </div>
              )}
              {line.lost === undefined ? null : (
                <div className="flex flex-wrap items-center justify-end gap-2 px-4 pb-2.5">
                  <LostAnswers {...line.lost} />
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      {hidden > 0 ? (
        <div className="border-line border-t px-4 py-2">
          <Button look="quiet" size="small" onClick={() => setAllShown(true)}>
            {t("home.findings-more", { count: hidden })}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

/** A line that is made of several findings is answered for all of them at once. */
function answeredBy({ answers }: Answerable): Pick<Line, "answered"> {
  const first = answers.find(({ acknowledgedBy }) => acknowledgedBy === null) ?? answers[0];
  if (first === undefined) return {};
  const others = answers.filter(({ id }) => id !== first.id).map(({ id }) => id);
  return { answered: { finding: { ...first, closedAt: null }, others } };
}

function useLines(overview: Overview): Line[] {
  const { findings, domainFindings, certificateFindings, terms, rotationAlarms } = overview;
  const { withdrawalAlarms, openErrors, deliveryFindings, clockProblem, releaseKeyEnd, failedChannels } =
    overview;
  const { t, format } = useWords();
  const may = useMay();
  /** The page of what stands behind a line; null where nothing is kept of it yet, or several things stand on the line. */
  const pageOf = ({ answers }: Answerable): Line["fix"] | null => {
    const [only] = answers;
    return only === undefined || answers.length > 1
      ? null
      : { href: `/findings/${only.id}`, label: t("home.show-finding") };
  };
  const ofServers = findings.map((finding): Line => {
    const fix = concernFix(finding.serverId, finding);
    return {
      key: `${finding.serverId} ${finding.code}`,
      level: finding.level,
      title: concernTitle(t, finding),
      about: `${finding.serverName} · ${finding.tenantName}`,
      sentence: t(`concern.${finding.code}`),
      fix:
        pageOf(finding) ??
        (fix === null
          ? { href: `/servers/${finding.serverId}`, label: t("home.show-server") }
          : { href: fix.href, label: t(fix.label) }),
      ...answeredBy(finding),
    };
  });
  const ofDomains = domainFindings.map(
    (finding): Line => ({
      key: finding.domainId,
      level: finding.level,
      title: t(`domains.health.${finding.health}`),
      about: `${finding.unicodeName} · ${finding.tenantName}`,
      sentence: t("domain.summary.to-fix", { count: finding.recordCount }),
      fix: pageOf(finding) ?? { href: `/domains/${finding.domainId}`, label: t("home.show-records") },
      ...answeredBy(finding),
    }),
  );
  const ofCertificates = certificateFindings.map(
    ({ concern, sentence, ...finding }): Line => ({
      key: finding.certificateId,
      level: concern.level,
      title: t(`certificates.concern.${concern.code}`, { count: Math.max(0, concern.daysLeft ?? 0) }),
      about: `${finding.domainName ?? finding.serverName} · ${finding.tenantName}`,
      sentence:
        sentence ?? (concern.code === "order-failing" ? "" : t(`certificates.concern.${concern.code}-lead`)),
      fix: pageOf(finding) ?? {
        href: finding.domainId === null ? `/servers/${finding.serverId}` : `/domains/${finding.domainId}`,
        label: t("home.show-certificate"),
      },
      ...answeredBy(finding),
    }),
  );
  const ofTerms: Line[] =
    terms !== null
      ? [
          {
            key: "certificate terms",
            level: "attention",
            ...(terms.standing === "changed"
              ? {
                  title: t("home.terms-changed-title", { name: terms.authorityName }),
                  sentence: t("authority.changed-lead", { name: terms.authorityName }),
                }
              : { title: t("home.terms-title"), sentence: t("home.terms-lead") }),
            about: "",
            fix: {
              href: "/settings#certificate-authority",
              label: t(may("certificates.acceptTerms") ? "authority.accept" : "home.terms-show"),
            },
          },
        ]
      : [];
  const ofRotations = rotationAlarms.map(
    (alarm): Line => ({
      key: `rotation ${alarm.domainId}`,
      level: "attention",
      title: t("rotation.alarm"),
      about: `${alarm.unicodeName} · ${alarm.tenantName}`,
      sentence: alarm.sentence,
      fix: pageOf(alarm) ?? { href: `/domains/${alarm.domainId}/keys`, label: t("rotation.show") },
      ...answeredBy(alarm),
    }),
  );
  const ofWithdrawals = withdrawalAlarms.map(
    (alarm): Line => ({
      key: `withdrawal ${alarm.withdrawalId}`,
      level: "attention",
      title: t("withdrawals.alarm"),
      about: `${alarm.unicodeName} · ${alarm.tenantName}`,
      sentence: alarm.sentence,
      fix: pageOf(alarm) ?? { href: "/settings#withdrawals", label: t("withdrawals.show") },
      ...answeredBy(alarm),
    }),
  );
  const fromOutside = openErrors.map((error): Line => {
    const { key, findingId, topic, sentence, subject, subjectCount, tenantName, finding } = error;
    return {
      key,
      level: "trouble",
      title: t(`home.finding-topic.${topic}`),
      about:
        subjectCount === 1
          ? `${subject.name} · ${tenantName}`
          : t("home.finding-shared", { name: subject.name, count: subjectCount - 1 }),
      sentence,
      fix: { href: `/findings/${findingId}`, label: t("home.show-finding") },
      ...(finding === null ? {} : { answered: { finding: { ...finding, closedAt: null } } }),
    };
  });
  const fromReceivers = deliveryFindings.map(
    ({ id, topic, severity, sentence, subject, tenantName, ...answers }) => ({
      isFleet: subject.kind === "organisation",
      line: {
        key: id,
        level: severity === "error" ? "trouble" : "attention",
        title: t(`home.finding-topic.${topic}`),
        about: subject.kind === "organisation" ? "" : `${subject.name} · ${tenantName ?? ""}`,
        sentence,
        fix: { href: `/findings/${id}`, label: t("home.show-finding") },
        answered: { finding: { id, ...answers } },
      } satisfies Line,
    }),
  );
  const ofClocks: Line[] =
    clockProblem === null
      ? []
      : [
          {
            key: "clocks",
            level: "trouble",
            title: t("home.clocks"),
            about: "",
            sentence: clockProblem.sentence,
            fix: { href: "/domains", label: t("home.show-domains") },
          },
        ];
  const ofReleaseKey: Line[] =
    releaseKeyEnd === null
      ? []
      : [
          {
            key: "release-key",
            level: releaseKeyEnd.hasEnded ? "trouble" : "attention",
            title: t("home.release-key"),
            about: "",
            sentence: t(releaseKeyEnd.hasEnded ? "home.release-key-ended" : "home.release-key-ends", {
              day: format.day(releaseKeyEnd.endsAt),
            }),
            fix: { href: "/runbooks/agent-update", label: t("finding.show-runbook") },
          },
        ];
  // What cannot be told to people elsewhere must be told here.
  const ofAlerts = failedChannels.map(
    ({ channelId, name, tenantName, lost, problem, isStopped }): Line => ({
      key: `alerts ${channelId}`,
      level: isStopped ? "attention" : "trouble",
      title: t(isStopped ? "home.alerts-paused" : "home.alerts-failed"),
      about: tenantName === null ? name : `${name} · ${tenantName}`,
      sentence: [
        t(isStopped ? "home.alerts-paused-lead" : "home.alerts-failed-lead", { count: lost, name }),
        problem ?? "",
      ].join(" "),
      fix: { href: "/settings/alerts", label: t("home.show-alerts") },
      lost: { channelId, name, isStopped },
    }),
  );
  const all = [
    // What struck many servers explains much of the rest, so it is read first among what is as urgent.
    ...fromReceivers.filter(({ isFleet }) => isFleet).map(({ line }) => line),
    ...ofClocks,
    ...ofReleaseKey,
    ...ofAlerts,
    ...ofServers,
    ...ofDomains,
    ...ofTerms,
    ...ofCertificates,
    ...ofRotations,
    ...ofWithdrawals,
    ...fromOutside,
    ...fromReceivers.filter(({ isFleet }) => !isFleet).map(({ line }) => line),
  ];
  return all.sort((a, b) => urgency[a.level] - urgency[b.level]);
}

import type { AnswerableFinding } from "@mailstead/services/findings";

/** The findings behind a line of Home; none where nothing of it is kept as one yet. */
export interface Answerable {
  readonly answers: readonly Pick<AnswerableFinding, "id" | "acknowledgedBy" | "snoozedUntil">[];
}

interface Concerns<Server, Domain, Certificate, Rotation, Withdrawal> {
  readonly findings: readonly Server[];
  readonly domainFindings: readonly Domain[];
  readonly certificateFindings: readonly Certificate[];
  readonly rotationAlarms: readonly Rotation[];
  readonly withdrawalAlarms: readonly Withdrawal[];
}

/**
 * Joins what Home lists of hosts, records, certificates, rotations and withdrawals with the findings that are kept of the same, so that
 * each is answered as all others are. A line is left out while everything behind it is snoozed; what comes anew is not.
 */
export function withAnswers<
  Server extends { serverId: string; code: string },
  Domain extends { domainId: string },
  Certificate extends { serverId: string; domainId: string | null; serverName: string },
  Rotation extends { domainId: string; sentence: string },
  Withdrawal extends { withdrawalId: string },
>(
  concerns: Concerns<Server, Domain, Certificate, Rotation, Withdrawal>,
  kept: readonly AnswerableFinding[],
  now: Date,
): Concerns<
  Server & Answerable,
  Domain & Answerable,
  Certificate & Answerable,
  Rotation & Answerable,
  Withdrawal & Answerable
> {
  const join = <Line extends object>(
    lines: readonly Line[],
    isBehind: (line: Line, finding: AnswerableFinding) => boolean,
  ) =>
    lines
      .map((line) => ({ ...line, answers: kept.filter((finding) => isBehind(line, finding)).map(answerOf) }))
      .filter(({ answers }) => answers.length === 0 || answers.some((answer) => !isSnoozed(answer, now)));
  return {
    findings: join(
      concerns.findings,
      ({ serverId, code }, { kind, about, ...finding }) =>
        kind === "condition" && finding.serverId === serverId && about.startsWith(`${code} `),
    ),
    domainFindings: join(
      concerns.domainFindings,
      ({ domainId }, { kind, ...finding }) => kind === "record" && finding.domainId === domainId,
    ),
    certificateFindings: join(
      concerns.certificateFindings,
      ({ serverId, domainId, serverName }, { kind, about, ...finding }) =>
        kind === "certificate" &&
        (domainId === null ? finding.serverId === serverId : finding.domainId === domainId) &&
        about.endsWith(` on ${serverName}`.toLowerCase()),
    ),
    rotationAlarms: join(
      concerns.rotationAlarms,
      ({ domainId, sentence }, { kind, ...finding }) =>
        kind === "keys" && finding.domainId === domainId && finding.sentence === sentence,
    ),
    withdrawalAlarms: join(
      concerns.withdrawalAlarms,
      ({ withdrawalId }, { kind, about }) => kind === "withdrawal" && about === withdrawalId,
    ),
  };
}

function answerOf({ id, acknowledgedBy, snoozedUntil }: AnswerableFinding): Answerable["answers"][number] {
  return { id, acknowledgedBy, snoozedUntil };
}

function isSnoozed({ snoozedUntil }: Answerable["answers"][number], now: Date): boolean {
  return snoozedUntil !== null && snoozedUntil > now;
}

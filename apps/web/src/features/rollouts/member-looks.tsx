"use client";
import type { RouterOutputs } from "../../client/router-types.ts";
import { type Level, LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Member = RouterOutputs["rollouts"]["member"];
type Check = NonNullable<Member["healthBefore"]>["checks"][number];

const levels: Readonly<Record<Check["state"], Level>> = { ok: "good", bad: "trouble", unknown: "unknown" };

/** How a server's mail was before its change, with it, and once it has gone back. */
export function MemberLooks({ member: { healthBefore, healthAfter, healthBack } }: { member: Member }) {
  const { t } = useWords();
  const looks = [
    { key: "before", health: healthBefore },
    { key: "after", health: healthAfter },
    ...(healthBack === null ? [] : [{ key: "back", health: healthBack } as const]),
  ] as const;
  const ids = [...new Set(looks.flatMap(({ health }) => health?.checks.map(({ id }) => id) ?? []))];
  if (ids.length === 0) return <p className="text-ink-2 text-table">{t("rollout.one.no-looks")}</p>;
  return (
    <table className="w-full text-left text-table">
      <thead>
        <tr className="text-ink-3 text-meta">
          <th scope="col" className="py-1 font-medium">
            {t("rollout.one.check")}
          </th>
          {looks.map(({ key }) => (
            <th key={key} scope="col" className="w-22 py-1 pl-2 font-medium max-sm:w-16">
              {t(`rollout.one.${key}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ids.map((id) => {
          const checks = looks.map(({ key, health }) => ({
            key,
            check: health?.checks.find((one) => one.id === id),
          }));
          return (
            <tr key={id} className="border-line border-t align-top">
              <th scope="row" className="py-1.5 font-normal">
                {t(`job.mail-check.${id}`)}
                <Sentences checks={checks} />
              </th>
              {checks.map(({ key, check }) => (
                <Mark key={key} check={check} />
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What was not well, each sentence once, however many looks found it. */
function Sentences({ checks }: { checks: readonly { check: Check | undefined }[] }) {
  const said = checks.flatMap(({ check }) =>
    check === undefined || check.state === "ok" ? [] : check.sentence,
  );
  return [...new Set(said)].map((sentence) => (
    <p key={sentence} className="text-ink-2 text-meta [overflow-wrap:anywhere]">
      {sentence}
    </p>
  ));
}

function Mark({ check }: { check: Check | undefined }) {
  const { t } = useWords();
  return (
    <td className="py-1.5 pl-2">
      {check === undefined ? (
        <span className="text-ink-3">–</span>
      ) : (
        <LevelWord level={levels[check.state]}>{t(`job.mail-check-state.${check.state}`)}</LevelWord>
      )}
    </td>
  );
}

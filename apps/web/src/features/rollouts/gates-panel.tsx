"use client";
import { Facts } from "../../components/facts.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Rollout } from "./control-bar.tsx";
import { ItemVersion } from "./item-version.tsx";
import { useWaveName } from "./use-wave-name.ts";

/** What must hold to go on. */
export function GatesPanel({ rollout }: { rollout: Rollout }) {
  const { t, format } = useWords();
  const { settings, bad, catchUpUntil, endedAt } = rollout;
  return (
    <Panel title={t("rollout.gates")}>
      <Facts
        className="grid-cols-[6.5rem_minmax(0,1fr)]!"
        facts={[
          {
            term: t("rollout.gate.mail"),
            detail: settings.checksMail ? t("rollout.gate.mail-on") : t("rollout.gate.mail-off"),
          },
          { term: t("rollout.gate.canary"), detail: t("rollout.gate.canary-says") },
          ...(settings.checksMail
            ? [{ term: t("rollout.gate.together"), detail: <Together sums={rollout.sums} /> }]
            : []),
          { term: t("rollout.gate.bad"), detail: t("rollout.gate.bad-of", { bad, max: settings.badMax }) },
          {
            term: t("rollout.gate.restores"),
            detail:
              settings.restoresBad && rollout.kind !== "agents"
                ? t("rollout.gate.restores-on")
                : t("rollout.gate.restores-off"),
          },
          {
            term: t("rollout.gate.in-flight"),
            detail: t("rollout.servers", { count: settings.inFlightMax }),
          },
          ...(endedAt === null
            ? [
                {
                  term: t("rollout.gate.catch-up"),
                  detail: t("rollout.gate.catch-up-until", { day: format.day(catchUpUntil) }),
                },
              ]
            : []),
        ]}
      />
    </Panel>
  );
}

/** What all changed servers sent since, held to what is usual for them; waves are named where they are worse. */
function Together({ sums }: Pick<Rollout, "sums">) {
  const { t, format } = useWords();
  const waveName = useWaveName();
  const known = (sums?.parts ?? []).filter(
    ({ wave, kind }) => kind === "worse" || (wave === null && kind === "as-usual"),
  );
  if (known.length === 0) return <span className="text-ink-3">{t("rollout.gate.together-wait")}</span>;
  return known.map(({ wave, about, kind, count, of, usualShare }) => {
    const says = t(`rollout.gate.${about}`, {
      now: format.part(count / of),
      of: format.number(of),
      usual: format.part(usualShare),
    });
    return (
      <LevelSentence key={`${wave} ${about}`} level={kind === "worse" ? "trouble" : "good"}>
        {wave === null ? says : t("rollout.gate.in-wave", { wave: waveName(wave), says })}
      </LevelSentence>
    );
  });
}

/** The exact versions that a rollout brings. */
export function PackagesPanel({ rollout: { packages, packagesInAll } }: { rollout: Rollout }) {
  const { t } = useWords();
  if (packages.length === 0) return null;
  return (
    <Panel title={t("rollout.packages")}>
      <ul className="grid max-h-72 gap-1.5 overflow-y-auto text-table">
        {packages.map(({ name, from, version }) => (
          <li key={`${name} ${version}`} className="grid leading-tight [overflow-wrap:anywhere]">
            <ItemVersion name={name} version={version} from={from} />
          </li>
        ))}
      </ul>
      {packagesInAll > packages.length ? (
        <p className="pt-2 text-ink-3 text-meta">
          {t("rollout.packages-more", { count: packagesInAll - packages.length })}
        </p>
      ) : null}
    </Panel>
  );
}

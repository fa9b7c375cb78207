"use client";
import { providers } from "@mailstead/core/delivery";
import type { FindingMeasure } from "@mailstead/core/findings";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { StartMeasureButton } from "../measures/start-measure-button.tsx";
import { measureStanding } from "./measure-standing.ts";

/** The setting with an end that takes the edge off until the cause is mended, and the button that starts it. */
export function FittingMeasure({
  finding: { sentence, measureServers },
  measure: { measure, provider },
}: {
  finding: Pick<RouterOutputs["findings"]["get"], "sentence" | "measureServers">;
  measure: FindingMeasure;
}) {
  const { t } = useWords();
  const { inForce, without, startable } = measureStanding(measure, measureServers);
  const of = measureServers.length;
  const may = useMay();
  const [only] = measureServers;
  // A button that only leads to a refusal is no help; what is missing is.
  if (of === 1 && without === 1 && only !== undefined)
    return (
      <section className="grid justify-items-start gap-1.5">
        <h2 className="font-medium text-ink-3 text-meta">{t("finding.measure")}</h2>
        <p className="max-w-3xl">{t(`finding.measure.${measure}`)}</p>
        <p className="text-ink-2">{t("measures.needs-standby")}</p>
        <Link href={`/servers/${only.id}/settings#smarthosts`} className="text-accent hover:underline">
          {t("finding.measure.set-standby")}
        </Link>
      </section>
    );
  if (inForce === 0 && !may("measures.start")) return null;
  return (
    <section className="grid justify-items-start gap-1.5">
      <h2 className="font-medium text-ink-3 text-meta">{t("finding.measure")}</h2>
      <p className="max-w-3xl">{t(`finding.measure.${measure}`)}</p>
      {of > 1 && inForce > 0 ? (
        <p className="text-ink-2">{t("finding.measure.in-force-on", { count: inForce, of })}</p>
      ) : null}
      {of > 1 && without > 0 ? (
        <p className="text-ink-2">{t("finding.measure.no-standby", { count: without })}</p>
      ) : null}
      {inForce === 0 ? null : (
        <p className="flex flex-wrap gap-x-2 text-ink-2">
          {t("finding.measure.see")}
          {measureServers
            .filter(({ isInForce }) => isInForce)
            .slice(0, namedMax)
            .map(({ id, name }) => (
              <Link key={id} href={`/servers/${id}#measures`} className="text-accent hover:underline">
                {name}
              </Link>
            ))}
        </p>
      )}
      {of === 0 ? null : (
        <IfMay use="measures.start">
          <StartMeasureButton
            kind={measure}
            target={{ serverIds: startable, provider, title: providers[provider].title }}
            isInForce={inForce === of}
            isBlocked={startable.length === 0}
            reason={sentence.slice(0, reasonLengthMax)}
          />
        </IfMay>
      )}
    </section>
  );
}

const reasonLengthMax = 200;
/** The list of servers beside it names all of them. */
const namedMax = 5;

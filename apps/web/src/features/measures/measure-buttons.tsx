"use client";
import type { ProviderId } from "@mailstead/core/delivery";
import { measureHours, type StartableKind } from "@mailstead/core/measures";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { StartMeasureButton } from "./start-measure-button.tsx";

const kinds = Object.keys(measureHours) as readonly StartableKind[];

export interface MeasureTarget {
  serverId: string;
  provider: ProviderId;
  title: string;
}

/** The measures that a server can take about a receiver, each behind a word on what it will change. */
export function MeasureButtons({ target }: { target: MeasureTarget }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.measures.list.queryOptions({ serverId: target.serverId }));
  const isInForce = (kind: StartableKind) =>
    data?.measures.some(
      (one) => one.kind === kind && one.provider === target.provider && one.endedAt === null,
    ) === true;
  return (
    <IfMay use="measures.start">
      <section className="grid content-start gap-2">
        <h3 className="font-medium text-ink-3 text-meta">{t("measures.help")}</h3>
        <div className="flex flex-wrap gap-2">
          {kinds.map((kind) => (
            <StartMeasureButton
              key={kind}
              kind={kind}
              target={{ ...target, serverIds: [target.serverId] }}
              isInForce={isInForce(kind)}
              isBlocked={kind === "relay" && data?.hasStandby === false}
            />
          ))}
        </div>
        <p className="text-ink-3 text-meta">{t("measures.help-note")}</p>
      </section>
    </IfMay>
  );
}

"use client";
import type { FindingSeverity } from "@mailstead/core/dns";
import type { ServerConcern, ServerLevel } from "@mailstead/core/servers";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CheckFindingItem } from "../domains/check-finding-item.tsx";
import { concernFix, concernTitle, isToldByHost } from "./concern-words.ts";
import { RestartButton } from "./restart-button.tsx";
import type { ServerDetail } from "./server-menu.tsx";
import { ServerStateIcon } from "./server-state-word.tsx";
import { restartableService } from "./service-name.ts";

type ConditionFinding = ServerDetail["conditionFindings"][number];

const ofLevel: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };
const ofSeverity: Record<FindingSeverity, number> = { error: 0, warning: 1, instruction: 2 };

/** Everything that needs somebody on a server, each once and the worst first. */
export function ServerFindings({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  const lines = linesOf(server);
  return (
    <Panel title={t("server.findings")} isFlush>
      {lines.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 py-3 text-ink-2 text-table">
          <ServerStateIcon status={server.status} className="size-4" />
          {server.status === "healthy" ? t("server.all-good") : t(`concern.${server.status}`)}
        </p>
      ) : (
        <ul>
          {lines.map(({ key, line }) => (
            <li key={key} className="border-line border-b last:border-b-0">
              {line}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** How the server stands with us, what its host tells of itself, and what nobody has seen to on it. */
function linesOf(server: ServerDetail): { key: string; weight: number; line: ReactNode }[] {
  const ofUs = server.concerns
    .filter((concern) => !isToldByHost(concern))
    .map((concern) => ({
      key: concern.code,
      weight: ofLevel[concern.level],
      line: <Concern server={server} concern={concern} />,
    }));
  const ofHost = server.conditionFindings.map((finding) => ({
    key: `${finding.kind} ${finding.about}`,
    weight: ofSeverity[finding.severity],
    line: (
      <CheckFindingItem finding={finding} action={<WayToMend serverId={server.id} finding={finding} />} />
    ),
  }));
  const ofUpkeep = server.upkeepFindings.map((finding) => ({
    key: finding.kind,
    weight: ofSeverity[finding.severity],
    line: <CheckFindingItem finding={finding} />,
  }));
  return [...ofUs, ...ofHost, ...ofUpkeep].sort((a, b) => a.weight - b.weight);
}

function Concern({ server, concern }: { server: ServerDetail; concern: ServerConcern }) {
  const { t } = useWords();
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="flex min-w-0 flex-[1_1_20rem] gap-2.5">
        <LevelIcon level={concern.level} className="mt-0.5 size-4" />
        <div className="grid gap-0.5 text-table">
          <p className="font-medium">{concernTitle(t, concern)}</p>
          <p className="text-ink-2">{t(`concern.${concern.code}`)}</p>
        </div>
      </div>
      <WayToFix serverId={server.id} concern={concern} />
    </div>
  );
}

function WayToMend({ serverId, finding: { kind, about } }: { serverId: string; finding: ConditionFinding }) {
  if (kind !== "service-down") return <WayToFix serverId={serverId} concern={{ code: kind, jobId: null }} />;
  const service = restartableService(about);
  return service === null ? null : <RestartButton serverId={serverId} service={service} isNamed />;
}

function WayToFix({
  serverId,
  concern,
}: {
  serverId: string;
  concern: Pick<ServerConcern, "code" | "jobId">;
}) {
  const { t } = useWords();
  const fix = concernFix(serverId, concern);
  if (fix === null) return null;
  return (
    <Button asChild size="small">
      <Link href={fix.href}>{t(fix.label)}</Link>
    </Button>
  );
}

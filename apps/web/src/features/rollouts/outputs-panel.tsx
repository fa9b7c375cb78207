"use client";
import { useQuery } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { MemberStateWord } from "./member-state-word.tsx";

type Output = RouterOutputs["rollouts"]["outputs"]["outputs"][number];

/** What came of it so far, identical outcomes together, what went wrong first. */
export function OutputsPanel({
  rolloutId,
  onOpen,
}: {
  rolloutId: string;
  onOpen: (serverId: string) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.rollouts.outputs.queryOptions({ rolloutId }));
  const outputs = data?.outputs ?? [];
  return (
    <Panel title={t("rollout.outputs")} description={t("rollout.outputs-lead")} isFlush>
      <ProblemNote error={error} />
      <ul>
        {outputs.map((output) => (
          <OutputLine
            key={`${output.state} ${output.sentence} ${output.members[0]?.id}`}
            output={output}
            onOpen={onOpen}
          />
        ))}
      </ul>
      {data !== undefined && data.total > outputs.length ? (
        <p className="border-line border-t px-4 py-2 text-ink-3 text-meta">
          {t("rollout.outputs.cut", { count: data.total - outputs.length })}
        </p>
      ) : null}
    </Panel>
  );
}

function OutputLine({ output, onOpen }: { output: Output; onOpen: (serverId: string) => void }) {
  const { t } = useWords();
  const { state, sentence, servers, members, changes, changesInAll, paths, pathsInAll } = output;
  return (
    <li className="grid gap-1 border-line border-b px-4 py-2.5 last:border-b-0">
      <p className="flex flex-wrap items-baseline gap-x-3 text-table">
        <span className="font-medium">
          <MemberStateWord state={state} />
        </span>
        <span className="figures text-ink-2">
          {state === "waiting" && sentence === null
            ? t("rollout.servers", { count: servers })
            : t("rollout.outputs.same", { count: servers })}
        </span>
      </p>
      {sentence === null ? null : <p className="text-table [overflow-wrap:anywhere]">{sentence}</p>}
      {changes.length === 0 ? null : (
        <p className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
          {changes
            .map(
              ({ name, from, to }) =>
                `${name} ${t("rollout.health.to", {
                  before: from ?? t("rollout.one.new"),
                  after: to ?? t("rollout.one.gone"),
                })}`,
            )
            .join(", ")}
          {changesInAll > changes.length
            ? ` ${t("rollout.outputs.changes-more", { count: changesInAll - changes.length })}`
            : null}
        </p>
      )}
      {paths.length === 0 ? null : (
        <p className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
          {paths.join(", ")}
          {pathsInAll > paths.length
            ? ` ${t("rollout.outputs.paths-more", { count: pathsInAll - paths.length })}`
            : null}
        </p>
      )}
      <ul className="flex flex-wrap gap-x-3 gap-y-0.5 text-meta">
        {members.map(({ id, name }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => onOpen(id)}
              className="rounded-ui text-accent hover:underline"
            >
              {name}
            </button>
          </li>
        ))}
        {servers > members.length ? (
          <li className="text-ink-3">
            {t("rollout.outputs.members-more", { count: servers - members.length })}
          </li>
        ) : null}
      </ul>
    </li>
  );
}

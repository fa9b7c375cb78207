"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ChevronRight, FileText, KeyRound, PackageSearch } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { readProblem } from "../../client/problem.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { fileTree, type TreeNode } from "./file-tree.ts";
import { installStage } from "./install-stage.ts";
import { serviceName } from "./service-name.ts";

type Preview = RouterOutputs["servers"]["preview"];
type PreviewFile = Preview["files"][number];

/** Every file, package and service that the installation will bring, before anything is changed. */
export function InstallScreen({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const server = useQuery(trpc.servers.get.queryOptions({ serverId }));
  const preview = useQuery(trpc.servers.preview.queryOptions({ serverId }));
  if (preview.data === undefined) {
    if (preview.isPending)
      return (
        <Panel isFlush>
          <RowsSkeleton rows={12} />
        </Panel>
      );
    if (readProblem(preview.error).kind === "precondition-failed")
      return (
        <Panel isFlush>
          <EmptyState icon={PackageSearch} title={t("install.not-ready-title")}>
            {readProblem(preview.error).sentence}
          </EmptyState>
        </Panel>
      );
    return <ProblemNote error={preview.error} />;
  }
  const { files, packages, units } = preview.data;
  return (
    <div className="grid gap-4">
      <InstallHead serverId={serverId} preview={preview.data} />
      {server.data?.facts?.canReachPort25 === false ? (
        <p className="rounded-ui bg-attention-soft px-4 py-2.5 text-table">{t("install.port-25")}</p>
      ) : null}
      <FileBrowser files={files} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title={t("install.packages-title")}>
          <p className="font-mono text-ink-2 text-table leading-relaxed">{packages.join("  ")}</p>
        </Panel>
        <Panel title={t("install.services-title")}>
          <p className="text-ink-2 text-table">{units.map(serviceName).join(", ")}</p>
          <p className="flex items-center gap-2 pt-2 text-ink-3 text-meta">
            <KeyRound aria-hidden="true" className="size-3.5" />
            {t("install.made-on-host")}
          </p>
        </Panel>
      </div>
    </div>
  );
}

/** What this list of files is, which depends on how far the host has come, and the one thing to do with it. */
function InstallHead({ serverId, preview }: { serverId: string; preview: Preview }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const server = useQuery(trpc.servers.get.queryOptions({ serverId })).data;
  const install = useMutation(
    trpc.servers.install.mutationOptions({ onSuccess: ({ jobId }) => router.push(`/jobs/${jobId}`) }),
  );
  const stage = server === undefined ? "new" : installStage(server);
  const open = useQuery(
    trpc.jobs.list.queryOptions({ serverId, filter: "active" }, { enabled: stage === "running" }),
  );
  const job = open.data?.jobs.find(({ isInstall }) => isInstall);
  const names = { name: server?.name ?? "", system: server?.osName ?? "Debian" };
  return (
    <section className="flex flex-wrap items-center justify-between gap-4 rounded-ui border border-line bg-surface px-4 py-4">
      <div className="grid gap-1">
        <h2 className="font-semibold text-heading">{t(`install.title.${stage}`)}</h2>
        <p className="max-w-2xl text-ink-2 text-table">{t(`install.lead.${stage}`, names)}</p>
        <p className="figures text-ink-3 text-meta">
          {[
            t("install.packages", { count: preview.packages.length }),
            t("install.files", { count: preview.files.length }),
            t("install.services", { count: preview.units.length }),
          ].join(" · ")}
        </p>
      </div>
      <div className="grid gap-2 max-sm:w-full">
        {stage === "running" ? (
          job === undefined ? null : (
            <Button asChild look="primary" size="large">
              <Link href={`/jobs/${job.id}`}>{t("install.watch")}</Link>
            </Button>
          )
        ) : (
          <IfMay use="servers.install">
            <Button
              look="primary"
              size="large"
              isBusy={install.isPending}
              onClick={() => install.mutate({ serverId })}
            >
              {t(stage === "done" ? "install.again" : "install.action")}
            </Button>
          </IfMay>
        )}
      </div>
      <ProblemNote error={install.error} />
    </section>
  );
}

function FileBrowser({ files }: { files: readonly PreviewFile[] }) {
  const { t } = useWords();
  const [filter, setFilter] = useState("");
  const [pickedPath, setPickedPath] = useState<string | null>(null);
  const shown = useMemo(
    () => files.filter((file) => file.path.toLowerCase().includes(filter.trim().toLowerCase())),
    [files, filter],
  );
  const tree = useMemo(() => fileTree(shown), [shown]);
  const preferred = shown.find((file) => file.path.endsWith("/main.cf")) ?? shown[0];
  const picked = shown.find((file) => file.path === pickedPath) ?? preferred;
  return (
    <section
      aria-label={t("install.files-title")}
      className="grid overflow-hidden rounded-ui border border-line bg-surface lg:grid-cols-[19rem_minmax(0,1fr)]"
    >
      <div className="flex min-h-0 flex-col border-line max-lg:border-b lg:border-r">
        <div className="flex border-line border-b p-2">
          <SearchBox label={t("install.file-filter")} value={filter} onChange={setFilter} />
        </div>
        <nav aria-label={t("install.files-title")} className="max-h-64 overflow-y-auto p-2 lg:max-h-[34rem]">
          {tree.length === 0 ? (
            <p className="px-2 py-3 text-ink-3 text-table">{t("install.no-file")}</p>
          ) : null}
          <Tree nodes={tree} picked={picked?.path ?? null} onPick={setPickedPath} />
        </nav>
      </div>
      {picked === undefined ? null : <FileContent file={picked} />}
    </section>
  );
}

interface TreeProps {
  nodes: readonly TreeNode<PreviewFile>[];
  picked: string | null;
  onPick: (path: string) => void;
}

function Tree({ nodes, picked, onPick }: TreeProps) {
  return (
    <ul className="grid gap-px text-table">
      {nodes.map((node) =>
        node.kind === "folder" ? (
          <li key={node.path}>
            <details open className="group/folder">
              <summary className="flex min-h-7 cursor-pointer list-none items-center gap-1.5 rounded-ui px-1.5 text-ink-2 -outline-offset-2 hover:bg-hover [&::-webkit-details-marker]:hidden">
                <ChevronRight
                  aria-hidden="true"
                  className="size-3 shrink-0 text-ink-3 transition-transform group-open/folder:rotate-90"
                />
                <span className="min-w-0 truncate">{node.name}</span>
              </summary>
              <div className="ml-3 border-line border-l pl-1.5">
                <Tree nodes={node.children} picked={picked} onPick={onPick} />
              </div>
            </details>
          </li>
        ) : (
          <li key={node.path}>
            <button
              type="button"
              aria-current={node.path === picked ? "true" : undefined}
              onClick={() => onPick(node.path)}
              className={classNames(
                "flex min-h-7 w-full items-center gap-1.5 rounded-ui px-1.5 text-left -outline-offset-2",
                node.path === picked ? "bg-accent-soft font-medium text-accent" : "hover:bg-hover",
              )}
            >
              {node.file.isSecret ? (
                <KeyRound aria-hidden="true" className="size-3.5 shrink-0 opacity-70" />
              ) : (
                <FileText aria-hidden="true" className="size-3.5 shrink-0 opacity-70" />
              )}
              <span className="min-w-0 truncate">{node.name}</span>
            </button>
          </li>
        ),
      )}
    </ul>
  );
}

function FileContent({ file }: { file: PreviewFile }) {
  const { t } = useWords();
  const lines = file.content.replace(/\n$/, "").split("\n");
  return (
    <div className="flex min-w-0 flex-col">
      <div className="flex flex-wrap items-center justify-between gap-2 border-line border-b py-2 pr-2 pl-4">
        <div className="grid min-w-0">
          <h3 className="font-medium font-mono text-table [overflow-wrap:anywhere]">{file.path}</h3>
          <p className="text-ink-3 text-meta">
            {t("install.owner", { owner: file.owner, group: file.group, mode: `0${file.mode.toString(8)}` })}
          </p>
        </div>
        {file.isSecret ? null : (
          <CopyButton text={file.content} what={t("install.content")} hasWord look="secondary" />
        )}
      </div>
      {file.isSecret ? (
        <p className="px-4 py-6 text-ink-2 text-table">{t("install.secret")}</p>
      ) : (
        <pre className="max-h-[34rem] overflow-auto bg-sunken py-3 text-meta leading-5">
          <code className="grid w-max min-w-full">
            {lines
              .map((line, index) => ({ line, number: index + 1 }))
              .map(({ line, number }) => (
                <span key={number} className="flex hover:bg-hover">
                  <span
                    aria-hidden="true"
                    className="sticky left-0 w-11 shrink-0 select-none bg-sunken pr-3 text-right text-ink-3"
                  >
                    {number}
                  </span>
                  <span className={classNames("whitespace-pre pr-4", /^\s*[#;]/.test(line) && "text-ink-3")}>
                    {line || " "}
                  </span>
                </span>
              ))}
          </code>
        </pre>
      )}
    </div>
  );
}

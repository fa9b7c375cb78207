"use client";
import { useQuery } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { RolloutPlacePanel } from "../maintenance/rollout-place-panel.tsx";
import { DangerZone } from "./danger-zone.tsx";
import { ForwardersPanel } from "./forwarders-panel.tsx";
import { OverridesPanel } from "./overrides-panel.tsx";
import { RelaysPanel } from "./relays-panel.tsx";
import { SmarthostsPanel } from "./smarthosts-panel.tsx";
import { DriftPolicyPanel, HostnamePanel, StackPanel } from "./stack-settings-panels.tsx";
import { TlsExceptionsPanel } from "./tls-exceptions-panel.tsx";
import { WebPanel } from "./web-panel.tsx";

export type ServerSettings = RouterOutputs["servers"]["settings"];

/** What this server ought to be, each part with its own button to save it. */
export function ServerSettingsScreen({ serverId }: { serverId: string }) {
  const trpc = useTRPC();
  const settings = useQuery(trpc.servers.settings.queryOptions({ serverId }));
  const server = useQuery(trpc.servers.get.queryOptions({ serverId }));
  if (settings.data === undefined || server.data === undefined) {
    return settings.error === null ? (
      <Panel isFlush>
        <RowsSkeleton />
      </Panel>
    ) : (
      <ProblemNote error={settings.error} />
    );
  }
  const part = { serverId, settings: settings.data };
  return (
    <div className="grid max-w-3xl gap-4">
      <HostnamePanel {...part} />
      <StackPanel {...part} />
      <WebPanel {...part} />
      <DriftPolicyPanel {...part} />
      <OverridesPanel {...part} />
      <RelaysPanel {...part} />
      <SmarthostsPanel {...part} />
      <TlsExceptionsPanel {...part} />
      <ForwardersPanel {...part} />
      <RolloutPlacePanel serverId={serverId} />
      <IfMay use="servers.renewEnrolment">
        <DangerZone server={server.data} />
      </IfMay>
    </div>
  );
}

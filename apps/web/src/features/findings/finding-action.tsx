"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { GuardedProcedure } from "../access/needed-roles.ts";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { AccountButtons } from "../accounts/account-buttons.tsx";
import { waysOf } from "../certificates/ways-of-proof.ts";
import { SettleSources } from "../deliverability/settle-sources.tsx";
import { EndMeasureButton, othersInForce } from "../measures/measures-panel.tsx";
import { RestartButton } from "../servers/restart-button.tsx";
import { restartableService } from "../servers/service-name.ts";
import { LookAgain } from "./look-again.tsx";

type Finding = RouterOutputs["findings"]["get"];

/** What one press does about a finding, with what that changes and for how long; nothing where there is no such press. */
export function FindingActionPanel({ finding }: { finding: Finding }) {
  const { t } = useWords();
  const may = useMay();
  const { action, serverId } = finding;
  if (action === null || !neededFor(action.kind, finding.subject.kind).some((one) => may(one))) return null;
  const button = <ActionButton finding={finding} action={action} serverId={serverId} />;
  if (action.kind === "restart" && restartableService(action.unit) === null) return null;
  if (action.kind === "end-measure" && finding.measureId === null) return null;
  return (
    <section className="grid justify-items-start gap-1.5">
      <h2 className="font-medium text-ink-3 text-meta">{t("finding.action")}</h2>
      <p className="max-w-3xl">{t(`finding.action.${action.kind}`)}</p>
      <div className="flex flex-wrap gap-2">{button}</div>
    </section>
  );
}

/** Any of these is enough for there to be something to press. */
function neededFor(
  kind: NonNullable<Finding["action"]>["kind"],
  subject: Finding["subject"]["kind"],
): readonly GuardedProcedure[] {
  switch (kind) {
    case "look-again":
      return [
        subject === "server" ? "servers.checkOutside" : subject === "zone" ? "zones.check" : "domains.check",
      ];
    case "hold-account":
    case "release-account":
      return ["accounts.hold", "accounts.release"];
    case "restart":
      return ["servers.restartService"];
    case "end-measure":
      return ["measures.end"];
    case "get-certificate":
      return ["certificates.request"];
    case "settle-sources":
      return ["deliverability.settleSources"];
  }
}

function ActionButton({
  finding,
  action,
  serverId,
}: {
  finding: Finding;
  action: NonNullable<Finding["action"]>;
  serverId: string | null;
}) {
  if (action.kind === "look-again") return <LookAgain finding={finding} />;
  if (action.kind === "settle-sources") return <SettleSources domainId={finding.subject.id} />;
  if (serverId === null) return null;
  switch (action.kind) {
    case "hold-account":
    case "release-account":
      return (
        <AccountButtons
          serverId={serverId}
          address={action.address}
          isHeld={action.kind === "release-account"}
          waiting={finding.waitingOrder}
        />
      );
    case "restart": {
      const service = restartableService(action.unit);
      return service === null ? null : <RestartButton serverId={serverId} service={service} isNamed />;
    }
    case "end-measure":
      return finding.measureId === null ? null : (
        <EndOfMeasure serverId={serverId} measureId={finding.measureId} />
      );
    case "get-certificate":
      return <GetCertificate finding={finding} serverId={serverId} />;
  }
}

function EndOfMeasure({ serverId, measureId }: { serverId: string; measureId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.measures.list.queryOptions({ serverId }));
  const measure = data?.measures.find(({ id, endBecause }) => id === measureId && endBecause === null);
  if (data === undefined || measure === undefined) return null;
  return (
    <p className="flex flex-wrap items-center gap-2">
      <EndMeasureButton measure={measure} others={othersInForce(data.measures, measure)} />
      <span className="text-ink-2">
        {t("measures.until")} <Ago at={measure.endsAt} />.
      </span>
    </p>
  );
}

function GetCertificate({ finding: { subject }, serverId }: { finding: Finding; serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const domainId = subject.kind === "domain" ? subject.id : null;
  const { data } = useQuery(
    trpc.certificates.list.queryOptions(domainId === null ? { serverId } : { domainId }),
  );
  const request = useMutation(
    trpc.certificates.request.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.certificates.pathKey() }),
    }),
  );
  const known = data?.find((view) => view.serverId === serverId && view.domainId === domainId) ?? null;
  const { again } = waysOf(known, domainId === null ? "server" : "domain");
  return (
    <IfMay use="certificates.request">
      <Button
        size="small"
        isBusy={request.isPending}
        onClick={() => request.mutate({ serverId, ...again, ...(domainId === null ? {} : { domainId }) })}
      >
        {t("certificates.get")}
      </Button>
      {request.isSuccess ? <span className="self-center text-ink-2">{t("finding.asked")}</span> : null}
      <ProblemNote error={request.error} />
    </IfMay>
  );
}

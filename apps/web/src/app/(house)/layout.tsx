import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { columnCookie, readColumnChoices } from "../../components/column-choice.ts";
import { ColumnChoiceProvider } from "../../components/column-choice-provider.tsx";
import { RoleProvider } from "../../features/access/role-provider.tsx";
import { LiveProvider } from "../../features/live/live-provider.tsx";
import { AppShell } from "../../features/shell/app-shell.tsx";
import { requireMember } from "../../server/page.tsx";

export default async function HouseLayout({ children }: { children: ReactNode }) {
  const { session, services } = await requireMember();
  const { name, email, organisationName, userId } = session;
  const columns = readColumnChoices((await cookies()).get(columnCookie(userId))?.value);
  return (
    <LiveProvider>
      <ColumnChoiceProvider userId={userId} initial={columns}>
        <RoleProvider role={services.actor.kind === "user" ? services.actor.role : "auditor"}>
          <AppShell person={{ name, email, organisationName }}>{children}</AppShell>
        </RoleProvider>
      </ColumnChoiceProvider>
    </LiveProvider>
  );
}

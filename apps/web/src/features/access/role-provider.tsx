"use client";
import { isRoleAtLeast, type Role } from "@mailstead/core/access";
import { createContext, type ReactNode, useCallback, useContext } from "react";
import { type GuardedProcedure, neededRoles } from "./needed-roles.ts";

const RoleContext = createContext<Role | null>(null);

/** Tells every screen below what the person who is signed in may do. */
export function RoleProvider({ role, children }: { role: Role; children: ReactNode }) {
  return <RoleContext value={role}>{children}</RoleContext>;
}

/** Says whether the person may use a procedure. The service decides it again for each request. */
export function useMay(): (procedure: GuardedProcedure) => boolean {
  const role = useContext(RoleContext);
  return useCallback((procedure) => role !== null && isRoleAtLeast(role, neededRoles[procedure]), [role]);
}

/** What is shown to people only who may use the procedure that it leads to, so that nobody is offered what is then refused. */
export function IfMay({ use, children }: { use: GuardedProcedure; children: ReactNode }) {
  return useMay()(use) ? children : null;
}

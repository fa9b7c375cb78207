"use client";
import { isRoleAtLeast, type Role } from "@mailstead/core/access";
import { createContext, type ReactNode, useCallback, useContext } from "react";

const RoleContext = createContext<Role | null>(null);

/** Tells every screen below what the person who is signed in may do. */
export function RoleProvider({ role, children }: { role: Role; children: ReactNode }) {
  return <RoleContext value={role}>{children}</RoleContext>;
}

/** Says whether the person may do what needs this role. A service decides it again for each request. */
export function useMay(): (needed: Role) => boolean {
  const role = useContext(RoleContext);
  return useCallback((needed) => role !== null && isRoleAtLeast(role, needed), [role]);
}

/** What only people of at least this role see, so that nobody is offered what is then refused. */
export function ForRole({ needed, children }: { needed: Role; children: ReactNode }) {
  return useMay()(needed) ? children : null;
}

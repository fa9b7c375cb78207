import { type Role, roles } from "@mailstead/core/access";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { GuardedProcedure } from "./needed-roles.ts";
import { IfMay, RoleProvider } from "./role-provider.tsx";

const forEach: readonly GuardedProcedure[] = [
  "certificates.acceptTerms",
  "servers.remove",
  "mailboxes.create",
];

/** Which of the buttons a person of this role is shown. */
const shownTo = (role: Role | null) => {
  const buttons = forEach.map((use) => (
    <IfMay key={use} use={use}>
      {use}{" "}
    </IfMay>
  ));
  return renderToStaticMarkup(
    role === null ? buttons : <RoleProvider role={role}>{buttons}</RoleProvider>,
  ).trim();
};

test.each(roles.map((role, index) => [role, forEach.slice(index).join(" ")]))(
  "%s is shown what leads to something that this role may use, and no more",
  (role, shown) => {
    expect(shownTo(role)).toBe(shown);
  },
);

test("nobody is shown anything that is not for everybody where no role is known", () => {
  expect(shownTo(null)).toBe("");
});

import { type Role, roles } from "@mailstead/core/access";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { ForRole, RoleProvider } from "./role-provider.tsx";

/** Which of the buttons for each role a person of this role is shown. */
const shownTo = (role: Role | null) => {
  const buttons = roles.map((needed) => (
    <ForRole key={needed} needed={needed}>
      {needed}{" "}
    </ForRole>
  ));
  return renderToStaticMarkup(
    role === null ? buttons : <RoleProvider role={role}>{buttons}</RoleProvider>,
  ).trim();
};

test.each([
  ["owner", "owner admin technician auditor"],
  ["admin", "admin technician auditor"],
  ["technician", "technician auditor"],
  ["auditor", "auditor"],
] as const)("%s is shown what that role may do, and no more", (role, shown) => {
  expect(shownTo(role)).toBe(shown);
});

test("nobody is shown anything for a role where none is known", () => {
  expect(shownTo(null)).toBe("");
});

import { describe, expect, test } from "vitest";
import { chooseColumns, columnCookie, columnCookieLine, readColumnChoices } from "./column-choice.ts";

const columns = [
  { id: "server" },
  { id: "role", from: "xl" },
  { id: "address", isHiddenAtFirst: true },
] as const;
const shown = (choice: Record<string, boolean>) =>
  chooseColumns<{ id: string; from?: "sm" | "md" | "lg" | "xl"; isHiddenAtFirst?: boolean }>(
    columns,
    choice,
  ).map(({ id, from }) => (from === undefined ? id : `${id} from ${from}`));

describe("the columns of a list", () => {
  test("are those that the list thinks best while nobody has said a word", () => {
    expect(shown({})).toEqual(["server", "role from xl"]);
  });
  test("are those that the person asked for, from a tablet's width on", () => {
    expect(shown({ role: true, address: true })).toEqual(["server", "role from md", "address from md"]);
    expect(shown({ role: false })).toEqual(["server"]);
  });
});

describe("what a browser keeps of the choices", () => {
  test("reads as it was written, apart for each person", () => {
    const choices = { servers: { role: false, address: true } };
    const [name = "", value = ""] = (columnCookieLine("ann", choices).split(";")[0] ?? "").split("=");
    expect(name).toBe(columnCookie("ann"));
    expect(name).not.toBe(columnCookie("ben"));
    expect(readColumnChoices(value)).toEqual(choices);
  });
  test.each([undefined, "", "%", "[1]", '{"servers":{"role":"yes"}}'])(
    "is no choice when it is %j",
    (value) => {
      expect(readColumnChoices(value)).toEqual({});
    },
  );
});

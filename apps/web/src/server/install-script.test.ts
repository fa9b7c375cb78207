import { expect, test } from "vitest";
import { fillInstallScript } from "./install-script.ts";

test("the address is put in, and cannot leave its quotes", () => {
  expect(fillInstallScript("u='@PUBLIC_URL@'", "https://mail.example")).toBe("u='https://mail.example'");
  expect(fillInstallScript("u='@PUBLIC_URL@'", "https://x/'$(id)$&")).toBe("u='https://x/'\\''$(id)$&'");
});

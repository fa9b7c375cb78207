import { describe, expect, it } from "vitest";
import { withOwnName } from "./set-hostname.ts";

describe("the host's own line in /etc/hosts", () => {
  it("replaces the one that an installer wrote", () => {
    expect(withOwnName("127.0.0.1\tlocalhost\n127.0.1.1\tvps\n::1 localhost\n", "mail.alpha.example")).toBe(
      "127.0.0.1\tlocalhost\n127.0.1.1\tmail.alpha.example mail\n::1 localhost\n",
    );
  });

  it("comes after the loopback where there is none", () => {
    expect(withOwnName("127.0.0.1\tlocalhost\n::1 localhost\n", "mail.alpha.example")).toBe(
      "127.0.0.1\tlocalhost\n127.0.1.1\tmail.alpha.example mail\n::1 localhost\n",
    );
    expect(withOwnName("", "mail.alpha.example")).toBe("127.0.1.1\tmail.alpha.example mail\n");
  });
});

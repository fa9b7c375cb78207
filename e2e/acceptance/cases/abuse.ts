import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import type { MailHost } from "../mail-host.ts";
import { guessFrom } from "../outside-client.ts";

const address = (last: number) => `198.51.100.${last}`;

/** Group I: who guesses passwords is shut out. */
export const abuseCases: readonly AcceptanceCase[] = [
  {
    id: "AT-I01",
    promise:
      "ten wrong SMTP passwords, or twenty wrong IMAP or ManageSieve passwords, in half a minute shut an address out without an answer",
    async run(server) {
      const expectDoor = async (
        last: number,
        { protocol, guesses, door }: Parameters<typeof guessFrom>[2],
      ): Promise<void> => {
        const guessed = await guessFrom(server, address(last), { protocol, guesses, door });
        if (guessed.door !== door)
          assert.fail(
            `${guesses} guesses at ${protocol}: ${JSON.stringify(guessed)}\n${await whatFail2banSaw(server)}`,
          );
        if (door === "open")
          assert.equal(guessed.answered, guesses, `${protocol} ${JSON.stringify(guessed)}`);
      };
      for (const [last, protocol, tooMany, few] of [
        [201, "submissions", 12, 4],
        [203, "imaps", 24, 12],
        [205, "managesieve", 24, 12],
      ] as const)
        await Promise.all([
          expectDoor(last, { protocol, guesses: tooMany, door: "silent" }),
          expectDoor(last + 1, { protocol, guesses: few, door: "open" }),
        ]);
    },
  },
  {
    id: "AT-I02",
    promise:
      "loopback and exempt networks are never shut out, banned networks always are, and a ban can be lifted",
    async run(server) {
      const stack = {
        ...server.target.stack,
        // The network does not hold the address, so that each is exempt by its own line only.
        neverBanned: [address(211), "198.51.100.224/30", "2001:db8:51::d3"],
        alwaysBanned: [address(212), "198.51.100.216/30", "2001:db8:bad::/48"],
      };
      await server.withTarget({ stack }, async () => {
        for (const last of [211, 225]) {
          const exempt = await guessFrom(server, address(last), {
            protocol: "submissions",
            guesses: 14,
            door: "open",
          });
          assert.deepEqual(exempt, { answered: 14, door: "open" }, address(last));
        }
        for (const last of [212, 217]) {
          const banned = await guessFrom(server, address(last), {
            protocol: "imaps",
            guesses: 0,
            door: "silent",
          });
          assert.equal(banned.door, "silent", `${address(last)} ${JSON.stringify(banned)}`);
        }
        await guessOnLoopback(server, 25);
        const banned = await server.shell("fail2ban-client get mailstead-access banip");
        assert.doesNotMatch(banned, /127\.0\.0\.1/);
      });
      const shut = await guessFrom(server, address(213), {
        protocol: "submissions",
        guesses: 12,
        door: "silent",
      });
      assert.equal(shut.door, "silent", JSON.stringify(shut));
      await server.shell('fail2ban-client set mailstead-smtp unbanip "$1"', address(213));
      const open = await guessFrom(server, address(213), {
        protocol: "submissions",
        guesses: 0,
        door: "open",
      });
      assert.equal(open.door, "open", JSON.stringify(open));
    },
  },
];

/** Wrong passwords from the host itself, where IMAP takes them without TLS. */
async function guessOnLoopback(server: MailHost, guesses: number): Promise<void> {
  const script = `for n in $(seq "$1"); do
  (exec 3<>/dev/tcp/127.0.0.1/143; read -r _ <&3; printf 'a LOGIN nobody@x.example wrong\\r\\n' >&3; read -r _ <&3) &
done; wait`;
  await server.host.must(["bash", "-c", script, "bash", String(guesses)], { timeoutMs: 60_000 });
  await server.waitFor("the guesses in the log", async () => {
    const log = await server.shell(
      "journalctl -t dovecot --since -2min --no-pager | grep -c 'auth failed.*rip=127.0.0.1' || true",
    );
    return Number(log) >= guesses ? true : undefined;
  });
}

/** What fail2ban counted and which lines it read last, for the one who looks at a failure. */
async function whatFail2banSaw(server: MailHost): Promise<string> {
  return await server.shell(
    "for jail in mailstead-smtp mailstead-access; do fail2ban-client status $jail; done; date; tail -n 40 /var/log/fail2ban.log; journalctl -u dovecot -n 30",
  );
}

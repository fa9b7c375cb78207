import { expect, test } from "vitest";
import { readConffiles, readFileList, rebuiltControl } from "./dpkg-records.ts";

const status = `Package: postsrsd
Status: install ok installed
Priority: optional
Architecture: amd64
Version: 1.10-2
Config-Version: 1.10-2
Conffiles:
 /etc/apparmor.d/usr.sbin.postsrsd 0123456789abcdef0123456789abcdef
 /etc/a name with spaces 11111111111111111111111111111111
 /etc/init.d/postsrsd 22222222222222222222222222222222 obsolete
 /etc/gone 33333333333333333333333333333333 remove-on-upgrade
Description: sender rewriting
 for mail that is
 .
 forwarded
Homepage: https://postsrsd.example
`;
const wanted = { name: "postsrsd", architecture: "amd64", version: "1.10-2" } as const;

test("a control file is a record of dpkg's without what dpkg adds to it, and says that it was rebuilt", () => {
  expect(rebuiltControl(status, wanted)).toBe(`Package: postsrsd
Priority: optional
Architecture: amd64
Version: 1.10-2
Description: sender rewriting
 for mail that is
 .
 forwarded
Homepage: https://postsrsd.example
Mailstead-Rebuilt: yes
`);
  const again = status.replace("Description:", "Mailstead-Rebuilt: yes\nDescription:");
  expect(rebuiltControl(again, wanted)?.match(/Mailstead-Rebuilt/g)).toHaveLength(1);
});

test("nothing is rebuilt of another version, or of what is not wholly installed", () => {
  expect(rebuiltControl(status, { ...wanted, version: "1.10-3" })).toBeNull();
  expect(rebuiltControl(status, { ...wanted, architecture: "arm64" })).toBeNull();
  expect(rebuiltControl(status.replace("ok installed", "ok half-configured"), wanted)).toBeNull();
  expect(rebuiltControl("", wanted)).toBeNull();
});

test("conffiles that the package no longer has are left out", () => {
  const { conffiles, leftOut } = readConffiles(status);
  expect(conffiles).toEqual([
    { path: "/etc/apparmor.d/usr.sbin.postsrsd", digest: "0123456789abcdef0123456789abcdef" },
    { path: "/etc/a name with spaces", digest: "11111111111111111111111111111111" },
  ]);
  expect(leftOut).toEqual(["/etc/init.d/postsrsd", "/etc/gone"]);
});

test("a file that another package diverts is found where it lies", () => {
  const listed = `/.
/usr
/usr/bin
/usr/bin/tool
diverted by other-tool to: /usr/bin/tool.real
/usr/share/doc
package diverts others to: /usr/share/x
/usr/sbin/own
locally diverted to: /usr/sbin/own.kept
`;
  expect(readFileList(listed)).toEqual({
    paths: ["/usr", "/usr/bin", "/usr/bin/tool", "/usr/share/doc", "/usr/sbin/own"],
    diverted: new Map([
      ["/usr/bin/tool", "/usr/bin/tool.real"],
      ["/usr/sbin/own", "/usr/sbin/own.kept"],
    ]),
  });
});

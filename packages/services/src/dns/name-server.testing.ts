import { TestNameServer } from "./name-server.fixture.ts";

export type NameServerForTests = TestNameServer;

/** A name server on a loopback address, for tests of other slices; without zones it is a resolver. */
export function makeNameServer(address: string, zones: string[] = []): NameServerForTests {
  return new TestNameServer(address, zones);
}

import { TestNameServer } from "./name-server.fixture.ts";

export type NameServerForTests = TestNameServer;

/** A name server for tests of other slices: with authority in these zones, or a resolver without any. */
export function makeNameServer(address: string, zones: string[] = []): NameServerForTests {
  return new TestNameServer(address, zones);
}

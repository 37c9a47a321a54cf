import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../../protocol/version.ts";
import { DAEMON_EXPECTATION, meetsExpectation } from "../../../runtime/daemon-expectation.ts";
import { PACKAGE_VERSION } from "../../../runtime/version.ts";

test.each([
  ["its own version", DAEMON_EXPECTATION, true],
  ["an older version of its protocol", `pisync=0.0.1;protocol=${PROTOCOL_VERSION}`, true],
  ["a newer version", `pisync=99.0.0;protocol=${PROTOCOL_VERSION}`, false],
  ["an older protocol", `pisync=${PACKAGE_VERSION};protocol=${PROTOCOL_VERSION - 1}`, false],
  ["a newer protocol", `pisync=${PACKAGE_VERSION};protocol=${PROTOCOL_VERSION + 1}`, false],
  ["something else", "100-continue", false],
  ["nothing", "", false],
])("a daemon asked to be %s", (_, expectation, met) => {
  expect(meetsExpectation(expectation)).toBe(met);
});
